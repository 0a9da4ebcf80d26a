"""Memory of training's images out of shards, for 10⁵ and for 10⁸ of them.

    python benchmarks/streaming_memory.py > benchmarks/results/streaming_memory.json

Shards are simulated: all are one Parquet file of 10,000 images of 32×32. A process of its own reads
a list of 10 or of 10,000 such shards and takes batches of 64 from places all over two epochs, each
in another window of shards. ``peak_megabytes`` is the resident set, pages of the mapped file among
it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pyarrow
from pyarrow import parquet

from interpretable_gan.data import portraits
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.sharded.index import Index, entry_of
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.data.sharded.stream import Stream
from interpretable_gan.data.sharded.write import write_shards
from machine import machine

A_SHARD = 10_000
BATCHES = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "SHARDS"))
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(child(Path(asked.child[0]), int(asked.child[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder))
        told = {}
        for shards in (10, 10_000):
            command = [sys.executable, __file__, "--child", folder, str(shards)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            told[f"{shards * A_SHARD:,} images"] = json.loads(done.stdout)
    report = {"machine": machine(), "date": date.today().isoformat(), "batches": BATCHES}
    print(json.dumps(report | told, indent=2))


def simulate(folder: Path) -> None:
    """One shard of so many images, over and over again."""
    data = portraits.dataset(size=32, count=100)
    (entry, *_) = write_shards(data, folder / "few", rows=1_000, kind="parquet").shards
    few = parquet.read_table(folder / "few" / entry.name)
    many = pyarrow.concat_tables([few] * (A_SHARD // len(few) + 1)).slice(0, A_SHARD)
    parquet.write_table(many, folder / "train.parquet")


def child(folder: Path, shards: int) -> dict[str, float]:
    """Read a list of shards from its file, and take batches."""
    content = (folder / "train.parquet").read_bytes()
    entry = entry_of("train.parquet", "train", A_SHARD, content)
    store, schema = Store(str(folder)), portraits.dataset(size=32, count=10).schema
    Index.model_construct(name="simulated", shards=(entry,) * shards).save(store)
    del content
    start = time.perf_counter()
    stream = Stream(store, Index.load(store), schema, Framing(32), strict=True)
    for number in range(BATCHES):
        stream.rows(0, 2 * stream.count * number // BATCHES, 64)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "shards": shards,
        "list_megabytes": round((folder / "shards.json").stat().st_size / 2**20, 1),
        "peak_megabytes": round(used.ru_maxrss / 1024),
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
    }


if __name__ == "__main__":
    main()
