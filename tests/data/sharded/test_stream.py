"""Training takes images from shards: each once an epoch, at any place, and past what is damaged."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import tracemalloc

import fsspec
import numpy as np
import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from interpretable_gan.data import portraits
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.sharded.index import Index
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.data.sharded.stream import Stream
from interpretable_gan.data.sharded.walk import Walk
from interpretable_gan.errors import DataError
from interpretable_gan.schema.schema import Schema

COUNT = 48
"""Training images, in six shards."""


def opened(path, **options):
    return open_dataset(path, size=8, **options)


def alike(some, others):
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


@pytest.fixture
def stream(written):
    return opened(written / "tar").stream


def test_every_image_comes_once_an_epoch_with_its_own_labels(drawn, stream):
    train = drawn.rows("train")
    every = {drawn.images[row].tobytes(): row for row in train}
    pixels, codes, known = stream.rows(3, 0, 2 * COUNT)
    walk = [every[one.tobytes()] for one in pixels]
    assert sorted(walk[:COUNT]) == sorted(walk[COUNT:]) == sorted(train)
    assert walk[:COUNT] != walk[COUNT:], "every epoch has an order of its own"
    np.testing.assert_array_equal(codes, drawn.codes[walk])
    np.testing.assert_array_equal(known, drawn.known[walk])


def test_images_of_several_shards_are_mixed(monkeypatch):
    monkeypatch.setattr("interpretable_gan.data.sharded.walk.TOGETHER", 3)
    walk = Walk(0, np.full(6, 8))
    first, second = ({shard for shard, _ in walk.rows(place, 24)} for place in (0, 24))
    assert (len(first), len(second), first & second) == (3, 3, set())
    assert len({shard for shard, _ in walk.rows(0, 6)}) > 1


def test_every_epoch_mixes_anew():
    walk = Walk(0, np.array([50]))
    first, second = ([row for _, row in walk.rows(place, 50)] for place in (0, 50))
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second


def test_a_batch_may_be_longer_than_what_is_mixed(stream, monkeypatch):
    monkeypatch.setattr("interpretable_gan.data.sharded.walk.TOGETHER", 1)
    assert len(stream.rows(0, 0, COUNT)[0]) == COUNT


@pytest.mark.parametrize("share", [1, 5, 12])
def test_what_is_at_a_place_follows_from_the_place_alone(stream, share):
    """So two processes share the shards, and a run goes on in the middle of one."""
    whole = stream.rows(0, 0, 60)
    parts = [stream.rows(0, first, share) for first in reversed(range(0, 60, share))]
    assert alike(whole, [np.concatenate(each) for each in zip(*reversed(parts), strict=True)])


def test_tables_and_decoded_shards_and_workers_give_the_same_images(written, stream, monkeypatch):
    wanted = stream.rows(1, 5, 40)
    assert alike(wanted, opened(written / "parquet").stream.rows(1, 5, 40))
    assert alike(wanted, pickle.loads(pickle.dumps(stream)).rows(1, 5, 40))
    assert stream.decode([0, 2]) == 2
    decoded = opened(written / "tar").stream
    monkeypatch.setattr("interpretable_gan.data.sharded.stream.decoded", _refused_for(decoded))
    assert alike(wanted, decoded.rows(1, 5, 40))


def _refused_for(stream):
    """Decoding as it was, but not of shards that are decoded already."""
    from interpretable_gan.data.sharded.stream import decoded

    ready = {_bytes(stream, number) for number in (0, 2)}

    def decode(image, framing):
        assert not any(image in shard for shard in ready)
        return decoded(image, framing)

    return decode


def _bytes(stream, number):
    return bytes(stream.store.content(stream.entries[number].name))


def test_a_store_elsewhere_gives_the_same_images(written, stream):
    memory = fsspec.filesystem("memory")
    memory.put(str(written / "tar") + "/", "/faces/", recursive=True)
    data = opened("memory://faces")
    assert data.source.source == "memory://faces"
    assert alike(stream.rows(0, 0, COUNT), data.stream.rows(0, 0, COUNT))


def test_a_store_that_does_not_answer_is_one_sentence(stream, monkeypatch):
    def content(store, name):
        with store._told(name):
            raise TimeoutError("no answer in 60 s")

    monkeypatch.setattr(Store, "content", content)
    with pytest.raises(DataError, match=r"tar cannot be read: no answer in 60 s\. When the store"):
        stream.rows(0, 0, 4)


DAMAGE = {
    "flipped": (lambda path: _flip(path), "has other bytes than it had when it was counted"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:700]), "has other bytes"),
    "empty": (lambda path: path.write_bytes(b""), "has other bytes"),
    "gone": (lambda path: path.unlink(), "is missing"),
}


def _flip(path):
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_shard_is_named_and_training_goes_on(shards, stream, damage):
    do, why = DAMAGE[damage]
    before = [each.copy() for each in stream.rows(0, 0, COUNT)]
    do(shards / stream.entries[2].name)
    hurt = opened(shards)
    assert f"damaged shard: 1, left out ({stream.entries[2].name} {why}" in str(hurt.report)
    after = hurt.stream.rows(0, 0, COUNT)
    assert hurt.stream.intake.count("damaged shard") == 1
    changed = [not np.array_equal(*each) for each in zip(before[0], after[0], strict=True)]
    assert sum(changed) == stream.entries[2].rows, "others stay at their places"
    assert alike(after, opened(shards).stream.rows(0, 0, COUNT))
    with pytest.raises(DataError, match=f"strict stops .*{stream.entries[2].name}"):
        opened(shards, strict=True)


def test_strict_stops_at_a_shard_that_is_damaged_while_training(shards):
    found = opened(shards).stream
    stream = Stream(found.store, found.index, found.schema, found.framing, strict=True)
    _flip(shards / stream.entries[2].name)
    with pytest.raises(DataError, match=r"strict stops .*damaged shard"):
        stream.rows(0, 0, COUNT)


def test_an_image_that_cannot_be_decoded_gives_its_place_to_the_next(written, tmp_path):
    table = parquet.read_table(written / "parquet" / "train-00000-of-00006.parquet").to_pydict()
    table["image"][3] = b"no image"
    (tmp_path / "odd").mkdir()
    parquet.write_table(pyarrow.table(table), tmp_path / "odd" / "train-0.parquet")
    index = _index(tmp_path / "odd" / "train-0.parquet")
    schema = Schema.load(written / "parquet" / "schema.yaml")
    stream = Stream(Store(str(tmp_path / "odd")), index, schema, Framing(8), strict=False)
    pixels, _, _ = stream.rows(0, 0, 8)
    assert len(np.unique(pixels.reshape(8, -1), axis=0)) == 7
    assert stream.intake.found["not an image"] == {f"train-0.parquet/{table['key'][3]}": 1}
    assert stream.decode([0]) == 0


def _index(path):
    content = path.read_bytes()
    entry = {
        "name": path.name,
        "split": "train",
        "rows": len(parquet.read_table(path)),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return Index(name="odd", shards=[entry])


def test_a_hundred_million_images_take_no_more_memory_than_a_hundred_thousand(tmp_path):
    """Every shard is the same file of 2,000 images, which lies there once."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG")
    path = tmp_path / "train-0.parquet"
    parquet.write_table(pyarrow.table({"image": [file.getvalue()] * 2_000}), path)
    (entry,) = _index(path).shards
    schema = portraits.dataset(size=8, count=10).schema

    def peak(shards):
        index = Index.model_construct(name="simulated", shards=(entry,) * shards)
        stream = Stream(Store(str(tmp_path)), index, schema, Framing(8, channels=1), strict=True)
        assert stream.count == shards * 2_000
        tracemalloc.start()
        for first in (0, stream.count // 2, stream.count - 40):  # the last one ends an epoch
            assert len(stream.rows(0, first, 64)[0]) == 64
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small = peak(50)
    assert peak(50_000) < small + 5 * 2**20, "less than 100 bytes a shard"


def test_a_list_of_shards_that_is_damaged_says_how_to_make_it_again(shards):
    told = json.loads((shards / "shards.json").read_text())
    told["shards"][0]["name"] = "../../etc/passwd"
    (shards / "shards.json").write_text(json.dumps(told))
    with pytest.raises(DataError, match="igan data index"):
        opened(shards)
