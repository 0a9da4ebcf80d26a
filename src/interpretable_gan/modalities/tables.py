"""Rows of a table as models take them: the one gate for bad input, and a frame to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.tables import read_rows
from interpretable_gan.errors import DataError, MissingExtraError, did_you_mean
from interpretable_gan.schema.attribute import Attribute, as_text
from interpretable_gan.schema.cells import natural, read_cells, write_cells
from interpretable_gan.schema.schema import Schema


@dataclass(frozen=True)
class TableModality:
    """Rows of the columns that the schema names, as float64 ``(batch, columns)``.

    A level is its number, off and on are 0 and 1, a number is itself, a date its days since
    1970-01-01, and a cell that is not known is nan. Nothing is rounded: `show` gives back what
    `check` was given.
    """

    schema: Schema

    def check(self, examples: Any) -> Tensor:
        """The rows as numbers.

        Args:
            examples: a data frame, a mapping of columns, a file, or a tensor or array of numbers
                ``(batch, columns)``, one row or more. Columns that the schema does not name are
                not looked at; the target's may be left out, it is then not known.

        Raises:
            DataError: a column is missing; a cell is nothing that its column can be, with its row
                and column; no rows.
        """
        if isinstance(examples, Tensor | np.ndarray):
            return self._numbers(torch.as_tensor(examples))
        table = read_rows(examples, Intake("rows"))
        count = len(next(iter(table.values())))
        if not count:
            raise DataError("no rows: give one or more.")
        columns = [self._column(attribute, table, count) for attribute in self.schema.named]
        return torch.from_numpy(np.stack(columns, axis=1))

    def show(self, examples: Any) -> Any:
        """Rows as a pandas data frame, with the values that the table had.

        Raises:
            DataError: as `check` does.
            MissingExtraError: pandas is not installed; `written` works without.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("a data frame", "frame") from None
        cells = self.check(examples).cpu().numpy()
        return pandas.DataFrame(
            {
                attribute.name: natural(attribute, cells[:, number])
                for number, attribute in enumerate(self.schema.named)
            }
        )

    def written(self, examples: Any) -> dict[str, list[str]]:
        """Rows as texts, as a file of the table writes them: column name → cells.

        Raises:
            DataError: as `check` does.
        """
        cells = self.check(examples).cpu().numpy()
        return {
            attribute.name: write_cells(attribute, cells[:, number])
            for number, attribute in enumerate(self.schema.named)
        }

    def _column(self, attribute: Attribute, table: Any, count: int) -> Any:
        """One column of a table, (rows,)."""
        name = attribute.name
        if name not in table:
            if name == self.schema.target:
                return np.full(count, np.nan)
            raise DataError(
                f"the rows have no column {name!r}.{did_you_mean(name, list(table))} They have: "
                f"{', '.join(table)}."
            )
        cells = read_cells(attribute, table[name])
        if cells.unreadable.any():
            row = int(cells.unreadable.argmax())
            text = as_text(table[name][row])
            raise DataError(f"row {row + 1}: {name} cannot be {text!r}. {attribute.accepts(text)}")
        return cells.values

    def _numbers(self, rows: Tensor) -> Tensor:
        """Rows that are numbers already, if they can be.

        Raises:
            DataError: another shape, or a number that is no level of its column.
        """
        schema = self.schema
        if rows.ndim != 2 or rows.shape[1] != len(schema.named) or not len(rows):
            raise DataError(
                f"rows of shape {tuple(rows.shape)}: give (batch, {len(schema.named)}), one or "
                f"more, with the columns {', '.join(a.name for a in schema.named)}."
            )
        rows = rows.double()
        if rows.is_meta:
            return rows
        if rows.isinf().any():
            raise DataError("rows have infinite cells: leave these rows out.")
        for number, attribute in enumerate(schema.named):
            if attribute.kind == "continuous":
                continue
            most, cells = len(attribute.values) - 1, rows[:, number]
            odd = ~cells.isnan() & ((cells < 0) | (cells > most) | (cells != cells.round()))
            if odd.any():
                raise DataError(
                    f"row {int(odd.int().argmax()) + 1}: {attribute.name} is "
                    f"{float(cells[odd][0]):g}, but its levels are numbered from 0 to {most}."
                )
        return rows
