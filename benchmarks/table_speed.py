"""How long a model of a table takes to draw, write and explain rows, in processor seconds.

    python benchmarks/table_speed.py

Needs the extra `tables`. Writes benchmarks/results/table-speed.json. The model is of 8,000 drawn
applicants (13 columns) with as many hidden states as a table of 20,000 rows or more gets, 128. One
thread; processor seconds, so that other work on the machine counts little. Wanted: a million rows
in 60 s, and 10,000 explanations in 1 s.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from interpretable_gan.atomic import write_text
from interpretable_gan.data.applicants import TARGET, WANTED, applicants
from interpretable_gan.data.tables import open_table
from interpretable_gan.explain.rows import explain_rows
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.fit import fit_table
from interpretable_gan.schema.schema import Schema
from machine import machine

RESULTS = Path(__file__).parent / "results"
ROWS, DRAWN, EXPLAINED = 8_000, 1_000_000, 10_000


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work gives, and the processor seconds that it took."""
    start = time.process_time()
    return work(), round(time.process_time() - start, 2)


def main() -> None:
    torch.set_num_threads(1)
    data = open_table(applicants(ROWS))
    fields = data.schema.to_dict() | {"target": TARGET, "wanted": WANTED}
    data = replace(data, schema=Schema(**fields))
    model, fitting = timed(lambda: fit_table(data, TableConfig(threads=1, hidden=128, refits=2)))
    drawn, drawing = timed(lambda: model.sampler.draw(DRAWN))
    asked = {"age": "21..30", "purpose": "car"}
    _, conditional = timed(lambda: model.sampler.draw(DRAWN, asked))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "drawn.csv"
        _, writing = timed(lambda: data.form.write(file, model.modality.written(drawn.cells)))
    rows = torch.from_numpy(drawn.cells[:EXPLAINED])
    explained, explaining = timed(lambda: explain_rows(model, rows))
    _, reasons = timed(lambda: [explained.reasons(row) for row in range(EXPLAINED)])
    found = {
        "command": "python benchmarks/table_speed.py",
        "date": date.today().isoformat(),
        "machine": machine(),
        "fit": fitting,
        f"{DRAWN:,} rows": drawing,
        f"{DRAWN:,} rows with age 21..30 and purpose car": conditional,
        f"{DRAWN:,} rows written to a file": writing,
        f"{EXPLAINED:,} explanations": explaining,
        f"{EXPLAINED:,} times four reasons in words": reasons,
        "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    write_text(RESULTS / "table-speed.json", json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
