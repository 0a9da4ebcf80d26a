"""Any table opens as a data set, comes back as it was, or is refused in one sentence."""

from __future__ import annotations

import gzip
import random

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interpretable_gan.data.tables import holds_rows, open_table
from interpretable_gan.errors import InterpretableGANError
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema


def columns(rows=60, seed=0):
    luck = np.random.default_rng(seed)
    return {
        "amount": [f"{value:.2f}" for value in luck.gamma(2, 900, rows)],
        "age": [f"{value:.0f}" for value in luck.normal(45, 12, rows)],
        "purpose": luck.choice(["car", "radio, television", "house"], rows).tolist(),
        "owns": luck.choice(["yes", "no"], rows).tolist(),
    }


def text(table, delimiter=","):
    frame = pandas.DataFrame(table)
    return frame.to_csv(index=False, sep=delimiter, lineterminator="\n")


def write(path, table, **how):
    path.write_text(text(table, **how), encoding="utf-8")
    return path


def test_a_table_comes_back_cell_by_cell(tmp_path):
    table = columns()
    table["age"][3] = ""
    data = open_table(write(tmp_path / "credit.csv", table))
    assert data.columns() == table
    assert data.name == "credit"
    assert data.schema.names == tuple(table)
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 48,
        "validation": 6,
        "test": 6,
    }
    assert "rows are split at random, seed 0" in str(data.report)


def test_every_form_of_a_table_is_the_same_data(tmp_path):
    table = columns()
    expected = open_table(write(tmp_path / "a.csv", table))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text(table).encode()))
    frame = pandas.DataFrame(table).astype({"amount": float, "age": int})
    frame.to_parquet(tmp_path / "c.parquet")
    sources = [
        *("b.csv.gz", "c.parquet"),
        write(tmp_path / "d.tsv", table, delimiter="\t").name,
        write(tmp_path / "e.csv", table, delimiter=";").name,
    ]
    for source in [*(tmp_path / name for name in sources), table, frame]:
        assert (open_table(source).cells == expected.cells).all(), source


def test_commas_before_fractions_are_said(tmp_path):
    table = columns()
    spelt = dict(table, amount=[cell.replace(".", ",") for cell in table["amount"]])
    data = open_table(write(tmp_path / "a.csv", spelt, delimiter=";"))
    assert (data.cells == open_table(table).cells).all()
    assert "amount: commas are read as those before the fraction" in str(data.report)


def test_several_files_are_one_table(tmp_path):
    write(tmp_path / "1.csv", columns(seed=1))
    write(tmp_path / "2.csv", columns(seed=2))
    data = open_table(tmp_path)
    assert len(data) == 120
    assert "2 files are read as one table" in str(data.report)
    write(tmp_path / "3.csv", {"other": ["1"] * 20})
    with pytest.raises(InterpretableGANError, match=r"different columns, such as 'age'"):
        open_table(tmp_path)


def test_a_schema_beside_the_table_corrects_what_was_inferred(tmp_path):
    path = write(tmp_path / "credit.csv", columns() | {"score": ["-9", "3", "17", "40.5"] * 15})
    data = open_table(path)
    assert np.isnan(data.cells[0, -1])
    fields = data.schema.to_dict()
    del fields["attributes"][-1]["missing"]
    fields["attributes"][-1]["range"] = [-9, 41]
    Schema(**fields).save(tmp_path / "schema.yaml")
    assert open_table(path).cells[0, -1] == -9


def test_cells_that_cannot_be_read_are_named_and_stop_strict(tmp_path):
    table = columns()
    table["age"][7] = "old"
    path = write(tmp_path / "credit.csv", table)
    data = open_table(path)
    assert np.isnan(data.cells[7, 1])
    assert "unreadable label: 1, taken as not known (age 'old')" in str(data.report)
    with pytest.raises(InterpretableGANError, match="strict"):
        open_table(path, strict=True)


def test_a_published_split_is_kept_and_validation_rows_come_from_training():
    table = columns() | {"split": ["train"] * 50 + ["test"] * 10}
    data = open_table(table)
    assert data.rows("test").tolist() == list(range(50, 60))
    assert len(data.rows("validation")) == 5
    assert not set(data.rows("validation")) & set(data.rows("train"))
    assert "split" not in data.schema.names


def test_rows_of_a_group_stay_together():
    table = columns() | {"customer": [f"c{n // 3}" for n in range(60)]}
    data = open_table(table, roles=Roles(group="customer"))
    parts = [set(data.groups[rows]) for rows in data.splits.values()]
    assert sum(map(len, parts)) == 20


def test_tables_of_images_are_told_from_tables_of_rows(tmp_path):
    rows = write(tmp_path / "credit.csv", columns())
    images = write(tmp_path / "faces.csv", {"file": [f"{n}.jpg" for n in range(9)]})
    assert [holds_rows(path) for path in (rows, images, tmp_path / "none.csv")] == [
        True,
        False,
        False,
    ]


ODD = ("", "?", "-9", "inf", "1e400", "9999-12-31", "a" * 300, '"', "1,5", "\u00e9\u4e2d", "=1+1")


def mutated(seed):
    """A table as bytes, with something wrong in it, of a kind that the seed chooses; and its cells,
    where these are still what a reader must find."""
    luck = random.Random(seed)
    table = columns(rows=luck.choice([0, 1, 12, 60]), seed=seed)
    for _ in range(luck.randrange(4)):
        cells = table[luck.choice(sorted(table))]
        for _ in range(luck.choice([1, 5, len(cells)]) if cells else 0):
            cells[luck.randrange(len(cells))] = luck.choice(ODD)
    if luck.random() < 0.2:
        table = {name: table[name] for name in luck.sample(sorted(table), luck.randrange(3))}
    if table and luck.random() < 0.2:
        table["many"] = [f"level {n * 7 % 5000}" for n in range(len(next(iter(table.values()))))]
    if table and luck.random() < 0.1:
        table["nothing"] = [""] * len(next(iter(table.values())))
    made = text(table, delimiter=luck.choice(",;\t|"))
    lines, whole = made.split("\n"), True
    if luck.random() < 0.2:
        lines[0], whole = lines[0].replace("age", "amount"), False
    if luck.random() < 0.2 and len(lines) > 3:
        lines[2] = luck.choice([lines[2] + ",more", '"' + lines[2], lines[2][:3], ""])
        whole = False
    code = luck.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    content = luck.choice(["\n", "\r\n"]).join(lines).encode(code, "replace")
    return content, table if whole and code.startswith("utf-8") else None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31))
def test_a_broken_table_is_a_right_result_or_one_sentence(tmp_path, seed):
    check_mutated(tmp_path / "table.csv", *mutated(seed))


@pytest.mark.slow
def test_two_thousand_broken_tables(tmp_path):
    found = [check_mutated(tmp_path / "table.csv", *mutated(seed)) for seed in range(2000)]
    assert found.count("read") > 300
    assert found.count("refused") > 300


def check_mutated(path, content, table):
    """Never a traceback, and never another value than the one in the file."""
    path.write_bytes(content)
    try:
        data = open_table(path)
    except InterpretableGANError as error:
        sentence = str(error)
        assert sentence[-1] in ".?"
        assert "\n" not in sentence
        return "refused"
    again = open_table(data.columns(), schema=data.schema, roles=data.schema.roles)
    np.testing.assert_array_equal(again.cells, data.cells)
    assert np.isfinite(data.cells[~np.isnan(data.cells)]).all()
    if table is not None:
        check_cells(data, table)
    return "read"


def check_cells(data, table):
    """Every cell is the one in the file, or it is said that it is not known."""
    said = str(data.report)
    for attribute, cells in zip(data.schema.named, data.cells.T, strict=True):
        written = data.columns()[attribute.name]
        for cell, text, raw in zip(cells, written, table[attribute.name], strict=True):
            if np.isnan(cell):
                told = attribute.is_missing(raw) or "taken as not known" in said
                assert told or raw in ("", "?"), (attribute.name, raw)
            else:
                assert spelt(text) == spelt(raw), (attribute.name, raw, text)


def spelt(text):
    """A cell as a number where it is one, commas before fractions or not."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text.strip().casefold()
