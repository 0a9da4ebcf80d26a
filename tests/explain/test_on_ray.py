"""Ray makes the tables that one machine makes alone."""

from __future__ import annotations

import pytest
from pyarrow import parquet

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.write import write_shards
from interpretable_gan.explain.on_ray import Maker, make_on_ray
from interpretable_gan.explain.parts import parts_of
from interpretable_gan.explain.tables import Tables


@pytest.fixture
def shards(world, tmp_path):
    """Fifty images a shard; the last shard of all is damaged."""
    write_shards(world.data, tmp_path / "shards", rows=50)
    (tmp_path / "shards" / "validation-00000-of-00001.tar").write_bytes(b"")
    return tmp_path / "shards"


@pytest.fixture
def alone(world, shards, tmp_path):
    """The tables of one machine."""
    intake = Intake("alone")
    parts = parts_of(str(shards), intake)
    assert Tables(world.run, parts, tmp_path / "alone").make_all(range(6), intake) == 5
    return tmp_path / "alone"


def same(alone, other):
    names = sorted(path.name for path in alone.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    return all(
        parquet.read_table(alone / name).equals(parquet.read_table(other / name)) for name in names
    )


def test_a_worker_needs_the_numbers_of_parts_alone(world, shards, alone, tmp_path):
    out = tmp_path / "worker"
    worker = Maker(str(world.run.path), str(shards), str(out), {"places": False, "force": False})
    rows = [worker({"part": number}) for number in range(6)]
    assert same(alone, out)
    assert [row["made"] for row in rows].count(True) == 5
    assert [row["found"] for row in rows if row["found"]] == [
        "damaged shard\t1\tvalidation-00000-of-00001.tar has other bytes than it had when it was "
        "counted"
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_makes_the_same_tables(world, shards, alone, tmp_path):
    ray = pytest.importorskip("ray", reason="not on this machine: Ray, which '.[ray]' installs")
    intake, out = Intake("cluster"), tmp_path / "cluster"
    try:
        assert make_on_ray(range(6), world.run.path, str(shards), out, intake) == 5
    finally:
        ray.shutdown()
    assert same(alone, out)
    assert intake.count("damaged shard") == 1
