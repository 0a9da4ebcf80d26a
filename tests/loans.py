"""A small table with a known rule, and a run on it, which tests share."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interpretable_gan.data.applicants import TARGET, WANTED, applicants
from interpretable_gan.data.tables import TableData, open_table
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.tables import train_table

ROWS = 2000
SMALL = TableConfig(pairs=5, refits=2, threads=1, hidden=8)


@dataclass(frozen=True)
class Loans:
    """The file of the table, the run, and both opened."""

    file: Path
    run: Path
    data: TableData
    model: TableModel

    @classmethod
    def build(cls, folder: Path) -> Loans:
        pytest.importorskip("interpret", reason="the extra tables is not installed")
        file, run = folder / "applicants.csv", folder / "run"
        write(file, applicants(ROWS))
        data = aimed(open_table(file))
        return cls(file, run, data, train_table(data, SMALL, run=run))


def aimed(data: TableData, **changes: dict[str, str]) -> TableData:
    """The data with their target, and some attributes with other fields."""
    fields = data.schema.to_dict() | {"target": TARGET, "wanted": WANTED}
    for attribute in fields["attributes"]:
        attribute |= changes.get(attribute["name"], {})
    return replace(data, schema=Schema(**fields))


def write(path: Path, table: dict[str, list[str]]) -> Path:
    """A table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return path
