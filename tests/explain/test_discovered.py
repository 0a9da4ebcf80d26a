"""A discovered attribute is recognised by its examples and its kin, and keeps the name it gets."""

import json
import os
import shutil

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError, SchemaError, UnknownAttributeError
from interpretable_gan.explain import discovered, explain_discovered
from interpretable_gan.explain.discovered import set_alias
from interpretable_gan.training.run import Run


@pytest.fixture
def reads(model, monkeypatch):
    """Let the encoder read ``d00`` as the test says, row by row."""

    def plant(values):
        readings = np.zeros((len(values), model.schema.columns), np.float32)
        readings[:, model.schema.slices["d00"]] = np.asarray(values, np.float32)[:, None]
        monkeypatch.setattr(discovered, "read_rows", lambda model, data, rows: readings)

    return plant


def test_an_attribute_that_is_a_known_one_in_disguise_is_recognised(model, world, reads):
    rows = np.arange(100)
    glasses = world.data.codes[rows, world.data.schema.slices["eyeglasses"].start]
    noise = np.random.default_rng(0).normal(0, 0.3, 100)
    reads(noise - glasses)
    found = explain_discovered(model, world.data, "d00", rows=rows, samples=4)
    name, kin = found.kin[0]
    assert name == "eyeglasses"
    assert -1 < kin.low < kin.r < kin.high < -0.8
    assert found.suggestion == "unlike eyeglasses"
    assert "unlike eyeglasses" in found.sentence()


def test_noise_is_given_no_name(model, world, reads):
    rows = np.arange(100)
    reads(np.random.default_rng(1).normal(size=100))
    found = explain_discovered(model, world.data, "d00", rows=rows, samples=4)
    assert found.suggestion == ""
    assert "look at its strongest examples" in found.sentence()


def test_few_rows_are_not_enough_for_a_suggestion(model, world, reads):
    rows = np.arange(8)
    reads(np.random.default_rng(2).normal(size=8))
    found = explain_discovered(model, world.data, "d00", rows=rows, samples=4)
    assert abs(found.kin[0][1].r) > discovered.ALIKE  # the best of thirty, by chance
    assert found.suggestion == ""


def test_the_strongest_examples_are_rows_of_the_data(model, world, reads):
    rows = np.arange(150, 170)
    reads(np.r_[np.arange(10), -np.arange(10)] + 0.01)
    found = explain_discovered(model, world.data, "d00", rows=rows, count=3, samples=4)
    assert found.highest.tolist() == [159, 158, 157]
    assert found.lowest.tolist() == [169, 168, 167]


def test_what_is_read_is_the_encoder_on_held_out_rows(model, world):
    found = explain_discovered(model, world.data, "d01", samples=4)
    data = world.data
    held_out = np.concatenate([data.rows("validation"), data.rows("test")])
    read = model.read(data.batch(held_out)[0])[:, model.schema.slices["d01"].start]
    assert found.highest[0] == held_out[int(read.argmax())]
    assert found.rows == len(held_out)
    assert json.loads(found.to_json())["rows"] == len(held_out)
    assert {row["named"] for row in found.to_rows()} == set(found.axes["named"])


def test_a_picture_shows_its_kin_and_with_the_data_its_examples(model, world, drawn_bars):
    found = explain_discovered(model, world.data, "d01", count=7, samples=4)
    plain, full = found.plot(), np.asarray(found.plot(world.data))
    values, ends = drawn_bars["correlation with d01, with 95 % interval"]
    name, kin = found.kin[0]
    assert (next(iter(values)), values[name]) == (name, kin.r)
    assert ends[name] == (kin.low, kin.high)
    assert len(values) == discovered.KIN
    assert full.shape[0] == plain.height + 2 * (96 + 2)
    first = np.asarray(world.data.images[found.highest[0]]).repeat(6, 0).repeat(6, 1)
    left = full.shape[1] - 10 - 7 * 96 - 6 * 2
    assert np.array_equal(full[10 : 10 + 96, left : left + 96], first)


def test_it_cannot_be_changed(model, world):
    found = explain_discovered(model, world.data, "d01", samples=4)
    with pytest.raises(TypeError):
        found.correlations["hat"] = None


@pytest.mark.parametrize("settings", [{"samples": 0}, {"samples": -1}, {"count": 0}])
def test_nothing_can_be_seen_on_nothing(model, world, settings):
    with pytest.raises(DataError, match="give one or more"):
        explain_discovered(model, world.data, "d01", **settings)


@pytest.mark.parametrize(("slope", "obeyed"), [(1, 1.0), (-1, 0.0)])
def test_it_is_obeyed_when_more_of_it_is_read_as_more(model, world, monkeypatch, slope, obeyed):
    column = model.schema.slices["d00"].start

    def draw(code, style):
        return (slope * code[:, column]).view(-1, 1, 1, 1).expand(-1, 3, 16, 16) + 0 * style[0, 0]

    def read(images):
        readings = torch.zeros(len(images), model.schema.columns)
        readings[:, column] = images[:, 0, 0, 0]
        return readings

    monkeypatch.setattr(model, "draw", draw)
    monkeypatch.setattr(model, "read", read)
    found = explain_discovered(model, world.data, "d00", samples=50)
    assert found.obeyed == obeyed
    low, high = found.obeyed_interval
    assert low <= obeyed <= high
    assert high - low < 0.1


@pytest.fixture
def run(world, tmp_path):
    """A copy of the run, to be changed."""
    shutil.copytree(world.run.path, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_an_alias_is_kept_and_used_and_changes_nothing_else(run, world, images):
    told = set_alias(run, "d01", " warm light ")
    again = Run.open(run.path)
    assert again.schema == told
    assert again.schema["d01"].label == told["d01"].label == "warm light"
    assert again.schema.with_discovered(2) == run.schema
    assert torch.equal(again.model().read(images), world.run.model().read(images))
    assert set_alias(again, "d01", "") == run.schema


def test_training_goes_on_after_an_alias_was_given(run, world):
    from interpretable_gan.training.loop import train

    set_alias(run, "d01", "warm light")
    train(world.data, run=run.path, resume=True)
    assert Run.open(run.path).schema["d01"].alias == "warm light"


def test_a_failed_save_leaves_the_schema_as_it_was(run, monkeypatch):
    def full_disk(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        set_alias(run, "d01", "warm light")
    assert Run.open(run.path).schema == run.schema


@pytest.mark.parametrize(
    ("name", "alias", "error", "says"),
    [
        ("smiling", "grin", SchemaError, "only discovered attributes"),
        ("d01", "smiling", SchemaError, "'smiling' goes by 'smiling' already"),
        ("d01", "dusk", SchemaError, "'d00' goes by 'dusk' already"),
        ("d77", "light", UnknownAttributeError, "no attribute 'd77'"),
        ("d01", "warm\nlight", SchemaError, "printable text on one line"),
        ("d01", "warm\tlight", SchemaError, "printable text on one line"),
        ("d01", "warm=light", SchemaError, "without '='"),
    ],
)
def test_a_name_that_would_confuse_is_refused(run, name, alias, error, says):
    set_alias(run, "d00", "dusk")
    with pytest.raises(error, match=says):
        set_alias(Run.open(run.path), name, alias)


def test_a_named_attribute_needs_no_discovery(model, world):
    with pytest.raises(SchemaError, match="explain_attribute"):
        explain_discovered(model, world.data, "smiling")
