"""A recommender: exact sums, good lists, wishes that work, runs that come back."""

import numpy as np
import pytest
import scipy.sparse as sp

from interpretable_gan.errors import DataError, SchemaError, UnknownAttributeError
from interpretable_gan.metrics.ranking import coverage, ndcg, novelty, recall
from interpretable_gan.models.recommend.people import People, history_of
from interpretable_gan.models.recommend.scorer import LONG
from interpretable_gan.models.recommend.shares import carried, people_before, real_and_fake, shares
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.training.recommend import popular


@pytest.fixture(scope="module")
def people(room):
    return people_before(room.model, room.data, "test")


def test_both_sums_are_exact(room, people):
    wish = Wish.of(room.model.item_attributes, {"drama": 0.7, "year": -1})
    for user in range(5):
        one = people.at(slice(user, user + 1))
        items = np.arange(len(room.data.catalog.ids))
        for asked in (None, wish):
            assert float(room.model.terms(one, items, asked).error()) < 1e-12
        assert float(room.model.history_terms(one, items).error()) < 1e-12


def test_a_past_item_adds_what_is_lost_without_it(room, people):
    long = np.flatnonzero(people.history.sum(axis=1) > LONG + 1)[:1]
    one = people.at(long)
    gone, items = one.history.indices[:1], np.arange(10)
    lost = (room.model.scores(one) - room.model.scores(one.without(gone)))[0, :10]
    value = one.history.data[0]
    np.testing.assert_allclose(value * room.model.influence(gone, items)[0], lost, atol=1e-12)


def test_lists_follow_the_rule_better_than_popularity(room, people):
    truth = room.data.history(room.data.rows("test"), seen=0)
    who = np.flatnonzero(np.diff(truth.indptr))
    people, truth = people.at(who), truth[who]
    mine = room.model.recommend(people, 20).items
    usual = popular(room.model, people, 20)
    assert np.nanmean(ndcg(mine, truth, 10)) > 1.4 * np.nanmean(ndcg(usual, truth, 10))


def test_lists_hold_nothing_twice_and_nothing_used(room, people):
    lists = room.model.recommend(people, 15)
    used = people.history.toarray() != 0
    for user in range(len(people)):
        items = lists.items[user]
        assert len(set(items)) == 15
        assert not used[user, items].any()
    assert (np.diff(lists.scores, axis=1) <= 0).all()
    streamed = np.concatenate([each.items for each in room.model.stream(people, 15)])
    assert (streamed == lists.items).all()


def test_wishes_bring_more_and_conditions_choose(room, people):
    model, data = room.model, room.data
    drama = [a.name for a in model.item_attributes].index("drama")
    cells = data.catalog.cells[:, drama]
    before, after, less = (
        cells[model.recommend(people, 10, Wish.of(model.item_attributes, asked)).items].mean()
        for asked in ({}, {"drama": 1}, {"drama": -1})
    )
    assert less < before < after
    only = Wish.of(model.item_attributes, {"genres": "drama", "year": "..2000"})
    items = model.recommend(people, 5, only).items
    items = items[items >= 0]
    year = data.catalog.cells[:, [a.name for a in model.item_attributes].index("year")]
    assert len(items)
    assert (cells[items] == 1).all()
    assert (year[items] <= 2000).all()


def test_a_wish_that_makes_no_sense_is_refused(room):
    attributes = room.model.item_attributes
    with pytest.raises(UnknownAttributeError, match="Did you mean 'drama'"):
        Wish.of(attributes, {"dramma": 1})
    with pytest.raises(SchemaError, match=r"give a range such as year=1970\.\.1970"):
        Wish.of(attributes, {"year": 1970})


def test_moods_differ_and_items_come_as_often_as_is_said(room, people):
    one = people.at(slice(0, 1))
    first, again, other = (room.model.draw(one, 10, seed=s).items for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    chances = room.model.chances(one)[0]
    assert chances.sum() == pytest.approx(1)
    assert (chances[one.history.indices] == 0).all()
    firsts = np.array([room.model.draw(one, 1, seed=s).items[0, 0] for s in range(300)])
    likely = np.argsort(-chances)[:20]
    assert np.isin(firsts, likely).mean() == pytest.approx(chances[likely].sum(), abs=0.1)


def test_a_new_user_needs_no_training(room):
    model = room.model
    new = history_of(model.catalog.ids[:3], model.catalog.ids, len(model.user_columns.names))
    assert (model.recommend(new, 5).items >= 3).all()
    with pytest.raises(DataError, match="no item 'b9999'"):
        history_of(["b9999"], model.catalog.ids, 0)


def test_names_carry_the_decision_and_shares_add_up(room):
    gaps = real_and_fake(room.model, room.data, "test").gaps
    whole = sum(each.numpy() for each in gaps.by_source().values())
    np.testing.assert_allclose(sum(carried(gaps).values()), whole)
    found = shares(gaps)
    assert sum(found.values()) == pytest.approx(1)
    assert found["named"] > 0.3
    assert found["residual"] < 0.1


def test_an_item_that_nobody_used_is_scored_by_its_attributes(room):
    """Nobody used it in training, yet who likes its genres gets a higher score."""
    model = room.model
    cold = np.flatnonzero(model.uses == 0)
    columns = model.parts.columns
    assert np.isfinite(columns).all()
    assert (model.parts.traits[cold] == 0).all()


def test_of_whom_nothing_is_known_gets_what_is_popular(room):
    model = room.model
    nobody = People(
        sp.csr_array((1, len(model.catalog.ids))), np.zeros((1, len(model.user_columns.names)))
    )
    found = model.recommend(nobody, 5).items[0]
    assert (found == np.argsort(-model.parts.popularity, kind="stable")[:5]).all()


def test_measures_of_lists_have_known_answers():
    truth = sp.csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]))
    lists = np.array([[0, 1], [3, 2], [0, 1]])
    assert ndcg(lists, truth, 2)[:2] == pytest.approx([1, 1 / np.log2(3)])
    assert np.isnan(ndcg(lists, truth, 2)[2])
    assert recall(lists, truth, 1)[:2].tolist() == [0.5, 0]
    assert coverage(lists, 4, 1) == 0.5
    assert novelty(lists, np.array([8, 4, 2, 1.0]), 8, 2).tolist() == [0.5, 2.5, 0.5]
