"""A read from few examples: known answers for what is there, what is not, and how sure that is."""

import numpy as np
import pytest

from interpretable_gan.explain import linear_read
from interpretable_gan.explain.linear_read import Recall


def drawn(rng, count, *, gap, features=200):
    """As many examples with as without, a feature of which differs by ``gap`` deviations."""
    yes = np.arange(2 * count) < count
    seen = rng.normal(size=(2 * count, 10, features // 10))
    seen[:, 0, 0] += gap * yes
    return seen, yes


def checked(seen, yes, seed=0):
    """Cross-validated."""
    return linear_read.cross_validate(linear_read.grams(seen), yes, seed)


def test_what_plainly_differs_is_read_and_more_examples_are_not_asked_for(rng):
    seen, yes = drawn(rng, 30, gap=20)
    found = checked(seen, yes)
    assert found.recall.accuracy > 0.95
    assert found.recall.interval[0] > 0.85
    line = linear_read.fit(seen, yes)
    assert np.abs(line.weights).argmax() == 0
    assert line.weights.shape == (10, 20)


def test_what_does_not_differ_is_chance(rng):
    accuracies, covered = [], 0
    for seed in range(8):
        seen, yes = drawn(rng, 15, gap=0, features=40)
        found = checked(seen, yes, seed).recall
        accuracies.append(found.accuracy)
        covered += found.interval[0] <= 0.5
    assert abs(np.mean(accuracies) - 0.5) < 0.08
    assert covered >= 7


def test_a_learning_curve_rises_with_the_examples(rng):
    seen, yes = drawn(rng, 60, gap=3)
    curve = checked(seen, yes).curve
    sizes = sorted(curve)
    assert sizes[-1] == 54
    assert curve[sizes[0]] < curve[sizes[-1]]


def test_few_of_one_side_do_not_let_the_read_say_the_other_always(rng):
    seen, yes = drawn(rng, 100, gap=6)
    kept = np.r_[0:10, 100:200]
    found = checked(seen[kept], yes[kept]).recall
    assert (found.yes, found.no) == (10, 100)
    assert min(found.on, found.off) > 0.7


def test_a_group_counts_as_it_tells_the_examples_apart(rng):
    seen, yes = drawn(rng, 30, gap=4)
    counts = linear_read.trust(linear_read.grams(seen), yes)
    assert counts[0] == 1
    assert counts[1:].max() < 0.2
    nothing = linear_read.trust(np.zeros((3, 60, 60)), yes)
    assert nothing.tolist() == [1, 1, 1]


def test_leaving_out_is_what_fitting_without_the_example_gives(rng):
    seen, yes = drawn(rng, 6, gap=2, features=30)
    seen, target = seen[:, 0], np.where(yes, 1.0, -1.0)
    found = linear_read.left_out((seen @ seen.T)[None], yes)[0]
    share = np.full(12, 1 / 12)
    centred = seen - share @ seen
    penalty = linear_read.SHRINKAGE * np.trace(centred @ centred.T) / 12
    for out in (0, 7):
        kept = np.delete(np.arange(12), out)
        design = np.column_stack([np.ones(11), seen[kept]])
        square = design.T @ design / 12 + penalty * np.diag([0, 1, 1, 1])
        solved = np.linalg.solve(square, design.T @ target[kept] / 12)
        assert found[out] == pytest.approx(solved[0] + seen[out] @ solved[1:])


def test_a_line_through_groups_scores_as_its_weights_do(rng):
    seen, yes = drawn(rng, 10, gap=3, features=50)
    line = linear_read.fit(seen, yes)
    scores = line.offset + np.tensordot(seen, line.weights, axes=2)
    assert scores[yes].mean() == pytest.approx(-scores[~yes].mean())
    assert (scores[yes] > 0).mean() > 0.9


def test_whitening_makes_the_usual_spread_alike_and_turns_weights_back(rng):
    spread = np.array([30.0, 3.0, 1.0, 0.1])
    unlabelled = rng.normal(size=(1000, 4)) * spread
    whiten = linear_read.Whitening.of(unlabelled)
    there = whiten(unlabelled).std(axis=0)
    assert there[0] / there[1] < 1.3 < 10 == spread[0] / spread[1]
    weights = rng.normal(size=4)
    np.testing.assert_allclose(whiten(unlabelled[:9]) @ weights, unlabelled[:9] @ whiten(weights))


def test_whitening_finds_a_word_in_a_feature_that_hardly_varies(rng):
    spread = np.r_[np.full(60, 10.0), np.full(20, 1.0)]
    yes = np.arange(40) < 20
    seen = rng.normal(size=(40, 80)) * spread
    seen[:, 60] += 6 * yes
    whiten = linear_read.Whitening.of(rng.normal(size=(300, 80)) * spread)
    plain, white = (checked(each[:, None], yes).recall.accuracy for each in (seen, whiten(seen)))
    assert white > plain + 0.1


def test_each_column_by_itself_has_known_answers(rng):
    yes = np.arange(40) < 20
    readings = np.stack([yes * 2.0, -1.0 * yes, rng.normal(size=40)], axis=1)
    scores = linear_read.alone(readings, yes, seed=0)
    told = [linear_read.recall(each, yes).accuracy for each in scores]
    assert told[:2] == [1.0, 1.0]  # whichever side is high
    assert told[2] < 0.75


def test_log_odds_come_true(rng):
    yes = np.arange(4000) < 2000
    odds = np.where(yes, 1.0, -1.0) + rng.normal(size=4000)  # truly, log-odds are 2 · that
    slope, offset = linear_read.platt(odds / 7, yes)
    assert slope[0] == pytest.approx(14, rel=0.15)
    assert offset == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize(
    ("recall", "accuracy", "at_least", "at_most"),
    [
        pytest.param(Recall(1.0, 1.0, 40, 40), 1.0, 0.9, 1.0, id="all right"),
        pytest.param(Recall(0.5, 0.5, 40, 40), 0.5, 0.35, 0.65, id="chance"),
        pytest.param(Recall(0.9, 0.5, 10, 1000), 0.7, 0.5, 0.8, id="few of one side"),
    ],
)
def test_intervals_of_balanced_accuracy(recall, accuracy, at_least, at_most):
    low, high = recall.interval
    assert recall.accuracy == pytest.approx(accuracy)
    assert at_least < low <= accuracy <= high <= at_most + 1e-9


def test_the_nearer_to_chance_the_more_examples_it_takes_to_tell():
    near, far = Recall(0.55, 0.55, 20, 20), Recall(0.65, 0.65, 20, 20)
    assert near.needed() > 3 * far.needed()
    many = near.needed()
    assert Recall(0.55, 0.55, many, many).interval[0] == pytest.approx(0.5, abs=0.01)
