"""Readers learn from their own half of the training groups, and know what they cannot read."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.steer import readers as module
from interpretable_gan.steer.readers import train_readers

BRIGHT, SIDE, LEVELS, RANDOM, RARE = 0, 1, slice(2, 5), 5, 6
SCHEMA = Schema(
    name="patches",
    attributes=(
        Attribute(name="brightness", kind="continuous", range=(0, 1)),
        Attribute(name="left"),
        Attribute(name="stripes", kind="categorical", levels=("none", "rows", "columns")),
        Attribute(name="random"),
        Attribute(name="rare"),
    ),
    augmentations=(),
)


def patches(count=900, seed=0, schema=SCHEMA):
    """Grey images of 8×8 with stripes, a brighter side, and seldom a dark middle."""
    chance = np.random.default_rng(seed)
    bright = chance.uniform(-1, 1, count)
    left, random = (chance.choice([-1, 1], count) for _ in range(2))
    rare = np.where(chance.random(count) < 0.1, 1, -1)
    level = chance.integers(0, 3, count)
    images = 100 + 40 * bright[:, None, None] + chance.normal(0, 5, (count, 8, 8))
    images[:, :, :4] += 20 * left[:, None, None]
    images[level == 1, ::2] += 40
    images[level == 2, :, ::2] += 40
    images[rare == 1, 2:6, 2:6] = 0
    codes = np.column_stack([bright, left, 2 * np.eye(3)[level] - 1, random, rare])
    rows = np.arange(count)
    return Dataset(
        name="patches",
        schema=schema,
        images=images.clip(0, 255).astype(np.uint8)[..., None],
        codes=codes.astype(np.float32),
        known=np.ones(codes.shape, bool),
        splits={"train": rows[200:], "validation": rows[:100], "test": rows[100:200]},
        groups=rows // 2,
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """Two steps, and a cache of its own."""
    monkeypatch.setattr(module, "IMAGES", 100)
    monkeypatch.setattr(module, "BATCH", 50)
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path))


@pytest.fixture
def long_enough(monkeypatch):
    """Forty steps, after which they can read."""
    monkeypatch.setattr(module, "IMAGES", 2000)


@dataclass(frozen=True, eq=False)
class Guarded(Dataset):
    """Gives images of the steering half and of validation only; other labels are NaN."""

    def batch(self, rows):
        allowed = set(self.half("steering").tolist()) | set(self.rows("validation").tolist())
        assert set(np.asarray(rows).tolist()) <= allowed
        return super().batch(rows)


def guarded(data):
    allowed = np.concatenate([data.half("steering"), data.rows("validation")])
    codes = np.full_like(data.codes, np.nan)
    codes[allowed] = data.codes[allowed]
    return Guarded(**{**data.__dict__, "codes": codes})


def test_they_read_what_is_there_and_know_what_is_not(long_enough):
    readers = train_readers(patches())
    assert readers.readable == ("brightness", "left", "stripes", "rare")
    fresh = patches(seed=1)
    odds = readers(fresh.batch(range(300))[0]).numpy()
    code = fresh.codes[:300]
    assert odds.shape == (300, SCHEMA.named_columns)
    assert np.corrcoef(odds[:, BRIGHT], code[:, BRIGHT])[0, 1] > 0.9
    assert ((odds[:, SIDE] > 0) == (code[:, SIDE] > 0)).mean() > 0.9
    assert (odds[:, LEVELS].argmax(axis=1) == code[:, LEVELS].argmax(axis=1)).mean() > 0.9


def test_nobody_is_seen_but_the_steering_half_and_validation_images():
    data = patches()
    readers = train_readers(guarded(data))
    assert readers.checksum == train_readers(data).checksum


def test_a_label_that_is_missing_teaches_nothing():
    data = patches()
    known = data.known.copy()
    known[::3, SIDE] = False
    values = []
    for value in (0, 1):
        codes = np.where(known, data.codes, value).astype(np.float32)
        values.append(train_readers(replace(data, known=known, codes=codes)).checksum)
    assert values[0] == values[1]


@pytest.mark.parametrize(("augmentations", "readable"), [((), True), (("flip",), False)])
def test_images_are_mirrored_where_the_schema_allows_it(augmentations, readable, long_enough):
    """Told that a mirror image means the same, they cannot learn left from right."""
    data = patches()
    schema = SCHEMA.model_copy(update={"augmentations": augmentations})
    assert ("left" in train_readers(replace(data, schema=schema)).readable) is readable


@pytest.mark.parametrize(
    ("slope", "labels", "expected"),
    [
        pytest.param(1, {}, 1, id="always right, though never likelier than not"),
        pytest.param(0, {}, 0.5, id="always the same"),
        pytest.param(-1, {}, 0, id="always wrong"),
        pytest.param(1, {"validation": (1, -1, True)}, float("nan"), id="no image to tell apart"),
        pytest.param(1, {"train": (1, 0, False)}, float("nan"), id="nothing known in training"),
        pytest.param(1, {"train": (2, 1, False)}, 1, id="half is not known in training"),
    ],
)
def test_balanced_accuracy_has_known_answers(slope, labels, expected):
    """Readings of a rare attribute: log-odds −2.2 ± slope, where −2.2 is about as usual."""
    data = patches()
    rare = data.codes[:, RARE] > 0
    data = replace(data, images=np.where(rare, 255, 0).astype(np.uint8)[:, None, None, None])
    for split, (every, value, known) in labels.items():
        data.codes[data.rows(split)[::every], RARE] = value
        data.known[data.rows(split)[::every], RARE] = known
    network = torch.nn.Linear(1, SCHEMA.named_columns)
    network.weight.data[:], network.bias.data[:] = slope, -2.2
    reader = torch.nn.Sequential(torch.nn.Flatten(), network)
    assert module._accuracy(reader, data)[-1].item() == pytest.approx(expected, nan_ok=True)


def test_the_same_readers_come_from_the_cache(monkeypatch):
    data = replace(patches(), checksum="ab")
    first, seen = train_readers(data), []
    monkeypatch.setattr(module, "_train", lambda *_: seen.append("trained"))
    again = train_readers(data, progress=lambda status: seen.append(status))
    assert not seen
    assert (again.checksum, again.readable) == (first.checksum, first.readable)
    images = data.batch(range(9))[0]
    assert torch.equal(again(images), first(images))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"checksum": "cd"}, id="other data"),
        pytest.param({"splits": patches(800).splits}, id="other rows"),
        pytest.param({"groups": np.arange(900) // 3}, id="other groups, so another half"),
        pytest.param({"seed": 1}, id="another seed"),
    ],
)
def test_what_is_not_the_same_is_trained_anew(change, monkeypatch):
    data = replace(patches(), checksum="ab")
    train_readers(data)
    seen = []
    monkeypatch.setattr(module, "_train", lambda *_: seen.append("trained"))
    settings = {"seed": change.pop("seed")} if "seed" in change else {}
    train_readers(replace(data, **change), **settings)
    assert seen == ["trained"]


def test_data_without_a_checksum_are_like_no_other(tmp_path):
    train_readers(patches())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"x" * 99], ids=["empty", "no safetensors"])
def test_a_damaged_cache_is_made_again(damage, tmp_path):
    data = replace(patches(), checksum="ab")
    first = train_readers(data)
    (path,) = tmp_path.glob("readers-*.safetensors")
    path.write_bytes(damage)
    assert train_readers(data).checksum == first.checksum
    assert len(path.read_bytes()) > 1000


def test_progress_reaches_the_end():
    seen = []
    train_readers(patches(), progress=seen.append)
    assert (seen[-1].done, seen[-1].total, seen[-1].remark) == (2, 2, "training readers")


@pytest.mark.parametrize("empty", ["train", "validation"])
def test_data_without_images_to_learn_from_or_to_check_on_are_refused(empty):
    data = patches()
    splits = {**data.splits, empty: np.array([], int)}
    with pytest.raises(DataError, match="steering needs both"):
        train_readers(replace(data, splits=splits))


def test_training_leaves_the_callers_chance_alone():
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    train_readers(patches())
    assert torch.equal(torch.rand(1), expected)
