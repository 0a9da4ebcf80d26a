"""Tables as they stand in files."""

from __future__ import annotations

import gzip
import json

import pytest

from interpretable_gan.errors import DataError
from interpretable_gan.schema import table as tables
from interpretable_gan.schema.table import read_blocks, read_table

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
    assert [each["hair"] for each in read_blocks(path, 1)] == [["red"], ["black"]]
    broken = path.read_bytes()
    for content in (b"PAR1 broken", broken[:300] + bytes(80) + broken[380:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as Parquet"):
            read_table(path)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_blocks_have_every_row_once_in_order(tmp_path, size):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{k},x{k}\n" for k in range(5)))
    blocks = [*read_blocks(path, size)]
    assert all(len(each["a"]) <= size for each in blocks)
    assert [cell for each in blocks for cell in each["b"]] == [f"x{k}" for k in range(5)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("t.csv", b"", "must name every column", id="empty"),
        pytest.param("t.csv", b"a.JPG,1\nb.jpg,0\n", "no header.*image 'a.JPG'", id="headless"),
        pytest.param("t.csv", b"7,1,1\n8,0,1\n", "a row already", id="headless numbers"),
        pytest.param("t.jsonl", b'{"a": 1, "a": 2}\n', "'a' stands twice", id="doubled key"),
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


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"file", "hat"\n"a.png", "1"\n"b.png", ""\n', id="blanks after commas"),
        pytest.param("file , hat \n a.png , 1 \n b.png , \n", id="blanks around cells"),
        pytest.param("'file','hat'\n'a.png','1'\n'b.png',''\n", id="single quotes"),
        pytest.param("file,hat\r\na.png,1\r\nb.png,\r\n,\r\n", id="line ends of Windows"),
        pytest.param("file,hat\ra.png,1\rb.png,\r", id="line ends of old Macs"),
        pytest.param("sep=;\nfile;hat\na.png;1\nb.png;\n", id="delimiter in the first line"),
        pytest.param("file|hat\na.png|1\nb.png|\n", id="bars"),
        pytest.param("file,hat,,\na.png,1,,\nb.png,,,\n", id="empty columns at the end"),
        pytest.param("file,hat\na.png,1,\nb.png,,\n", id="commas at the end of rows"),
        pytest.param("file,hat,\na.png,1\nb.png,\n", id="a comma at the end of the header"),
    ],
)
def test_all_spellings_of_a_table_are_one_table(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode())
    assert read_table(tmp_path / "t.csv") == EXPECTED


def test_a_delimiter_is_what_cuts_all_rows_alike(tmp_path):
    (tmp_path / "t.csv").write_text('file;"a, b, c, d"\na.png;1,5\n')
    assert list(read_table(tmp_path / "t.csv")) == ["file", "a, b, c, d"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("age;n\n1,5;1\n-0,25;2\n", ["1.5", "-0.25"], id="semicolons"),
        pytest.param("age;n\n1,500;1\n2;2\n", ["1.500", "2"], id="three places"),
        pytest.param("age;n\n1.234,5;1\n0,5;2\n", ["1234.5", "0.5"], id="points in thousands"),
        pytest.param("age;n\n1.234;1\n0,5;2\n", ["1234", "0.5"], id="points in whole thousands"),
        pytest.param("age;n\n1.234;1\n1,5;2\n2.5;3\n", ["1.234", "1.5", "2.5"], id="both"),
        pytest.param('age,n\n"1,5",1\n"2,75",2\n', ["1.5", "2.75"], id="quoted"),
        pytest.param('age,n\n"1,234",1\n999,2\n', ["1234", "999"], id="thousands"),
        pytest.param("age\tn\n1,5\t1\n2.5\t2\n", ["1.5", "2.5"], id="one comma among points"),
    ],
)
def test_numbers_with_commas_become_numbers_and_that_is_said(tmp_path, text, numbers):
    (tmp_path / "t.csv").write_text(text)
    remarks = []
    assert read_table(tmp_path / "t.csv", remarks)["age"] == numbers
    assert [remark.split(":")[0] for remark in remarks] == ["age"]


def test_texts_in_json_are_read_like_texts_in_csv(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"age": "1,5", "n": 1}\n{"age": "2", "n": 2}\n')
    assert read_table(tmp_path / "t.jsonl")["age"] == ["1.5", "2"]


def test_texts_with_commas_stay_texts(tmp_path):
    (tmp_path / "t.csv").write_text("hair;n\nred, long;1\n1,2,3;2\n")
    remarks = []
    assert read_table(tmp_path / "t.csv", remarks)["hair"] == ["red, long", "1,2,3"]
    assert not remarks


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(",file,hat\n0,a.png,1\n1,b.png,\n", id="pandas"),
        pytest.param("file\that\n0\ta.png\t1\n1\tb.png\tNA\n", id="R"),
    ],
)
def test_a_column_without_a_name_has_a_number(tmp_path, text):
    (tmp_path / "t.tsv").write_text(text)
    assert list(read_table(tmp_path / "t.tsv")) == ["unnamed 1", "file", "hat"]


def test_names_of_columns_are_one_line_of_composed_characters(tmp_path):
    (tmp_path / "t.csv").write_text('"hair\ncolour",mu\u0308tze\nred,1\n', encoding="utf-8")
    assert list(read_table(tmp_path / "t.csv")) == ["hair colour", "m\u00fctze"]


def test_a_gzip_file_that_unfolds_without_end_is_refused_before_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SPARE", 1_000)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" + b"1\n" * 1_000_000))
    with pytest.raises(DataError, match="more than 500 times its size"):
        read_table(path)


def test_a_parquet_file_of_more_rows_than_bytes_is_refused(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(tables, "SPARE", 1_000)
    monkeypatch.setattr(tables, "BOMB", 5)
    path = tmp_path / "bomb.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1] * 100_000}), path)
    with pytest.raises(DataError, match="100,000 rows of 1 columns"):
        read_table(path)


def test_a_page_of_text_is_no_name_of_a_column(tmp_path):
    (tmp_path / "a.csv").write_text("x" * 600 + ",b\n1,2\n")
    with pytest.raises(DataError, match="column 1 has 600 characters") as told:
        read_table(tmp_path / "a.csv")
    assert len(str(told.value)) < 300
