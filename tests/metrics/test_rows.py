"""Input is checked at the door: names in the message, no numeric library's traceback."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan import metrics as ev
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.rows import check_rows, split_rows, with_discrete_factors

CODES = np.random.default_rng(0).normal(size=(200, 3))
FACTORS = np.random.default_rng(1).integers(0, 3, size=(200, 2))


@pytest.mark.parametrize(
    "metric",
    ["mig", "mig_sup", "jemmig", "dcimig", "axis_alignment", "modularity", "irs", "infomec",
     "sap", "dci", "dci_lasso", "explicitness", "downstream_accuracy", "reduced_downstream"],
)  # fmt: skip
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused_by_name(metric, bad):
    codes = CODES.copy()
    codes[3, 1] = bad
    with pytest.raises(MetricError, match="'width' has NaN or infinite values in 1 of 200 rows"):
        getattr(ev, metric)(codes, FACTORS, code_names=["hue", "width", "age"])


@pytest.mark.parametrize(
    ("codes", "factors", "message"),
    [
        pytest.param(CODES[:, 0], FACTORS, "shape", id="one-dimensional"),
        pytest.param(CODES[:0], FACTORS[:0], "shape", id="no rows"),
        pytest.param(CODES, FACTORS[:9], "200 rows and factors 9", id="rows differ"),
        pytest.param(CODES.astype(str), FACTORS, "numbers", id="text codes"),
    ],
)
def test_wrong_shapes_are_refused(codes, factors, message):
    with pytest.raises(MetricError, match=message):
        ev.mig(codes, factors)


def test_names_must_be_different_and_complete():
    with pytest.raises(MetricError, match="3 different names"):
        ev.mig(CODES, FACTORS, code_names=["a", "a", "b"])


def test_test_rows_must_have_the_same_columns():
    with pytest.raises(MetricError, match="3 codes, test rows 2"):
        ev.dci(CODES, FACTORS, CODES[:, :2], FACTORS)
    with pytest.raises(MetricError, match="2 factors, test rows 1"):
        ev.dci(CODES, FACTORS, CODES, FACTORS[:, :1])


def test_tensors_and_text_levels_are_welcome():
    names = np.array(["blond", "black", "brown"])[FACTORS]
    expected = ev.mig(CODES, FACTORS).value
    assert ev.mig(torch.tensor(CODES), torch.tensor(FACTORS)).value == pytest.approx(expected)
    half = torch.tensor(CODES).bfloat16()
    assert ev.mig(half, FACTORS).value == pytest.approx(expected, abs=0.02)
    assert ev.mig(CODES, names).value == pytest.approx(expected)


def test_split_keeps_an_observation_on_one_side():
    """Rows equal in factors and codes show one thing; float32 does not make two of it."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, (3, 4, 5), (600, 3))
    seen = rng.normal(size=(60, 2))[np.ravel_multi_index(tuple(factors.T), (3, 4, 5))]
    codes = (seen + 1e-8 * rng.normal(size=seen.shape)).astype(np.float32)
    train, test = split_rows(check_rows(codes, factors), mode="strict", rng=rng)
    sides = [set(map(tuple, part.factors)) for part in (train, test)]
    assert not sides[0] & sides[1]
    assert len(train) + len(test) == 600


SMALL_GRIDS = [(2, 2), (4,), (2, 3)]


@pytest.mark.parametrize("sizes", SMALL_GRIDS, ids=str)
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_perfect_codes_score_about_one_without_test_rows(sizes, noise):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, sizes, (400, len(sizes)))
    codes = factors + noise * rng.normal(size=factors.shape)
    trees = ev.dci(codes, factors)
    assert trees.value > 0.95
    assert trees.breakdown["informativeness_test"] > 0.95
    assert ev.downstream_accuracy(codes, factors, predictor="logistic", sizes=[200]).value > 0.8
    assert ev.explicitness(codes, factors).value > 0.85
    assert any("equal rows are in the training" in w for w in trees.warnings) is (noise == 0)


def test_sap_of_one_perfect_code_is_what_a_line_through_it_can_do():
    """Two of four levels are named right, one by chance; none that training never showed."""
    factors = np.random.default_rng(0).integers(0, 4, (1000, 1))
    codes = factors + 0.05 * np.random.default_rng(1).normal(size=factors.shape)
    assert ev.sap(codes, factors).value == pytest.approx(0.25, abs=0.06)


def test_a_rare_class_is_in_the_training_half():
    factors = np.zeros((300, 1))
    factors[:3] = 1
    for seed in range(10):
        rng = np.random.default_rng(seed)
        train, _ = split_rows(
            check_rows(rng.normal(size=(300, 2)), factors), mode="strict", rng=rng
        )
        assert train.factors.any()


def test_rows_sorted_by_class_are_learned_from_at_every_size():
    factors = np.sort(np.random.default_rng(0).integers(0, 4, (400, 1)), axis=0)
    codes = factors + 0.05 * np.random.default_rng(1).normal(size=factors.shape)
    accuracy = ev.downstream_accuracy(codes, factors, codes, factors, sizes=[100, 1000])
    assert list(accuracy.breakdown["by_size"]) == ["100", "400"]
    assert min(size["mean_test"] for size in accuracy.breakdown["by_size"].values()) > 0.95


def test_test_codes_need_test_factors():
    with pytest.raises(MetricError, match="test codes without test factors"):
        ev.dci(CODES, FACTORS, CODES)


def test_split_by_observation_id_is_about_half():
    rows = check_rows(CODES, FACTORS)
    train, test = split_rows(
        rows, mode="strict", rng=np.random.default_rng(0), observation=np.arange(200) // 2
    )
    assert len(train) == len(test) == 100


def test_reference_split_keeps_the_order():
    rows = check_rows(CODES[:9], FACTORS[:9])
    train, test = split_rows(rows, mode="reference", rng=np.random.default_rng(0))
    np.testing.assert_array_equal(train.codes, CODES[:5])
    np.testing.assert_array_equal(test.codes, CODES[5:9])


def test_one_observation_cannot_be_split():
    rows = check_rows(np.ones((9, 2)), np.zeros((9, 1)))
    with pytest.raises(MetricError, match="nothing to test on"):
        split_rows(rows, mode="strict", rng=np.random.default_rng(0))


def test_a_code_that_identifies_the_observation_does_not_predict_factors():
    """A fifth factor the codes do not hold looks predictable unless observations are kept apart."""
    rng = np.random.default_rng(0)
    sizes = (3, 4, 5)
    factors = rng.integers(0, sizes, (1500, 3))
    cell = np.ravel_multi_index(tuple(factors.T), sizes)
    identity = rng.normal(size=(60, 2))[cell]  # noise that is fixed per observation
    leaky = ev.downstream_accuracy(identity, factors, sizes=[700], mode="reference").value
    honest = ev.downstream_accuracy(identity, factors, sizes=[700]).value
    assert leaky > 0.9
    assert honest < 0.5


def test_real_valued_factors_are_binned_with_training_edges():
    notes: list[str] = []
    train = check_rows(CODES, CODES[:, :1])
    test = check_rows(CODES, 3 * CODES[:, :1])
    binned = with_discrete_factors((train, test), mode="strict", note=notes.append)
    assert len(np.unique(binned[0].factors)) <= 20
    assert binned[1].factors.min() == 1
    assert binned[1].factors.max() == 20
    assert "factor_0 were cut into 20 bins" in notes[0]
    kept = with_discrete_factors((train,), mode="reference", note=notes.append)
    np.testing.assert_array_equal(kept[0].factors, train.factors)
    assert "counts as a class" in notes[1]


def test_whole_numbers_that_hardly_repeat_are_no_classes():
    """A pose in degrees has 40 values of 50 rows each, an age in days a value per row."""
    rng = np.random.default_rng(0)
    factors = np.column_stack([rng.integers(0, 40, 2000), rng.integers(0, 30_000, 2000)])
    notes: list[str] = []
    parts = with_discrete_factors((check_rows(factors, factors),), mode="strict", note=notes.append)
    assert [len(np.unique(column)) for column in parts[0].factors.T] == [40, 20]
    assert "finely graded factors factor_1 were cut" in notes[0]
