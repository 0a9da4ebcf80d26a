"""Whatever stands in the tables, there is one sentence or a right result.

The long run, of which 1,000 tables passed on 2026-12-01:

    IGAN_EXAMPLES=1000 python -m pytest -n0 --timeout=0 tests/models/recommend/test_hostile.py
"""

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interpretable_gan.data.interactions import open_interactions
from interpretable_gan.errors import InterpretableGANError
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.training.recommend import everything_before_now, quality, train_recommender

EXAMPLES = int(os.environ.get("IGAN_EXAMPLES", "20"))
QUICK = RecommendConfig(tastes=3, rounds=2, threads=1)

ids = st.one_of(
    st.integers(-2, 12).map(str),
    st.sampled_from(["é", "e\u0301", " a  b ", "NaN", "none", "0", "1.0", "x=y", "\u202e", "日本"]),
    st.text(max_size=3),
    st.none(),
)
ratings = st.one_of(
    st.integers(-5, 5), st.floats(allow_nan=True), st.sampled_from(["", "5 stars", "4,5", None])
)
times = st.one_of(
    st.integers(-(10**15), 10**15), st.sampled_from(["2024-01-01", "never", "", None])
)
rows = st.lists(st.tuples(ids, ids, ratings, times), max_size=60)
labels = st.sampled_from(["drama|war", "drama", "", None, "|", "a|b|c", "1", "residual", "d00"])
sides = st.lists(st.tuples(ids, labels, ratings), max_size=12)


def table(names, cells):
    return {name: [row[place] for row in cells] for place, name in enumerate(names)}


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(rows, st.booleans(), sides, st.sampled_from([None, "implicit", "explicit"]))
def test_any_table_gives_a_sentence_or_exact_lists(cells, with_items, items, feedback):
    known = table(("item", "genres", "year"), items) if with_items else None
    users = table(("user", "town", "age"), items) if with_items else None
    interactions = table(("user", "item", "rating", "time"), cells)
    said = None
    try:
        data = open_interactions(interactions, users, known, feedback=feedback)
    except InterpretableGANError as error:
        said = str(error)
    if said is not None:
        assert "\n" not in said
        return
    assert len(data) == len({(u, i) for u, i in zip(data.users, data.items, strict=True)})
    model = train_recommender(data, QUICK)
    assert all(
        np.isfinite(each["value"]) for k, each in quality(model, data).items() if k != "users"
    )
    people = everything_before_now(model, data)
    wish = Wish({each.name: 1.0 for each in model.item_attributes if each.kind == "binary"})
    lists = model.recommend(people, 3, wish)
    for user in range(min(len(people), 5)):
        one = people.at(slice(user, user + 1))
        shown = lists.items[user][lists.items[user] >= 0]
        assert not one.history.toarray()[0, shown].any()
        assert len({*shown.tolist()}) == len(shown)
        every = np.arange(len(data.catalog.ids))
        assert float(model.terms(one, every, wish).error()) < 1e-9
        assert float(model.history_terms(one, every).error()) < 1e-9


def test_a_million_doubles_are_one_row():
    count = 1_000_000
    data = open_interactions({"user": ["u"] * count, "item": ["i"] * count})
    assert len(data) == 1
    assert data.report.count("rating given twice") == count - 1


def test_one_user_and_cold_items_alone_get_lists():
    data = open_interactions(
        {"user": ["u"] * 3, "item": list("abc"), "rating": [1, 2, 3]},
        items={"item": list("abcdef"), "genre": ["x", "y"] * 3},
    )
    model = train_recommender(data, QUICK)
    found = model.recommend(everything_before_now(model, data), 5).items[0]
    assert sorted(data.catalog.ids[each] for each in found if each >= 0) == ["d", "e", "f"]
