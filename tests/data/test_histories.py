"""Histories of users: the same whether a file is read at once or in parts."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.data import histories
from interpretable_gan.data.histories import read_histories
from interpretable_gan.data.interactions import open_interactions
from interpretable_gan.errors import DataError

USERS, ITEMS = 40, 12


def write(path, table):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))


@pytest.fixture
def opened(tmp_path):
    rows = [(f"u{(7 * k) % USERS}", f"i{(k * k) % ITEMS}", 1 + k % 5, k) for k in range(20 * USERS)]
    rows += [("", "i1", 3, 1), ("u1", "i0", "bad", 2)]
    table = dict(zip(("user", "item", "rating", "time"), zip(*rows, strict=True), strict=True))
    write(tmp_path / "rows.csv", table)
    users = {
        "user": [f"u{k}" for k in range(USERS + 2)],
        "age": [20 + 3 * (k % 7) for k in range(USERS + 2)],
        "hobbies": [
            ("chess|golf", "golf", "", "chess|tea", "tea")[k % 5] for k in range(USERS + 2)
        ],
    }
    write(tmp_path / "users.csv", users)
    return open_interactions(tmp_path / "rows.csv", tmp_path / "users.csv")


def read(data, items=None, *, idle=False, **changes):
    source, known = replace(data.source, **changes), data.people.attributes
    return [*read_histories(source, items or data.catalog.ids, known, 0.4, idle=idle)]


@pytest.mark.parametrize("part", [2**24, 3000])
def test_parts_have_all_that_the_whole_has(opened, part, monkeypatch):
    monkeypatch.setattr(histories, "PART", part)
    monkeypatch.setattr(histories, "BLOCK", 100)
    found = read(opened, idle=True)
    assert len(found) == found[0].parts == (1 if part == 2**24 else 4)
    ids = [name for each in found for name in each.ids]
    assert sorted(ids) == sorted(opened.people.ids)
    place = [opened.people.ids.index(name) for name in ids]
    history = opened.history(np.arange(len(opened)), seen=0.4).toarray()[place]
    assert (np.concatenate([each.history.toarray() for each in found]) == history).all()
    cells = np.concatenate([each.cells for each in found])
    np.testing.assert_array_equal(cells, opened.people.cells[place])
    problems = sum((each.problems for each in found), start=type(found[0].problems)())
    assert problems["row without a user or an item"] == 1
    assert problems["unreadable rating"] == 1
    assert problems["rating given twice"] == opened.report.count("rating given twice")


def test_items_stand_where_the_model_has_them(opened):
    items = opened.catalog.ids[:0:-1]  # another order, and one is not known
    (found,) = read(opened, items)
    assert len(found.ids) == USERS
    whole = opened.history(np.arange(len(opened)), seen=0.4).toarray()[:USERS]
    assert (found.history.toarray() == whole[:, :0:-1]).all()
    assert found.problems["item that the run does not know"] == np.count_nonzero(whole[:, 0])


def test_what_is_liked_is_as_it_was_learned(opened, tmp_path):
    assert opened.source.liked == 4
    write(tmp_path / "low.csv", {"user": ["new"] * 2, "item": ["i0", "i1"], "rating": [1, 2]})
    (found,) = read(opened, source=str(tmp_path / "low.csv"), users=None)
    assert found.history.data.tolist() == [0.4, 0.4]
    assert np.isnan(found.cells).all()


def test_a_table_that_lacks_something_gets_a_sentence(opened, tmp_path):
    write(tmp_path / "few.csv", {"user": ["u1"], "age": [30]})
    with pytest.raises(DataError, match="no column 'hobbies'"):
        read(opened, users=str(tmp_path / "few.csv"))
    write(tmp_path / "none.csv", {"user": [""], "item": ["i1"]})
    with pytest.raises(DataError, match="no usable interaction"):
        read(opened, source=str(tmp_path / "none.csv"), users=None)
