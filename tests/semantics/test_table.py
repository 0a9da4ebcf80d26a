"""Tables as they stand in files."""

from __future__ import annotations

import gzip

import pytest

from interpretable_gan.errors import DataError
from interpretable_gan.semantics.table import read_table

EXPECTED = {"file": ["a.png", "b.png"], "hat": ["1", ""]}


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


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs the data extra")
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the data extra")
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"hat": [1, None], "hair": ["red", "black"]}), path)
    assert read_table(path) == {"hat": [1, None], "hair": ["red", "black"]}
    path.write_bytes(b"PAR1 broken")
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
        pytest.param("t.jsonl", b"{}\n{,}\n", "line 2: not JSON", id="broken line"),
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
