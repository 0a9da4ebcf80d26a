"""Directions reach what readers did not see, take away what came along, and last."""

import shutil

import numpy as np
import pytest
import torch
from people import COLUMNS, SCHEMA, Tangled, jury, reader, tangled

from interpretable_gan.directions import count, find
from interpretable_gan.directions.find import find_directions, fitted, together
from interpretable_gan.training.checkpoint import load_weights
from interpretable_gan.training.run import Run


class Unheard:
    """A critic to whom nobody listens need not learn."""

    def __init__(self, channels, size, seed):
        pass

    def learn(self, plain, edited):
        pass

    def __call__(self, images):
        return torch.zeros(len(images))


def without(monkeypatch, *prices):
    """What is left says what is tested."""
    if "FOOLING" in prices:
        monkeypatch.setattr(find, "Critic", Unheard)
    for price in prices:
        monkeypatch.setattr(count if hasattr(count, price) else find, price, 0)


def read(model, on=1.0):
    code = model.codes_of_training[:1].clone()
    code[:, 0] = on
    return reader().read(model.draw(code, torch.zeros(1, 2)))[0]


def fit(model, jury, together=1.0, steps=300):
    """Find directions where every two attributes may differ together so often."""
    rates = torch.full((4, COLUMNS), together)
    return fitted(model, jury, jury, rates, steps, lambda *_: None)


def test_a_direction_shows_what_is_asked_and_takes_away_what_came_along(monkeypatch):
    without(monkeypatch, "SPARING", "CREDITING", "FOOLING")
    model = Tangled()
    before = read(model)
    assert before[1] > 0  # asking for a goatee made a man
    fit(model, jury(2))
    after = read(model)
    assert after[0] > before[0] > 0
    assert after[1] < 0
    np.testing.assert_array_equal(after[5], before[5])
    assert model.networks.directions.on[0, 1] < -0.1
    assert not model.networks.directions.on.requires_grad


def test_who_is_edited_has_a_say_in_what_an_edit_takes():
    model = Tangled()
    model.codes_of_training[::2, 1] = 0.5  # men among the women
    fit(model, jury(1), steps=50)
    goatee = SCHEMA.replace(model.codes_of_training[:2], {"goatee": True})
    found = model.networks.directions
    found.gain_on.zero_()
    moved = found(goatee, torch.zeros(2, 2))[0] - goatee
    assert (moved[0] - moved[1]).abs().max() > 0.01


def test_what_goes_together_in_the_data_may_come_along(monkeypatch):
    without(monkeypatch, "SPARING", "CREDITING", "COST", "FOOLING")
    always, seldom = Tangled(), Tangled()
    fit(always, jury(1), together=1.0)
    fit(seldom, jury(1), together=0.2)
    assert read(always)[1] > 0 > read(seldom)[1]


def test_together_is_how_often_labels_differ_at_once(world):
    rates, schema = together(world.data), world.data.schema
    rows = world.data.rows("train")
    some, others = np.random.default_rng(0).choice(rows, (2, 100_000))
    numbers = [n for n, each in enumerate(schema.named) if each.kind == "binary"][:2]
    differ = [
        (world.data.codes[some] > 0)[:, column] != (world.data.codes[others] > 0)[:, column]
        for column in (schema.slices[schema.named[n].name].start for n in numbers)
    ]
    column = schema.slices[schema.named[numbers[1]].name].start
    assert rates.shape == (len(schema.named), schema.named_columns)
    assert rates[numbers[0], column] == pytest.approx(differ[1][differ[0]].mean(), abs=0.02)


def test_the_edited_attribute_moves_its_own_contribution_most(monkeypatch):
    without(monkeypatch, "SPARING", "COST", "FOOLING")

    def lead():
        model = Tangled()
        fit(model, jury(1))
        code, style = model.codes_of_training[:1], torch.zeros(1, 2)
        asked = SCHEMA.replace(code, {"goatee": True})
        moved = (model.draw(asked, style) - model.draw(code, style)).flatten().abs()
        return moved[0] / moved[1]

    credited = lead()
    without(monkeypatch, "CREDITING")
    assert credited > 1.4 > lead()


def test_what_is_measured_has_no_direction():
    model = Tangled()
    fit(model, jury(1), steps=20)
    age = SCHEMA.slices["age"]
    assert not model.networks.directions.on[age].any()
    assert not model.networks.directions.off[age].any()
    hair = SCHEMA.slices["hair"]
    assert model.networks.directions.on[hair].any(dim=1).all()


def test_what_readers_cannot_read_may_change_as_often_as_in_the_data(monkeypatch):
    without(monkeypatch, "SPARING", "CREDITING", "FOOLING")  # which spare what cannot be read too
    blind = torch.ones(COLUMNS)
    blind[1] = 0
    always, seldom = Tangled(), Tangled()
    fit(always, jury(legible=blind), together=1.0)
    fit(seldom, jury(legible=blind), together=0.2)
    assert read(always)[1] > 0 > read(seldom)[1]


def test_a_direction_spares_light_of_which_readers_say_nothing_but_not_detail(monkeypatch):
    without(monkeypatch, "CREDITING", "FOOLING")

    def far(drawn):
        model = Tangled(drawn)
        fit(model, jury(legible=torch.zeros(COLUMNS)))
        code, style = model.codes_of_training[:1], torch.zeros(1, 2)
        asked = SCHEMA.replace(code, {"goatee": True})
        return (model.draw(asked, style) - model.draw(code, style)).abs().mean()

    def detail(code, style):
        """What `tangled` does to a pixel is undone in the one below it."""
        pixels = tangled(code, style)
        return torch.stack([pixels[:, :, 0], -pixels[:, :, 0]], dim=2).repeat(1, 1, 4, 1)

    spared, spared_detail = far(tangled), far(detail)
    without(monkeypatch, "SPARING")
    assert spared < 0.8 * far(tangled)
    assert spared_detail > 0.95 * far(detail)


def test_what_comes_with_edits_alone_is_no_way_to_show_an_attribute(monkeypatch):
    without(monkeypatch, "SPARING", "CREDITING", "COST")

    def drawn(code, style):
        """A goatee is shown by either number of the style, by the first one with a bar."""
        pixels = torch.nn.functional.pad(code, (0, 64 - COLUMNS)).view(-1, 1, 8, 8)
        pixels[:, :, 0, 0] = 0.4 * code[:, :1] + style.sum(dim=1, keepdim=True)
        pixels[:, :, 4:6] = style[:, 0, None, None, None]
        return pixels

    def bar():
        model = Tangled(drawn)
        fit(model, jury(1))
        found = model.networks.directions.on[0, COLUMNS:]
        return (found[0] / found[1]).item()

    fooling = bar()
    without(monkeypatch, "FOOLING")
    assert fooling < 0.7 * bar()


@pytest.fixture
def run(world, tmp_path):
    shutil.copytree(world.run.path, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_a_run_keeps_its_directions(world, run):
    said = []
    before, weak = run.model(), 0.5 * run.model().codes_of_training[:4]
    find_directions(run, world.data, progress=lambda what, done, of: said.append(what))
    after = run.model()
    assert after.networks.directions.on.any()
    assert "finding directions" in said
    assert torch.equal(after.draw(weak, after.styles(4)), before.draw(weak, before.styles(4)))
    smiling = {"seed": 1, "smiling": True}
    assert not torch.equal(after.sample(4, **smiling), before.sample(4, **smiling))


def test_directions_are_found_once_and_are_the_same_again(world, run, tmp_path):
    shutil.copytree(run.path, tmp_path / "again")
    again = Run.open(tmp_path / "again")
    find_directions(run, world.data)
    find_directions(again, world.data)
    weights = load_weights(run.path / "weights.safetensors")
    for name, tensor in load_weights(again.path / "weights.safetensors").items():
        assert torch.equal(tensor, weights[name])
    written = (run.path / "weights.safetensors").stat().st_mtime_ns
    find_directions(run, world.data)
    assert (run.path / "weights.safetensors").stat().st_mtime_ns == written


def test_a_saved_model_has_its_directions(world, run, tmp_path):
    find_directions(run, world.data)
    model = run.model()
    model.save(tmp_path / "saved")
    assert torch.equal(
        Run.open(tmp_path / "saved").model().networks.directions.off, model.networks.directions.off
    )
