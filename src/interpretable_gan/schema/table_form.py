"""How a text file writes a table, so that other rows can be written in the same way."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from interpretable_gan.atomic import write
from interpretable_gan.schema.attribute import MISSING, Checked, as_text, distinct
from interpretable_gan.schema.numerals import Numerals

ENDINGS = (".csv", ".csv.gz", ".tsv")
"""Of files that are written."""

LINES = 20
"""First lines of a file by which it is judged what stands in quotes."""


class ColumnForm(Checked):
    """A column of a file: its ``name``, how the first line spells it, how its numbers are written,
    whether its cells are ``quoted`` even where they need not be, and ``always``, the cell of every
    row where that is always the same."""

    name: str
    spelled: str
    numerals: Numerals = Numerals()
    quoted: bool = False
    always: str = ""


class TableForm(Checked):
    """How a file writes a table: all its ``columns`` in order, and what stands around the cells.

    ``separator`` may end in a blank. ``quote`` stands around cells that need it, around names and
    cells that are not known where that is said, and around all others of some columns. With a
    ``mark`` the file begins with a byte order mark; with ``told`` its first line names the
    separator, as some spreadsheets want it.
    """

    columns: tuple[ColumnForm, ...]
    separator: str = ","
    quote: str = '"'
    quoted_names: bool = False
    quoted_missing: bool = False
    line_end: Literal["\n", "\r\n"] = "\n"
    mark: bool = False
    told: bool = False

    @classmethod
    def plain(cls, names: Collection[str]) -> TableForm:
        """Commas, points and no marks."""
        return cls(columns=tuple(ColumnForm(name=name, spelled=name) for name in names))

    @classmethod
    def of_text(
        cls, head: str, delimiter: str, columns: tuple[ColumnForm, ...], quote: str, **known: bool
    ) -> TableForm:
        """The form of a file that begins with ``head``, as far as that tells it.

        Args:
            head: first lines, without a mark and a line that names the separator.
            delimiter: one character.
            columns: of the file, in order.
            quote: one character.
            known: ``mark`` and ``told``.
        """
        lines = [line.rstrip("\r") for line in head.split("\n")[:LINES]]
        spaced = delimiter != "\t" and all(
            line.count(delimiter) == line.count(f"{delimiter} ") for line in lines
        )
        names, *rows = [_in_quotes(line, delimiter, quote) for line in lines]
        rows = [row for row in rows if len(row) == len(columns)]
        told = [[text for text, quoted in cells if quoted] for cells in zip(*rows, strict=True)]
        columns = tuple(
            column.model_copy(update={"quoted": not all(map(_is_missing, texts))})
            for column, texts in zip(columns, told or [[]] * len(columns), strict=True)
        )
        return cls(
            columns=columns,
            separator=f"{delimiter} " if spaced and delimiter in head else delimiter,
            quote=quote,
            quoted_names=any(quoted for _, quoted in names),
            quoted_missing=any(_is_missing(text) for texts in told for text in texts),
            line_end="\r\n" if "\r\n" in head else "\n",
            **known,
        )

    def filled(self, table: Mapping[str, Any], drawn: Collection[str]) -> TableForm:
        """The same, knowing what stands in each constant column of a table that is never drawn."""
        columns = []
        for column in self.columns:
            if column.name not in drawn and column.name in table:
                texts = distinct(table[column.name])[0]
                if len(texts) == 1:
                    column = column.model_copy(update={"always": texts[0]})
            columns.append(column)
        return self.model_copy(update={"columns": tuple(columns)})

    def empty(self, drawn: Collection[str]) -> list[str]:
        """Names of columns that stay empty where only some are drawn."""
        return [c.name for c in self.columns if c.name not in drawn and not c.always]

    def write(self, path: Path, table: Mapping[str, Sequence[Any]]) -> None:
        """Write rows to a file, whole or not at all. A name in ``.tsv`` gets tabs.

        Args:
            path: ends in one of `ENDINGS`.
            table: column → cells, all equally long. Columns of the form that are not in it are
                written as they always are, or empty; others that the form does not have are not
                written.
        """
        form = self
        if path.suffix.lower() == ".tsv":
            form = self.model_copy(update={"separator": "\t"})

        def save(temporary: Path) -> None:
            zipped = path.suffix.lower() == ".gz"
            with temporary.open("wb") as raw, gzip.open(raw, "wb") if zipped else raw as binary:
                code = "utf-8-sig" if self.mark else "utf-8"
                with io.TextIOWrapper(binary, code, newline="") as file:
                    file.writelines(form.lines(table))

        write(path, save)

    def lines(self, table: Mapping[str, Sequence[Any]]) -> Iterator[str]:
        """The file line by line, each with its end."""
        if self.told:
            yield f"sep={self.separator}{self.line_end}"
        names = [self._cell(column.spelled, self.quoted_names) for column in self.columns]
        yield self.separator.join(names) + self.line_end
        count = len(next(iter(table.values()), ()))
        columns = [self._written(c, table.get(c.name, [c.always] * count)) for c in self.columns]
        for row in zip(*columns, strict=True):
            yield self.separator.join(row) + self.line_end

    def _written(self, column: ColumnForm, cells: Sequence[Any]) -> list[str]:
        """The cells of one column; each different one is written once."""
        texts = {}
        for cell in set(cells):
            text = cell if isinstance(cell, str) else as_text(cell)
            quoted = self.quoted_missing if _is_missing(text) else column.quoted
            texts[cell] = self._cell(column.numerals.write(text), quoted)
        return [texts[cell] for cell in cells]

    def _cell(self, text: str, quoted: bool) -> str:
        """A cell, in quotes if the file has it so, or if it would be read otherwise without."""
        needed = any(part in text for part in (self.separator[0], self.quote, "\n", "\r"))
        needed |= not text and len(self.columns) == 1  # an empty line is no row
        if quoted or needed:
            return self.quote + text.replace(self.quote, 2 * self.quote) + self.quote
        return text


def _is_missing(text: str) -> bool:
    return text.lower() in MISSING


def _in_quotes(line: str, delimiter: str, quote: str) -> list[tuple[str, bool]]:
    """The cells of a line, each with whether it stands in quotes that it does not need."""
    end, around = re.escape(delimiter), re.escape(quote)
    cell = re.compile(f" *(?:{around}((?:[^{around}]|{around}{around})*){around} *|([^{end}]*))")
    found, place = [], 0
    while place <= len(line) and (here := cell.match(line, place)):
        text = here[1] if here[1] is not None else here[2]
        needed = delimiter in text or quote in text
        found.append((text, here[1] is not None and not needed))
        place = here.end() + 1
    return found
