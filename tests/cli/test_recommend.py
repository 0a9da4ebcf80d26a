"""Recommenders on the command line."""

import csv
import json
import shutil

import pytest

from interpretable_gan.audit.card import Card
from interpretable_gan.training.recommend import everything_before_now


@pytest.fixture
def at_home(room, tmp_path, igan):
    shutil.copytree(room.folder, tmp_path, dirs_exist_ok=True)


def test_a_library_is_trained_and_asked(at_home, igan):
    tables = ("loans.csv", "--users", "readers.csv", "--items", "books.csv")
    settings = ("--set", "tastes=4", "--set", "rounds=3", "--out", "again")
    done = igan("train", *tables, *settings)
    assert done.code == 0, done.err
    assert "ndcg@10" in done.out
    assert "feedback is explicit" in done.err
    listed = igan("recommend", "again", "--user", "r001", "--n", 4)
    assert listed.code == 0, listed.err
    assert listed.out.count("because of") == 4
    wished = igan("recommend", "again", "--user", "r001", "--set", "drama=2", "--json")
    assert wished.code == 0
    assert len(json.loads(wished.out)) == 10
    told = igan("info", "again")
    assert "240 users and 120 items" in told.out


def test_suggestions_are_explained_without_saying_so(at_home, igan):
    done = igan("explain", "run", "--user", "r001", "--item", "b003", "--rather", "b004")
    assert done.code == 0, done.err
    assert "largest gap" in done.out
    assert "ahead of" in done.out or "behind" in done.out
    assert igan("name", "run", "d01", "slow books").code == 0
    assert "slow books tells" in igan("explain", "run", "--taste", "slow books").out


def test_lists_of_all_users_are_written_whole(at_home, room, igan):
    assert igan("recommend", "run", "--out", "lists.csv", "--n", 3).code == 0
    with open("lists.csv", encoding="utf-8") as file:
        rows = [*csv.reader(file)]
    assert rows[0] == ["user", "rank", "item", "title", "score"]
    people = everything_before_now(room.model, room.data)
    lists = room.model.recommend(people, 3).items.tolist()
    ids = room.data.catalog.ids
    assert [row[:3] for row in rows[1:]] == [
        [user, str(rank), ids[item]]
        for user, items in zip(room.data.people.ids, lists, strict=True)
        for rank, item in enumerate(items, 1)
    ]
    asked = igan("recommend", "run", "--user", "r007", "--n", 3, "--json")
    assert [each["id"] for each in json.loads(asked.out)] == [r[2] for r in rows if r[0] == "r007"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("recommend", "run"), "name a --user"),
        (("recommend", "run", "--user", "nobody"), "no user 'nobody'"),
        (("recommend", "run", "--like", "Nothing"), "no item 'Nothing'"),
        (("explain", "run", "--user", "r001"), "name an --item"),
        (("explain", "run"), "is a recommender"),
        (("sample", "run"), "is a recommender"),
        (("recommend", "run", "--user", "r001", "--set", "dramma=1"), "Did you mean 'drama'"),
        (("train", "loans.csv", "--liked", "much"), "neither a rating nor any"),
        (("train", "loans.csv", "--users", "readers.csv", "--target", "age"), "leave out --target"),
    ],
)
def test_a_wrong_call_gets_one_sentence(at_home, igan, arguments, said):
    done = igan(*arguments)
    assert done.code in (1, 2)
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_run_is_audited_and_reported(at_home, igan):
    done = igan("audit", "run", "-q")
    assert done.code == 0, done.err
    assert "carried by names" in done.out
    found = {m.name: m.value for c in Card.load("run").claims for m in c.measures}
    assert found["NDCG@10 above popularity"] > 0
    assert found["share of users"] > 0.5
    pytest.importorskip("matplotlib", reason="the extra report is not installed")
    assert igan("report", "run", "-q").code == 0
    with open("run/report.html", encoding="utf-8") as file:
        page = file.read()
    assert "Lists and their reasons" in page
    assert "Claims, measured" in page
