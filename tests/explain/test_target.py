"""What a target rests on is found where it was planted, adds up, and is kept without code."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from interpretable_gan.atomic import read_json
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import (
    ConfigError,
    DataError,
    RunError,
    SchemaError,
    UnknownAttributeError,
)
from interpretable_gan.explain import (
    TargetHead,
    explain_target,
    fit_target,
    target_fit,
)
from interpretable_gan.explain.target_head import basis
from interpretable_gan.models import origin
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

ROWS = 1200
HAIR = ("black", "blond", "green")


@dataclass
class Sees:
    """An encoder that reads the first pixels of an image: all columns but the target's, whose
    reading is always the truth, so that cheating would pay."""

    schema: Schema

    def read(self, images):
        pixels = images.flatten(1)[:, : self.schema.columns].clone()
        first = self.schema.slices["glasses"].start
        pixels[:, first] *= 8  # log-odds
        hair = self.schema.slices["hair"]
        pixels[:, hair] *= 8
        return pixels

    def read_code(self, images):
        return Reading(self.schema).as_code(self.read(images))


def case(kind, label):
    """A model and data whose target is ``label(glasses, height, blond, rng)`` of the others."""
    settings = {"levels": HAIR} if kind == "categorical" else {}
    settings |= {"range": (-10.0, 10.0), "unit": "points"} if kind == "continuous" else {}
    schema = Schema(
        name="planted",
        target="risk",
        attributes=(
            Attribute(name="glasses"),
            Attribute(name="height", kind="continuous", range=(150, 200), unit="cm"),
            Attribute(name="hair", kind="categorical", levels=HAIR),
            Attribute(name="risk", kind=kind, **settings),
        ),
    )
    rng = np.random.default_rng(0)
    glasses, blond = rng.random(ROWS) < 0.5, rng.random(ROWS) < 0.3
    height = rng.uniform(-1, 1, ROWS)
    risk = label(2.0 * glasses - 1, height, blond, rng)
    names = np.where(blond, "blond", "black")
    table = {"glasses": glasses, "height": 175 + 25 * height, "hair": names, "risk": risk}
    codes, known = schema.pack({name: list(values) for name, values in table.items()})
    flat = np.zeros((ROWS, 3 * 256), np.uint8)
    flat[:, : codes.shape[1]] = np.round((codes + 1) * 127.5)
    images = flat.reshape(ROWS, 3, 16, 16).transpose(0, 2, 3, 1).copy()
    parts = np.split(np.arange(ROWS), [700, 900])
    splits = dict(zip(("train", "validation", "test"), parts, strict=True))
    data = Dataset(
        name="planted", schema=schema, images=images, codes=codes, known=known, splits=splits
    )
    return Sees(schema.with_discovered(2)), data


@pytest.fixture(autouse=True)
def fingerprints(monkeypatch):
    """Encoders without networks are told apart by what they read."""

    def of(model):
        return model.schema.name if isinstance(model, Sees) else fingerprint(model)

    monkeypatch.setattr(origin, "fingerprint", of)
    monkeypatch.setattr(target_fit, "fingerprint", of)


@pytest.fixture(scope="module")
def linear():
    return case("continuous", lambda glasses, height, blond, rng: 1 + 2 * glasses - 4 * height)


def test_a_planted_line_is_found_again(linear):
    model, data = linear
    head = fit_target(model, data)
    _, glasses = head.curve("glasses", 2)
    _, height = head.curve("height", 2)
    assert np.diff(glasses[:, 0, 0]) == pytest.approx([4], rel=0.02)
    assert np.diff(height[:, 0, 0]) == pytest.approx([-8], rel=0.02)
    assert head.quality["r2"]["value"] > 0.99
    assert [row["attribute"] for row in head.to_rows()][:2] == ["height", "glasses"]
    assert head.importance["hair"] < 0.05
    assert (head.fitted_on, head.measured_on) == (700, 300)
    assert "It rests most on height (2.1" in head.sentence()


def test_contributions_add_up_to_the_score_and_are_zero_on_average(linear):
    model, data = linear
    head = fit_target(model, data, shape="smooth")
    images = data.batch(data.rows("train"))[0]
    explained = explain_target(model, images, head)
    assert explained.sum_error < 1e-12
    assert explained.contributions.mean(axis=0) == pytest.approx(0, abs=1e-3)
    truth = data.schema.read(data.codes[data.rows("train")])["risk"]
    assert np.abs(explained.values - truth).mean() < 0.3
    tall, number = int(data.codes[:700, 1].argmax()), explained.names.index("height")
    assert explained.contributions[tall, number, 0] == pytest.approx(-4, abs=0.3)
    assert "points. It is pulled" in explained.sentence(tall)
    rows = explained.to_rows()
    total = sum(row["contribution"] for row in rows if row["image"] == tall)
    assert total == pytest.approx(explained.score[tall, 0])


def test_bars_show_what_moves_an_image_and_which_way(linear):
    model, data = linear
    explained = explain_target(model, data.batch(np.arange(700))[0], fit_target(model, data))
    tall = int(data.codes[:700, 1].argmax())
    name, term = explained.strongest(tall)[0]
    assert (name, term) == ("height", explained.totals(tall)["height"])
    picture = np.asarray(explained.plot(tall, count=1)).astype(int)
    orange = (picture == [230, 97, 1]).all(axis=2)
    blue = (picture == [23, 87, 178]).all(axis=2)
    assert term < 0
    assert blue.any()
    assert not orange.any()
    up = explained.plot(int(data.codes[:700, 1].argmin()), count=1)
    assert (np.asarray(up) == [230, 97, 1]).all(axis=2).sum() == blue.sum()


def test_a_sum_that_does_not_hold_is_noticed(linear):
    model, data = linear
    explained = explain_target(model, data.batch([0])[0], fit_target(model, data))
    wrong = type(explained)(**vars(explained) | {"offset": explained.offset + 1})
    assert wrong.sum_error > 0.05


def test_a_smooth_shape_sees_what_a_line_cannot():
    model, data = case("continuous", lambda glasses, height, blond, rng: 9 * height**2)
    line, curve = fit_target(model, data), fit_target(model, data, shape="smooth")
    assert line.quality["r2"]["interval"][1] < 0.1
    assert curve.quality["r2"]["interval"][0] > 0.98
    codes, added = curve.curve("height", 21)
    np.testing.assert_allclose(added[:, 0, 0] - added[10, 0, 0], 9 * codes**2, atol=0.6)


def test_the_target_does_not_explain_itself():
    def coin(glasses, height, blond, rng):
        return rng.random(ROWS) < 0.5

    model, data = case("binary", coin)
    head = fit_target(model, data)
    assert head.quality["of_encoder"]["accuracy"]["value"] == 1  # it could have cheated
    low, high = head.quality["accuracy"]["interval"]
    assert low < 0.55
    assert high < 0.62
    images = data.batch(np.arange(5))[0]
    other = images.clone(memory_format=torch.contiguous_format)
    column = model.schema.slices["risk"].start
    other.view(5, -1)[:, column] *= -1
    before, after = (explain_target(model, some, head) for some in (images, other))
    assert np.array_equal(before.score, after.score)
    assert "risk" not in before.names


def test_a_planted_chance_is_read_as_a_probability():
    def chance(glasses, height, blond, rng):
        return rng.random(ROWS) < 1 / (1 + np.exp(-3 * glasses))

    model, data = case("binary", chance)
    head = fit_target(model, data)
    explained = explain_target(model, data.batch(data.rows("test"))[0], head)
    on = data.codes[data.rows("test"), 0] > 0
    assert explained.values[on].mean() == pytest.approx(0.953, abs=0.03)
    assert explained.values[~on].mean() == pytest.approx(0.047, abs=0.03)
    assert "probability 0.9" in explained.sentence(int(on.argmax()))
    assert explained.totals(int(on.argmax()))["glasses"] > 1


@pytest.mark.parametrize("levels", [("black", "green"), HAIR], ids=["two of three", "all three"])
def test_levels_share_a_softmax_and_one_never_seen_is_never_said(levels):
    def level(glasses, height, blond, rng):
        return np.array(levels)[((height + 1) / 2 * len(levels)).astype(int)]

    model, data = case("categorical", level)
    head = fit_target(model, data)
    assert head.quality["accuracy"]["value"] > 0.85
    explained = explain_target(model, data.batch(data.rows("test"))[0], head)
    assert set(explained.values) == set(levels)
    assert explained.sum_error < 1e-12
    tall = int(data.codes[data.rows("test"), 1].argmax())
    assert explained.values[tall] == levels[-1]
    totals = explained.totals(tall)
    assert max(totals, key=totals.get) == "height"
    json.loads(explained.to_json())


def test_rows_without_a_label_for_the_target_teach_nothing(linear):
    model, data = linear
    known = data.known.copy()
    known[350:700, -1] = False
    codes = np.where(known, data.codes, 0)
    some = type(data)(**vars(data) | {"known": known, "codes": codes})
    head = fit_target(model, some)
    assert head.fitted_on == 350
    assert head.quality["r2"]["value"] > 0.99


def test_what_was_fitted_is_kept_as_plain_text_and_is_the_same_again(linear, tmp_path):
    model, data = linear
    head = fit_target(model, data, shape="smooth")
    head.save(tmp_path / "target.json")
    again = TargetHead.load(tmp_path / "target.json", model.schema)
    code = model.read_code(data.batch(np.arange(9))[0]).numpy()
    assert np.array_equal(again.scores(code), head.scores(code))
    assert again.sentence() == head.sentence()
    assert json.loads((tmp_path / "target.json").read_text())["target"] == "risk"
    with pytest.raises(RunError, match="another schema"):
        TargetHead.load(tmp_path / "target.json", model.schema.with_discovered(1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("target", "luck", id="unknown target"),
        pytest.param("shape", "wavy", id="unknown shape"),
        pytest.param("shape", "smooth", id="weights of another shape"),
        pytest.param("offset", 0.0, id="offset that is no list"),
        pytest.param("offset", [0.0, 1.0], id="two offsets"),
        pytest.param("offset", [float("nan")], id="an offset that is no number"),
        pytest.param("centre", [[0.0]], id="centre of one column"),
        pytest.param("weights", [1.0, "x"], id="weights that are words"),
        pytest.param("weights", None, id="no weights"),
        pytest.param("importance", 5, id="importance that is a number"),
        pytest.param("quality", {}, id="no quality"),
        pytest.param("quality", [1], id="quality that is a list"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(linear, tmp_path, field, value):
    model, data = linear
    path = tmp_path / "target.json"
    fit_target(model, data).save(path)
    path.write_text(json.dumps(read_json(path) | {field: value}))
    with pytest.raises(RunError, match="holds no target head") as raised:
        TargetHead.load(path, model.schema)
    assert "\n" not in str(raised.value)


def test_a_shape_that_there_is_not_is_refused(linear, tmp_path):
    model, data = linear
    path = tmp_path / "target.json"
    fit_target(model, data, shape="smooth").save(path)
    path.write_text(json.dumps(read_json(path) | {"shape": "smoth"}))
    with pytest.raises(RunError, match="Did you mean 'smooth'"):
        TargetHead.load(path, model.schema)


@pytest.mark.parametrize("text", ['{"target": "risk"}', "[1]", "5", "{", '{"schema": 5}'])
def test_a_file_that_is_none_is_refused_in_one_line(linear, tmp_path, text):
    (tmp_path / "target.json").write_text(text)
    with pytest.raises(RunError, match="holds no target head"):
        TargetHead.load(tmp_path / "target.json", linear[0].schema)


def test_a_head_does_not_explain_what_other_weights_read(model, world, images):
    head, other = fit_target(model, world.data, "smiling"), world.run.model()
    with torch.no_grad():
        other.networks.discriminator.encoder.offset += 1
    explain_target(model, images, head)
    with pytest.raises(RunError, match="head was made for other weights"):
        explain_target(other, images, head)


def test_a_head_cannot_be_changed(linear):
    head = fit_target(*linear)
    with pytest.raises(TypeError):
        head.importance["height"] = 0
    with pytest.raises(TypeError):
        head.quality["r2"]["value"] = 1


@pytest.mark.parametrize("target", ["smiling", "hair_color", "age"])
def test_any_attribute_of_a_real_run_can_be_the_target(model, world, images, target):
    head = fit_target(model, world.data, target)
    explained = explain_target(model, images, head)
    assert explained.sum_error < 1e-9
    np.testing.assert_allclose(sum(explained.shares.values()), 1)
    assert target not in explained.names
    assert len(explained.to_frame()) == len(explained.to_rows())


def test_splines_add_up_to_one_everywhere():
    codes = np.linspace(-1.2, 1.2, 25)[:, None]
    np.testing.assert_allclose(basis(codes, "smooth").sum(axis=2), 1)


def test_bad_input_gets_one_sentence(model, world, linear):
    with pytest.raises(SchemaError, match="names no target: name one of smiling"):
        fit_target(model, world.data)
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        fit_target(model, world.data, "smilling")
    with pytest.raises(SchemaError, match="no labels"):
        fit_target(model, world.data, "d00")
    with pytest.raises(ConfigError, match="Did you mean 'linear'"):
        fit_target(model, world.data, "smiling", shape="liner")
    with pytest.raises(DataError, match="another schema"):
        fit_target(model, linear[1], "smiling")
    alone = Sees(Schema(name="alone", attributes=(Attribute(name="ill"),), target="ill"))
    with pytest.raises(SchemaError, match="'ill' is the only attribute"):
        fit_target(alone, linear[1])
    planted, data = linear
    silent = type(data)(**vars(data) | {"known": np.zeros_like(data.known)})
    with pytest.raises(DataError, match="fewer than two values of 'risk'"):
        fit_target(planted, silent)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_no_other_rows_take_the_place_of_validation_or_test_images(split, linear):
    planted, data = linear
    splits = dict(data.splits) | {split: np.zeros(0, np.int64)}
    with pytest.raises(DataError, match=f"has no {split} images"):
        fit_target(planted, type(data)(**vars(data) | {"splits": splits}))
