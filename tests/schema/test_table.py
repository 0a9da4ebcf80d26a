"""Tables as they stand in files."""

from __future__ import annotations

import gzip
import json

import pytest

from interpretable_gan.errors import DataError
from interpretable_gan.schema import table as tables
from interpretable_gan.schema.table import read_table

EXPECTED = {"file": ["a.png", "b.png"], "hat": ["1", ""]}
PACKED = gzip.compress(b"file,hat\na.png,1\n" * 9)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_its_usual_forms(tmp_path, delimiter):
    path = tmp_path / "t.csv"
    path.write_text("\ufefffile,hat\na.png,1\n\nb.png,\n".replace(",", delimiter), encoding="utf-8")
    assert read_table(path) == EXPECTED


def test_compressed_csv(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b'file,hat\n"a.png",1\nb.png,\n'))
    assert read_table(path) == EXPECTED


def test_json_lines_fill_gaps_with_none(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"file": "a.png", "hat": true}\n\n{"file": "b.png", "age": 3}\n')
    assert read_table(path) == {
        "file": ["a.png", "b.png"],
        "hat": [True, None],
        "age": [None, 3],
    }


def test_json_lines_end_where_lines_end(tmp_path):
    path = tmp_path / "t.jsonl"
    rows = [{"hair": "red\u2028brown"}, {"hair": "black"}]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"\ufeff{text}", encoding="utf-8")
    assert read_table(path) == {"hair": ["red\u2028brown", "black"]}


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs the data extra")
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the data extra")
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"hat": [1, None], "hair": ["red", "black"]}), path)
    assert read_table(path) == {"hat": [1, None], "hair": ["red", "black"]}
    broken = path.read_bytes()
    for content in (b"PAR1 broken", broken[:300] + bytes(80) + broken[380:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as Parquet"):
            read_table(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("t.csv", b"", "must name every column", id="empty"),
        pytest.param("t.csv", b"a,,c\n", "must name every column", id="nameless"),
        pytest.param("t.csv", b"a,b,a\n", "column 'a' stands twice", id="doubled"),
        pytest.param("t.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 cells for 2 columns", id="ragged"),
        pytest.param("t.csv", b"a\n\xff\xfe\n", "not UTF-8", id="other encoding"),
        pytest.param("t.csv", b"a,b\n1,2\n3," + b"x" * 140_000, "line 3: .*quote", id="huge"),
        pytest.param("t.csv.gz", PACKED[:-9], "no whole gzip file", id="gzip cut short"),
        pytest.param("t.csv.gz", PACKED[:9] + b"\7" * 20, "no whole gzip", id="gzip damaged"),
        pytest.param("t.csv.gz", b"a,b\n", "no whole gzip file", id="no gzip"),
        pytest.param("t.jsonl", b"{}\n{,}\n", "line 2: not JSON", id="broken line"),
        pytest.param("t.jsonl", b"[" * 10**5, "line 1: not JSON", id="endless nesting"),
        pytest.param("t.jsonl", rb'{"a": "\udcff"}', "line 1: not JSON", id="half a character"),
        pytest.param("t.jsonl", b"[1]\n", "must be one", id="not an object"),
        pytest.param("t.xlsx", b"", "a table ends in .csv", id="another kind"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


def test_a_missing_table(tmp_path):
    with pytest.raises(DataError, match="no such table"):
        read_table(tmp_path / "t.csv")


def test_a_table_that_cannot_be_opened(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "t.csv").write_text("a\n1\n")
    monkeypatch.setattr(tables, "_read_csv", refuse)
    with pytest.raises(DataError, match=r"t\.csv cannot be read: .*Permission denied"):
        read_table(tmp_path / "t.csv")
