"""Evaluators: trained once, said to be as good as they are, and the same each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.metrics.calibration import matched
from interpretable_gan.metrics.readings import value
from interpretable_gan.progress import Status
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from tiles import SCHEMA, Painter, dataset


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_trained_once_and_read_back_the_same(cache):
    data, calls = dataset(300), []
    first = train_evaluator(data, images=128, progress=calls.append)
    assert calls[0] == Status(0, 384, "training evaluator residual")
    assert calls[-1] == Status(384, 384, "training evaluator residual")
    again = train_evaluator(data, images=128, progress=lambda _: pytest.fail("trained again"))
    images = Painter().draw(Painter().codes(20), Painter().styles(20))
    np.testing.assert_array_equal(first.read(images), again.read(images))
    assert again.name == first.name
    assert repr(again.reliability) == repr(first.reliability)
    assert [path.suffix for path in cache.iterdir()] == [".safetensors"]


def test_other_data_seed_or_architecture_is_another_evaluator():
    data = dataset(300)
    kinds = [
        train_evaluator(data, images=128),
        train_evaluator(data, images=128, seed=1),
        train_evaluator(data, "plain", images=128),
        train_evaluator(dataset(300, seed=1), images=128),
    ]
    assert len({kind.name for kind in kinds}) == 4


def test_damaged_cache_is_made_anew(cache):
    data = dataset(300)
    first = train_evaluator(data, images=128)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    for damaged in (b"nonsense", whole.replace(b'"evaluator"', b'"evaluatos"')):
        path.write_bytes(damaged)
        assert train_evaluator(data, images=128).name == first.name


def test_training_leaves_torchs_own_randomness_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    train_evaluator(dataset(300), images=128)
    assert torch.equal(torch.rand(2), expected)


def test_a_panel_says_what_its_members_do_on_average_of_an_image_and_its_mirror_image():
    flippable = SCHEMA.model_copy(update={"augmentations": ("flip",)})
    data = replace(dataset(300), schema=flippable)
    panel = train_evaluator(data, images=128)
    images = Painter().draw(Painter().codes(20), Painter().styles(20))
    np.testing.assert_allclose(panel.read(images), panel.read(images.flip(3)), atol=1e-5)
    raw = [member(view) for member in panel.network.members for view in (images, images.flip(3))]
    assert len(raw) == 6
    mean = torch.stack(raw).mean(dim=0).detach().numpy()
    np.testing.assert_allclose(panel.read(images), (mean - panel.offset) * panel.scale, atol=1e-5)
    one = train_evaluator(data, images=128, members=1)
    assert not np.allclose(one.read(images), one.read(images.flip(3)), atol=1e-3)


def test_it_learns_from_the_half_of_the_training_groups_that_is_kept_for_judging(cache):
    """Whatever the other half is labelled, which steering learns from, changes nothing."""
    data = replace(dataset(300), groups=np.arange(300) // 3)
    first = train_evaluator(data, images=128, members=1)
    for file in cache.iterdir():
        file.unlink()
    other = data.codes.copy()
    other[data.half("steering")] *= -1
    again = train_evaluator(replace(data, codes=other), images=128, members=1)
    assert again.checksum == first.checksum
    mine = data.codes.copy()
    mine[data.half("judging")] *= -1
    for file in cache.iterdir():
        file.unlink()
    third = train_evaluator(replace(data, codes=mine), images=128, members=1)
    assert third.checksum != first.checksum


@pytest.mark.parametrize("split", ["validation", "test"])
def test_without_validation_or_test_images_it_is_not_measured_and_reads_nothing(split):
    data = dataset(300)
    data.splits[split] = np.zeros(0, np.int64)
    evaluator = train_evaluator(data, images=128, members=1)
    assert evaluator.unmeasured == f"there are no {split} images"
    assert evaluator.readable == ()
    assert np.isnan([how.accuracy for how in evaluator.reliability.values()]).all()
    again = train_evaluator(data, images=128, members=1)  # from the cache
    assert again.unmeasured == evaluator.unmeasured


def test_what_must_not_be_mirrored_is_not():
    evaluator = train_evaluator(dataset(300), images=128)
    images = Painter().draw(Painter().codes(20), Painter().styles(20))
    assert not np.allclose(evaluator.read(images), evaluator.read(images.flip(3)), atol=1e-3)


def test_plain_network_learns_too():
    evaluator = train_evaluator(dataset(), "plain", images=2000, members=1)
    assert {"lamp", "colour", "height"} <= set(evaluator.readable)


def test_missing_labels_teach_nothing():
    """With no label of lamps there is nothing to say about them, and the rest is learned."""
    evaluator = train_evaluator(dataset(hidden=1.0), images=2000, members=1)
    assert np.isnan(evaluator.reliability["lamp"].balanced_accuracy)
    assert "lamp" not in evaluator.readable
    assert "colour" in evaluator.readable


def test_unknown_architecture_says_which_there_are():
    with pytest.raises(ConfigError, match=r"Did you mean 'residual'.*plain"):
        train_evaluator(dataset(300), "residuall")


def test_nothing_can_be_learned_from_too_few_images_or_no_rows():
    with pytest.raises(ConfigError, match="learns nothing from 63 images; give 64"):
        train_evaluator(dataset(300), images=63)
    held_out_only = dataset(300)
    held_out_only.splits["train"] = held_out_only.splits["train"][:0]
    with pytest.raises(DataError, match="no rows to train"):
        train_evaluator(held_out_only)


def test_rare_values_are_said_as_often_as_they_occur():
    """At their natural thresholds these readings would never say the rare value."""
    rng = np.random.default_rng(0)
    rare, level, number = (
        Attribute(name="rare"),
        Attribute(name="level", kind="categorical", levels=("common", "rare")),
        Attribute(name="number", kind="continuous", range=(0, 1)),
    )
    schema = Schema(name="rare", attributes=(rare, level, number), augmentations=())
    on = rng.random(2000) < 0.05
    truth = rng.uniform(-1, 1, 2000)
    codes = np.stack([2.0 * on - 1, 1 - 2.0 * on, 2.0 * on - 1, truth], axis=1)
    noise = rng.standard_normal((2000, 4))
    raw = np.stack([on - 5, 4 - on, on - 4, truth / 3 + 2], axis=1) + noise * [0.5, 0.3, 0.3, 0.02]
    assert (raw[:, 0] > 0).sum() == 0
    offset, scale = matched(schema, raw, codes, np.ones(codes.shape, bool))
    scores = (raw - offset) * scale
    assert value(rare, scores[:, :1]).mean() == pytest.approx(on.mean(), abs=0.002)
    assert value(level, scores[:, 1:3]).mean() == pytest.approx(on.mean(), abs=0.01)
    thirds = np.bincount(value(number, scores[:, 3:])) / 2000
    assert thirds == pytest.approx([1 / 3] * 3, abs=0.03)
