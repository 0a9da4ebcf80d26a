"""A table is written again as its file was, byte by byte."""

from __future__ import annotations

import gzip

import pytest

from interpretable_gan.schema.table import read_file
from interpretable_gan.schema.table_form import TableForm

FILES = {
    "commas": "age,hair\n39,red\n41,\n",
    "texts with commas": 'age,hair\n39,"red, long"\n41,"a ""b"""\n',
    "texts in quotes": '"","age","hair"\n"1",39,"red"\n"2",NA,"1 a"\n',
    "all in quotes": '"age","hair"\n"39","red"\n"41",""\n',
    "blanks behind commas": "age, hair, wage\n39, red, 1\n41, black, 2\n",
    "single quotes": "'age','hair'\n'39','red'\n",
    "a spreadsheet": "\ufeffAlter;Lohn;Haar\r\n39;1.234,50;rot\r\n41;-12,75;\r\n",
    "one that names its separator": "sep=;\r\nage;wage\r\n39;1,5\r\n41;2,5\r\n",
    "commas in thousands": 'age,wage\n39,"1,234"\n41,"1,234,567.5"\n43,-12\n',
    "tabs": "age\thair\n39\tred, long\n",
    "odd names": "Hair  Colour,\u00fc b\nred,1\n",
    "blanks as quotes need them": 'age; hair\n39; "red; long"\n41; b\n',
}


@pytest.mark.parametrize("text", FILES.values(), ids=list(FILES))
def test_the_rows_of_a_file_are_written_as_they_were(tmp_path, text):
    path, again = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes(text.encode())
    table, form = read_file(path)
    TableForm(**form.model_dump()).write(again, table)
    assert again.read_bytes().decode() == text


def test_a_name_says_what_else_a_file_is(tmp_path):
    form = TableForm.plain(["age", "hair"])
    table = {"age": ["39"], "hair": ["red\t"]}
    form.write(tmp_path / "a.tsv", table)
    assert (tmp_path / "a.tsv").read_bytes() == b'age\thair\n39\t"red\t"\n'
    form.write(tmp_path / "a.csv.gz", table)
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == b"age,hair\n39,red\t\n"


def test_columns_that_nobody_draws_are_empty_or_as_always(tmp_path):
    table = {"id": ["1", "2"], "age": ["39", "41"], "land": ["EU", "EU"]}
    form = TableForm.plain(table).filled(table, ["age"])
    assert form.empty(["age"]) == ["id"]
    assert list(form.lines({"age": ["50"], "other": ["1"]})) == ["id,age,land\n", ",50,EU\n"]
