"""The same trees as scikit-learn's, wherever no two splits are equally good."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from interpretable_gan.metrics.boosted_trees import BoostedTrees


def codes_and_labels(classes: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    codes = rng.normal(size=(400, 4))
    if kind == "levels":
        codes = np.round(codes * 3)
    if kind == "half zero":
        codes[:, 1:3] = np.maximum(codes[:, 1:3], 0)
    score = codes[:, 0] + codes[:, 1] * codes[:, 2] + 0.5 * rng.normal(size=400)
    return codes, np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


CASES = pytest.mark.parametrize(
    ("classes", "kind"), [(2, "continuous"), (3, "levels"), (5, "half zero"), (2, "half zero")]
)


@CASES
def test_first_trees_are_those_of_scikit_learn(classes, kind):
    """Residuals of the first stage take few values, so some cuts are equally good and a seed picks
    one: some seed of ours grows exactly the trees of some seed of theirs."""
    codes, labels = codes_and_labels(classes, kind)
    pairs = [
        (
            BoostedTrees(seed, stages=1).fit(codes, labels),
            GradientBoostingClassifier(n_estimators=1, random_state=seed).fit(codes, labels),
        )
        for seed in range(12)
    ]
    ours, theirs = (
        np.array([m.feature_importances_ for m in side]) for side in zip(*pairs, strict=True)
    )
    distance = np.abs(ours[:, None] - theirs).max(axis=2)
    a, b = np.unravel_index(distance.argmin(), distance.shape)
    assert distance[a, b] < 1e-12
    np.testing.assert_array_equal(pairs[a][0].predict(codes), pairs[b][1].predict(codes))
    if np.ptp(theirs, axis=0).max() < 1e-12:  # no seed had a choice
        assert distance.max() < 1e-12


@CASES
def test_a_hundred_stages_predict_what_scikit_learns_do(classes, kind):
    codes, labels = codes_and_labels(classes, kind)
    ours = BoostedTrees().fit(codes[:300], labels[:300])
    theirs = GradientBoostingClassifier(random_state=0).fit(codes[:300], labels[:300])
    # two seeds of theirs are up to 0.011 apart here, by the choices between equally good cuts
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=0.02)
    assert np.mean(ours.predict(codes[300:]) == theirs.predict(codes[300:])) >= 0.97


def test_remembers_what_it_says_of_training_rows():
    codes, labels = codes_and_labels(3, "continuous")
    model = BoostedTrees().fit(codes, labels)
    np.testing.assert_array_equal(model.fitted_, model.predict(codes))
    assert model.score(codes, labels) == np.mean(model.fitted_ == labels)


def test_equal_seed_equal_trees_and_copies_share_by_chance():
    codes, labels = codes_and_labels(3, "levels")
    doubled = np.hstack([codes, codes])
    first, again = BoostedTrees(7).fit(doubled, labels), BoostedTrees(7).fit(doubled, labels)
    np.testing.assert_array_equal(first.feature_importances_, again.feature_importances_)
    single = BoostedTrees(7).fit(codes, labels).feature_importances_
    shared = first.feature_importances_.reshape(2, 4)
    np.testing.assert_allclose(shared.sum(axis=0), single, atol=5e-3)
    assert np.all(shared[:, single > 0.1] > 0.2 * single[single > 0.1])


def test_constant_codes_split_nothing():
    model = BoostedTrees().fit(np.ones((20, 2)), np.arange(20) % 3)
    assert not model.feature_importances_.any()
    assert set(model.predict(np.ones((5, 2)))) <= {0, 1, 2}
