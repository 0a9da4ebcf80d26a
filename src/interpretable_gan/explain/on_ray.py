"""The same tables on Ray: workers are handed the numbers of parts alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.errors import MissingExtraError
from interpretable_gan.explain.parts import parts_of
from interpretable_gan.explain.tables import Tables
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.training.run import Run


class Maker:
    """A worker: opens the run once, and makes the tables whose numbers it is handed.

    Args:
        run, source, out: paths that every machine of the cluster sees, or the address of shards.
        options: of `Tables`.
    """

    def __init__(self, run: str, source: str, out: str, options: dict[str, bool]) -> None:
        self.source = source
        self.tables = Tables(
            Run.open(Path(run)), parts_of(source, Intake(source)), Path(out), **options
        )

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Make a table; whether it was made, and what was left out, as rows of a Ray data set."""
        intake = Intake(self.source)
        made = self.tables.make(int(row["part"]), intake)
        found = [
            f"{problem}\t{times}\t{name}"
            for problem, names in intake.found.items()
            for name, times in names.items()
        ]
        return {"made": made, "found": "\n".join(found)}


def make_on_ray(
    parts: Sequence[int],
    run: Path,
    source: str,
    out: Path,
    intake: Intake,
    *,
    places: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> int:
    """Make tables on the Ray cluster that the environment names, or on one of this machine's cores;
    how many were made. What is left out is noted in ``intake``.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtraError("work on a Ray cluster", "ray") from None
    os.environ.setdefault("RAY_DATA_LOG_LEVEL", "ERROR")  # progress is told by us
    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level="error")
    place = source if Store.is_address(source) else str(Path(source).resolve())
    paths = (str(run.resolve()), place, str(out.resolve()), {"places": places, "force": force})
    workers = max(1, min(int(ray.cluster_resources().get("CPU", 1)), len(parts)))
    rows = ray.data.from_items([{"part": part} for part in parts], override_num_blocks=len(parts))
    pool = ray.data.ActorPoolStrategy(size=workers)
    done = rows.map(Maker, fn_constructor_args=paths, num_cpus=1, compute=pool)
    made = 0
    for number, row in enumerate(done.iter_rows()):
        progress(Status(number + 1, len(parts)))
        made += bool(row["made"])
        for line in filter(None, row["found"].split("\n")):
            problem, times, name = line.split("\t", 2)
            intake.note(problem, name, times=int(times))
    return made
