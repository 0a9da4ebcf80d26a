"""The encoder is taken apart without loss, and the game moves gains where it should."""

import numpy as np
import pytest
import scipy.sparse as sp

from interpretable_gan.models.recommend import game
from interpretable_gan.models.recommend.columns import columns_of
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.encoder import fit_parts
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.scorer import coded
from interpretable_gan.schema.attribute import Attribute

USERS, ITEMS, COLD = 60, 14, 13
CONFIG = RecommendConfig(tastes=3, damping=5, known=4, neighbours=100, rounds=20)


@pytest.fixture(scope="module")
def fitted():
    luck = np.random.default_rng(0)
    history = (luck.random((USERS, ITEMS)) < np.linspace(0.6, 0.1, ITEMS)).astype(float)
    history[:, [0, COLD]] = 0
    history[:3, 0] = 1
    people = People(sp.csr_array(history), np.zeros((USERS, 0)))
    drama = (np.arange(ITEMS) % 2 == 0).astype(float)
    attributes, cells = (Attribute(name="drama", kind="binary"),), drama[:, None]
    items = columns_of(attributes, cells, history.sum(axis=0))
    return people, items, fit_parts(people, items, np.ones(1, bool), CONFIG)


def test_parts_add_up_to_a_matrix_that_never_uses_an_item_for_itself(fitted):
    _, _, parts = fitted
    whole = parts.named @ parts.columns.T + parts.tastes @ parts.traits.T
    whole += parts.residual.toarray()
    used = np.arange(COLD)  # of the last one only attributes tell
    np.testing.assert_allclose(whole[used, used], 0, atol=1e-9)
    assert np.abs(whole[np.ix_(used, used)]).max() > 0.01


def test_tastes_have_one_size_over_users(fitted):
    people, _, parts = fitted
    _, tastes = coded(parts, people, np.ones(USERS))
    np.testing.assert_allclose((tastes**2).sum(axis=0), 1, rtol=1e-6)


def test_attributes_of_little_used_items_count_less(fitted):
    _, items, parts = fitted
    share = np.abs(parts.columns[:, 0] / items.values[:, 0])
    assert 0 < share[COLD] < share[0] < share[2] < 1


def test_both_players_learn_which_item_is_liked_later(fitted, monkeypatch):
    people, items, parts = fitted
    monkeypatch.setitem(game.STAY, "offsets", 0.0)
    later = np.zeros((USERS, ITEMS))
    later[:, COLD] = 1
    for player in game.play(parts, people, sp.csr_array(later), items.names, CONFIG):
        assert player.offsets.argmax() == COLD
