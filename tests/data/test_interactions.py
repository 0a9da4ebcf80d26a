"""Tables of interactions are read as they are meant, and what cannot be used is named."""

import numpy as np
import pytest

from interpretable_gan.data.interactions import holds_interactions, open_interactions
from interpretable_gan.data.library import library
from interpretable_gan.errors import DataError


def table(rows, columns=("user", "item", "rating", "time")):
    return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=False))


ROWS = [(u, i, 1 + (u + i) % 5, 100 * u + i) for u in range(8) for i in range(10)]


def test_each_users_latest_rows_are_the_test():
    data = open_interactions(table(ROWS[::-1]))
    mine = {name: data.items[rows[data.users[rows] == 0]] for name, rows in data.splits.items()}
    ids = {name: [data.catalog.ids[i] for i in items] for name, items in mine.items()}
    assert ids == {"train": [str(i) for i in range(7)], "validation": ["7"], "test": ["8", "9"]}


def test_likes_are_the_upper_part_of_the_scale():
    data = open_interactions(table(ROWS))
    assert data.feedback == "explicit"
    assert data.liked.mean() == 0.4
    assert any("ratings from 4 on" in remark for remark in data.report.remarks)
    high = [(u, i, 3 + r % 3, t) for u, i, r, t in ROWS]
    assert open_interactions(table(high)).liked.mean() == 0.4  # of 3 to 5 the 5 alone
    assert open_interactions(table(ROWS), liked=5).liked.mean() == 0.2
    assert open_interactions(table(ROWS), feedback="implicit").liked.all()


def test_counts_are_no_scale():
    rows = [(u, i, 1 + 7 * u + i, 0) for u, i, *_ in ROWS]
    data = open_interactions(table(rows))
    assert data.feedback == "implicit"
    assert data.liked.all()


def test_what_is_wrong_is_counted_and_named():
    rows = [
        *ROWS,
        ("", 1, 5, 1),
        (1, None, 5, 1),
        (2, 3, "many", 1),
        (0, 0, 5, 9e5),
        (99, 3, 4, "noon"),
    ]
    items = {"item": [str(i) for i in range(9)] + ["new"], "year": [1990 + i for i in range(10)]}
    data = open_interactions(table(rows), items=items)
    found = {problem: data.report.count(problem) for problem in data.report.found}
    assert found == {
        "row without a user or an item": 2,
        "unreadable rating": 1,
        "unreadable time": 1,
        "rating given twice": 1,
        "item without attributes": 1,
    }
    assert "1 of the items in the table have no interaction" in " ".join(data.report.remarks)
    assert "1 users have one interaction (99)" in " ".join(data.report.remarks)
    first = (data.users == 0) & (data.items == 0)
    assert data.liked[first].tolist() == [True]  # the latest of the two counts
    with pytest.raises(DataError, match="strict stops"):
        open_interactions(table(rows), strict=True)


def test_labels_of_one_cell_become_attributes_and_years_leave_titles():
    items = {
        "id": [str(i) for i in range(10)],
        "title": [f"Film {i % 9} ({1990 + 2 * (i % 4)})" for i in range(10)],
        "genres": ["Drama|War", "Drama", "War", "Comedy|War", "Comedy"] * 2,
    }
    data = open_interactions(table(ROWS), items=items)
    assert [a.name for a in data.catalog.attributes] == ["comedy", "drama", "war", "year"]
    place = data.catalog.ids.index("3")
    assert data.catalog.cells[place].tolist() == [1, 0, 1, 3]
    assert data.catalog.titles[place] == "Film 3 (1996)"


def test_times_with_and_without_a_zone_are_put_in_one_order():
    when = ["2024-01-01T12:00:00+02:00", "2024-01-01T11:00:00", "2024-01-01T10:30:00Z"] * 2
    rows = [("a", i, 5, when[i]) for i in range(6)]
    data = open_interactions(table(rows))
    assert [data.catalog.ids[i] for i in data.items] == ["0", "3", "2", "5", "1", "4"]
    assert any("taken as UTC" in remark for remark in data.report.remarks)


def test_milliseconds_and_seconds_are_put_in_one_order():
    when = [1_700_000_002, 1_700_000_001_000, 1_700_000_003_000, 1_700_000_000] * 2
    data = open_interactions(table([("a", i, 5, when[i]) for i in range(8)]))
    assert [data.catalog.ids[i] for i in data.items] == ["3", "7", "1", "5", "0", "4", "2", "6"]


def test_movielens_own_files_are_known(tmp_path):
    folder = tmp_path / "ml"
    folder.mkdir()
    (folder / "u.data").write_text("".join(f"{u}\t{i}\t{r}\t{t}\n" for u, i, r, t in ROWS))
    flags = "|".join("01"[i % 2] for i in range(19))
    other = "|".join("10"[i % 2] for i in range(19))
    (folder / "u.item").write_text(
        "".join(
            f"{i}|Movie é {i}|01-Jan-{1980 + i % 4}||http://x|{flags if i % 3 else other}\n"
            for i in range(10)
        ),
        encoding="latin-1",
    )
    (folder / "u.user").write_text(
        "".join(f"{u}|{20 + 3 * (u % 4)}|{'MF'[u % 2]}|other|1\n" for u in range(8))
    )
    data = open_interactions(folder)
    assert data.name == "ml"
    assert [a.name for a in data.people.attributes] == ["age", "sex"]
    assert {"year", "drama", "film-noir"} <= {a.name for a in data.catalog.attributes}
    assert data.catalog.titles[0] == "Movie é 0"
    assert holds_interactions(folder)


def test_a_column_that_is_not_found_can_be_named():
    rows = table(ROWS, ("who", "what", "stars", "at"))
    with pytest.raises(DataError, match="--column user=NAME"):
        open_interactions(rows)
    data = open_interactions(rows, columns={"user": "who", "item": "what", "time": "at"})
    assert len(data) == 80
    with pytest.raises(DataError, match="Did you mean 'who'"):
        open_interactions(rows, columns={"user": "whom"})


def test_the_drawn_library_follows_its_rule():
    drawn = library(200, 100)
    data = open_interactions(drawn.loans, drawn.readers, drawn.books)
    people = [int(name[1:]) for name in data.people.ids]
    books = [int(name[1:]) for name in data.catalog.ids]
    said = drawn.liking[np.ix_(people, books)][data.users, data.items]
    assert said[data.liked].mean() > said[~data.liked].mean() + 1
    assert len({*drawn.books["title"]}) == 100


def test_a_label_called_like_a_taste_gets_another_name():
    items = {
        "id": [str(i) for i in range(10)],
        "shelf": ["d00|a", "d00", "a|b", "b", "popularity"] * 2,
    }
    data = open_interactions(table(ROWS), items=items)
    assert [a.name for a in data.catalog.attributes] == ["a", "b", "item d00", "item popularity"]
