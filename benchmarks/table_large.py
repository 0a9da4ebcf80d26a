"""How much memory it takes to read and fit a table that is too large as Python objects.

    python benchmarks/table_large.py

Writes benchmarks/results/table-large.json. Draws a million rows of 50 columns (30 of numbers, 20 of
levels, a few groups of which go together) into 20 Parquet files, opens them as a table, fits the
likelihood model with 8 hidden states, and draws 10,000 rows. Wanted: 4 GiB at most. Needs the extra
`data`. `--rows` draws fewer.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from interpretable_gan.atomic import write_text
from interpretable_gan.data.tables import open_table
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.sampler_fit import fit_sampler
from machine import machine

RESULTS = Path(__file__).parent / "results"
NUMBERS, LEVELS, FILES = 30, 20, 20


def write(folder: Path, rows: int) -> None:
    """The table, one file after the other."""
    import pyarrow
    import pyarrow.parquet

    for file in range(FILES):
        luck = np.random.default_rng(file)
        count = rows // FILES
        common = luck.normal(size=(count, 5))
        columns = {}
        for k in range(NUMBERS):
            columns[f"number {k}"] = (common[:, k % 5] + luck.normal(size=count)).round(3)
        for k in range(LEVELS):
            level = np.clip((common[:, k % 5] + 2.5).astype(int), 0, 4)
            columns[f"level {k}"] = np.array(["a", "b", "c", "d", "e"])[level]
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"{file:02}.parquet")


def megabytes() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    torch.set_num_threads(1)
    found: dict[str, object] = {
        "command": f"python benchmarks/table_large.py --rows {rows}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "rows": rows,
        "columns": NUMBERS + LEVELS,
    }
    with TemporaryDirectory() as folder:
        write(Path(folder), rows)
        start = time.process_time()
        data = open_table(folder)
        found["reading, processor seconds"] = round(time.process_time() - start, 1)
        found["megabytes after reading"] = megabytes()
        write_text(RESULTS / "table-large.json", json.dumps(found, indent=1) + "\n")
        start = time.process_time()
        sampler = fit_sampler(data, TableConfig(hidden=8, threads=1))
        found["fitting, processor seconds"] = round(time.process_time() - start, 1)
        sampler.draw(10_000)
        found["megabytes in all"] = megabytes()
    write_text(RESULTS / "table-large.json", json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
