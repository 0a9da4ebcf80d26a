"""A reader: what it reads is learned, its target is a sum, and a place sees its patch alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, DataError, RunError, SchemaError
from interpretable_gan.explain.target_sum import explain_target_sum, find_flip
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.fit import fit_reader
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.reader import measure_reader, stands_out, train_reader
from interpretable_gan.training.run import Run

SIZE = 32
CONFIG = ReaderConfig(size=SIZE, width=8, discovered=2, passes=12, batch=16, rate=2e-2, threads=1)

KIND = Attribute(name="kind", kind="categorical", levels=("A", "B", "C"))


def spotted(count=96, target="kind"):
    """Drawn cells: a round spot that is red or blue, large or small, in front of grey that is dark
    or light. Red and large is A, blue and large B, small C."""
    luck = np.random.default_rng(0)
    red, large = luck.random(count) < 0.5, luck.random(count) < 0.6
    light = luck.uniform(60, 180, count)
    noise = luck.normal(0, 15, (count, SIZE, SIZE, 3))
    images = (light[:, None, None, None] + noise).clip(0, 255).astype(np.uint8)
    grid = np.indices((SIZE, SIZE)) - SIZE / 2
    for number in range(count):
        inside = np.hypot(*grid) < (11 if large[number] else 5)
        images[number][inside] = (220, 30, 30) if red[number] else (30, 30, 220)
    kinds = np.where(large, np.where(red, "A", "B"), "C")
    schema = Schema(
        name="spots",
        attributes=(
            Attribute(name="red"),
            KIND,
            Attribute(name="large"),
            Attribute(name="light", kind="continuous", range=(60, 180)),
        ),
        target=target,
    )
    table = {"red": red, "kind": kinds, "large": large, "light": light}
    codes, known = schema.pack({name: each.tolist() for name, each in table.items()})
    rows = np.arange(count)
    splits = {"train": rows[:64], "validation": rows[64:80], "test": rows[80:]}
    return Dataset("spots", schema, images, codes, known, splits, checksum="spots")


@pytest.fixture(scope="module")
def data():
    return spotted()


@pytest.fixture(scope="module")
def reader(data):
    return fit_reader(data, CONFIG)


@pytest.fixture(scope="module")
def images(data):
    return data.batch(data.rows("test")[:4])[0]


def test_it_reads_attributes_and_the_target_of_images_it_has_not_seen(reader, data):
    quality = measure_reader(reader, data)
    assert all(quality[name]["accuracy"]["value"] >= 0.9 for name in ("red", "large", "kind"))
    assert quality["light"]["mean_absolute_error"]["value"] < 25


def test_the_target_is_the_sum_of_its_terms(reader, images):
    terms = reader.terms(images, "B")
    assert terms.error() < 1e-5
    assert set(terms.by_row()) == {"red", "large", "light", "d00", "d01"}
    scores = reader.read(images)[:, reader.schema.slices["kind"]]
    torch.testing.assert_close(terms.total, scores[:, 1] - (scores[:, 0] + scores[:, 2]) / 2)


def test_a_term_is_0_on_average_over_training_images(reader, data):
    terms = reader.terms(data.batch(data.rows("train"))[0], "A")
    for values in terms.by_row("named", "discovered", "residual").values():
        assert abs(float(values.mean())) < 1e-4
    assert abs(float(terms.total.mean() - terms.bias)) < 1e-4


def test_names_that_tell_all_leave_little_to_the_residual(reader, data):
    terms = reader.terms(data.batch(data.rows("test"))[0], "A")
    assert terms.variance_shares()["named"] > 0.5
    assert abs(terms.variance_shares()["residual"]) < 0.2


def test_what_the_target_asks_for_changes_no_reading(data):
    """Names mean what labels say, and nothing else."""
    other = spotted()
    other.codes[:, other.schema.slices["kind"]] = np.roll(
        other.codes[:, other.schema.slices["kind"]], 1, axis=1
    )
    config = CONFIG.model_copy(update={"passes": 1, "decay": 0.0})
    one, two = (fit_reader(each, config).network for each in (data, other))
    assert torch.equal(one.evidence.named, two.evidence.named)
    assert not torch.equal(one.by_name, two.by_name)


def test_pixels_outside_its_patch_change_no_term_with_a_place(reader, images):
    place = 3 * 8 + 5
    before = reader.terms(images, "A")
    placed = [number for number, part in enumerate(before.parts) if part.places]
    seen = reader.patches(before.parts[placed[0]])[0, place, 0]
    assert 0 < seen.float().mean() < 0.5
    changed = torch.where(seen, images, images.flip(0))
    after = reader.terms(changed, "A")
    for number in placed:
        mine, theirs = (each.parts[number].values[:, :, place] for each in (before, after))
        assert torch.equal(mine, theirs)
    assert not torch.equal(before.total, after.total)


def test_a_saved_run_reads_the_same(reader, data, images, tmp_path):
    kept = train_reader(data, CONFIG.model_copy(update={"passes": 1}), run=tmp_path / "run")
    again = Run.open(tmp_path / "run").model("cpu")
    assert isinstance(again, Reader)
    assert torch.equal(again.read(images), kept.read(images))
    with pytest.raises(RunError, match="holds a run already"):
        train_reader(data, CONFIG, run=tmp_path / "run")
    with pytest.raises(RunError, match="do not fit"):
        Reader.of(reader.schema, CONFIG.model_copy(update={"width": 9}), reader.tensors())


def test_an_image_of_another_kind_is_strange(reader, data):
    usual = data.batch(data.rows("test"))[0]
    noise = torch.rand(4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert reader.strangeness(noise).min() > reader.strangeness(usual).median()


def test_an_explanation_says_the_sum_and_the_readings_that_would_change_it(reader, images):
    found = explain_target_sum(reader, images)
    assert found.sum_error < 1e-5
    assert found.contributions.shape == (4, 6)
    rows = [row for row in found.to_rows() if row["image"] == 0]
    assert sum(row["contribution"] for row in rows) == pytest.approx(found.score[0], abs=1e-4)
    for image, flip in enumerate(found.flips):
        assert flip is None or flip.becomes != found.values[image]
    assert any(flip is not None for flip in found.flips)
    assert "kind is read as" in found.sentence()
    assert found.plot(images).width > 100


def test_the_fewest_wrong_readings_are_the_fewest(reader, images):
    """No single reading changes what needs two: compared with all single ones."""
    scores = reader.network(reader.look(images))
    for reading, total in zip(scores.readings, scores.total, strict=True):
        flip = find_flip(reader, reading, total)
        if flip is None or len(flip.values) < 2:
            continue
        for name, span in {"red": slice(0, 1), "large": slice(1, 2)}.items():
            now = int(reading[span.start] > 0)
            other = reader.network.typical[1 - now, span.start, span]
            moved = total + reader.network.by_name[:, span] @ (other - reading[span])
            assert moved.argmax() == total.argmax(), name


def test_a_mark_at_the_edge_stands_out(reader, monkeypatch):
    """By hand: all places vary alike, but the one right of the upper left corner, three times as
    far, and one in the middle, which is no edge."""
    luck = torch.Generator().manual_seed(0)
    terms = torch.randn(2000, 1, 64, generator=luck)
    monkeypatch.setattr(reader, "by_place", lambda seen: terms)
    monkeypatch.setattr(reader, "contrast", lambda level: torch.ones(1))
    assert stands_out(reader, ())["ratio"] < 1.3
    terms[:, :, 1] *= 3
    terms[:, :, 3 * 8 + 4] *= 5
    found = stands_out(reader, ())
    assert found["place"] == 1
    assert 8 < found["ratio"] < 10
    assert found["first"] == 3 * 8 + 4
    assert found["share"] == pytest.approx(25 / (62 + 9 + 25), abs=0.05)


def test_what_cannot_be_learned_is_refused(data):
    with pytest.raises(SchemaError, match="names no target"):
        fit_reader(spotted(target=None), CONFIG)
    few = replace(data, splits=data.splits | {"train": data.rows("train")[:9]})
    with pytest.raises(DataError, match="too few training images"):
        fit_reader(few, CONFIG)
    with pytest.raises(DataError, match="side"):
        fit_reader(data, CONFIG.model_copy(update={"size": 64}))
    with pytest.raises(ConfigError, match="no setting 'widht'"):
        ReaderConfig.of(widht=3)


def test_grey_images_are_read_by_discovered_attributes_alone():
    colour = spotted()
    grey = Dataset(
        "grey",
        Schema(name="grey", attributes=(Attribute(name="large"),), target="large"),
        colour.images[..., :1],
        colour.codes[:, 4:5],
        colour.known[:, 4:5],
        colour.splits,
    )
    reader = fit_reader(grey, CONFIG)
    terms = reader.terms(grey.batch(grey.rows("test"))[0])
    assert not terms.of("named")
    assert terms.error() < 1e-5
    assert ((terms.total > 0).numpy() == (grey.codes[grey.rows("test"), 0] > 0)).mean() > 0.8


def test_a_deeper_network_has_the_same_first_features():
    images = torch.rand(1, 3, SIZE, SIZE) * 2 - 1
    device = torch.device("cpu")
    shallow = pretrained.lite0(device)(images)
    deep = pretrained.lite0(device, pretrained.DEEPER)(images)
    assert len(deep) == len(shallow) + 1
    for one, other in zip(shallow, deep, strict=False):
        assert torch.equal(one, other)
