"""The same trees as scikit-learn's, wherever no two splits are equally good."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from interpretable_gan.evaluate.boosted_trees import BoostedTrees


def codes_and_labels(classes: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    codes = rng.normal(size=(400, 4))
    if kind == "levels":
        codes = np.round(codes * 3)
    if kind == "half zero":
        codes[:, 1:3] = np.maximum(codes[:, 1:3], 0)
    score = codes[:, 0] + codes[:, 1] * codes[:, 2] + 0.5 * rng.normal(size=400)
    return codes, np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("kind", ["continuous", "levels", "half zero"])
def test_importances_and_predictions_are_those_of_scikit_learn(classes, kind):
    codes, labels = codes_and_labels(classes, kind)
    ours = BoostedTrees().fit(codes[:300], labels[:300])
    theirs = GradientBoostingClassifier(random_state=0).fit(codes[:300], labels[:300])
    # late trees have many equally good splits, of which each picks one at random
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=2e-3)
    agree = ours.predict(codes[300:]) == theirs.predict(codes[300:])
    assert agree.mean() >= 0.97
    early = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(codes, labels)
    ours = BoostedTrees(stages=5).fit(codes, labels)
    np.testing.assert_allclose(ours.feature_importances_, early.feature_importances_, atol=1e-6)
    np.testing.assert_array_equal(ours.predict(codes), early.predict(codes))


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
