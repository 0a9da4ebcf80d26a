"""Tables of many images, one for each part, whoever makes which of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.atomic import write
from interpretable_gan.data.intake import Intake
from interpretable_gan.errors import DataError, MissingExtraError
from interpretable_gan.explain.encoded import encoded
from interpretable_gan.explain.parts import Block, Part
from interpretable_gan.metrics.extractors import sha256
from interpretable_gan.models.steered import FILE as SHIFTS
from interpretable_gan.models.taught import FILE as WORDS
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.training.checkpoint import WEIGHTS
from interpretable_gan.training.run import Run

MADE_OF = b"interpretable_gan"
"""Key of a Parquet file's metadata under which stands what it was made of."""

AT_ONCE = 256
"""Images that go through the model together."""


class Tables:
    """Parquet tables of images in a folder: what a model reads, and what each attribute adds.

    A table that is there already is not made again, so that work that was stopped goes on, and
    several machines may make one table each. Each is written whole or not at all.

    Args:
        run: whose model reads.
        parts: one for each table.
        out: folder of the tables.
        places: with what is added at each place of an image.
        force: make tables again that are there.
    """

    def __init__(
        self,
        run: Run,
        parts: Sequence[Part],
        out: Path,
        *,
        places: bool = False,
        force: bool = False,
    ) -> None:
        self.model, self.parts, self.out = run.model(), parts, out
        self.places, self.force = places, force
        self._stamp = f"{_stamp(run)}{' places' * places}"

    def path(self, number: int) -> Path:
        """Where the table of a part is, or will be."""
        return self.out / f"{self.parts[number].name}.parquet"

    def make_all(self, numbers: Sequence[int], intake: Intake, progress: Progress = silent) -> int:
        """`make` one after the other; how many were made."""
        made = 0
        for done, number in enumerate(numbers):
            progress(Status(done, len(numbers)))
            made += self.make(number, intake)
        progress(Status(len(numbers), len(numbers)))
        return made

    def make(self, number: int, intake: Intake) -> bool:
        """Write the table of a part; False where it was there already, or its shard is damaged.
        What is left out is noted in ``intake``.

        Raises:
            DataError: the table there was made of other images or by another model.
            MissingExtraError: Parquet cannot be written.
        """
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise MissingExtraError("writing Parquet", "data") from None
        part, path = self.parts[number], self.path(number)
        made_of = hashlib.sha256(f"{part.stamp} {self._stamp}".encode()).hexdigest().encode()
        if path.exists() and not self.force:
            if _made_of(path) == made_of:
                return False
            raise DataError(
                f"{path} was made of other images or by another model; name another folder, or "
                "give --force."
            )
        blocks = [self._columns(block) for block in part.read(self.model, intake)]
        if not blocks:
            return False
        told = {MADE_OF: made_of}
        tables = [pyarrow.table(block).replace_schema_metadata(told) for block in blocks]
        table = pyarrow.concat_tables(tables, promote_options="default")
        write(path, lambda temporary: parquet.write_table(table, temporary))
        return True

    def _columns(self, block: Block) -> dict[str, Any]:
        """The table of a block: names, what is read and added, and labels where they are known."""
        images, count = block.images, len(block.names)
        if not count:  # for the columns alone
            images = torch.zeros(1, *images.shape[1:])
        found = [
            encoded(self.model, some, places=self.places) for some in torch.split(images, AT_ONCE)
        ]
        columns = {
            name: np.concatenate([each[name] for each in found])[:count] for name in found[0]
        }
        labels = {f"label.{name}": values for name, values in block.labels.items()}
        return {"image": block.names, **{n: _plain(each) for n, each in columns.items()}, **labels}


def _plain(column: NDArray[Any]) -> Any:
    """A column as Arrow takes it; one of places as a list in each row."""
    return list(column) if column.ndim > 1 else column


def _stamp(run: Run) -> str:
    """Changes when the run's weights, shifts, words or names of attributes do."""
    paths = (run.path / name for name in (WEIGHTS, SHIFTS, WORDS, "schema.yaml"))
    return " ".join(sha256(path) for path in paths if path.exists())


def _made_of(path: Path) -> bytes | None:
    """What a table was made of, as its metadata say; None of a file that is no such table."""
    import pyarrow
    from pyarrow import parquet

    try:
        return (parquet.read_schema(path).metadata or {}).get(MADE_OF)
    except (pyarrow.ArrowException, OSError):
        return None
