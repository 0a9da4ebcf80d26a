"""The test images of shards are measured by whoever reads which share of them."""

from __future__ import annotations

import json

import pytest
from pyarrow import parquet

from interpretable_gan.data.sharded.write import write_shards


@pytest.fixture
def shards(world, tmp_path):
    """Five images a shard, and so four shards of test images."""
    write_shards(world.data, tmp_path / "shards", rows=5)
    return tmp_path / "shards"


def test_the_last_share_measures_all(run, shards, igan):
    first = igan("audit", run, shards, "--shard", "2/2", "--out", "tables")
    assert (first.code, first.out) == (0, "tables\n")
    assert "2 of 4 tables are not there yet" in first.err
    shared = igan("audit", run, shards, "--shard", "1/2", "--out", "tables", "--json")
    alone = igan("audit", run, shards, "--shard", "1/1", "--json")
    assert shared.json == alone.json
    assert shared.json["images"] == 20
    plain = igan("audit", run, shards, "--shard", "1/1")
    assert "20 images" in plain.out
    assert "without intervals" in plain.out


def test_options_of_cards_have_no_meaning_for_a_share(run, shards, igan):
    assert "with --shard only" in igan("audit", run, shards, "--shard", "1/1", "--quick").err


def test_shards_become_tables_with_labels_and_places(run, shards, igan):
    assert igan("encode", run, shards, "--out", "encoded").code == 0
    done = igan("explain", "images", run, shards, "--out", "explained", "--shard", "1/1")
    assert (done.code, done.out) == (0, "explained\n")
    one, other = (parquet.read_table(folder).to_pydict() for folder in ("encoded", "explained"))
    assert one == {name: each for name, each in other.items() if not name.startswith("places.")}
    assert len(one["image"]) == 200
    assert set(one["label.smiling"]) == {0.0, 1.0}
    places = [each for name, each in other.items() if name.startswith("places.")]
    for row in range(0, 200, 20):
        total = other["bias"][row] + sum(sum(each[row]) for each in places)
        assert total == pytest.approx(other["score"][row], abs=1e-4)


def test_a_damaged_shard_is_named_and_the_others_are_read(run, shards, igan):
    (shards / "test-00001-of-00004.tar").write_bytes(b"")
    done = igan("audit", run, shards, "--shard", "1/1", "--json")
    assert "damaged shard: 1, left out (test-00001-of-00004.tar" in done.err
    assert json.loads(done.out)["images"] == 15
