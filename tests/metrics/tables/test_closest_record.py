"""Distances to real rows by definition, and what copies do to every privacy score."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.tables import closest_record as module
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.baseline_protection import baseline_protection
from interpretable_gan.metrics.tables.closest_record import closest_distances, closest_record
from interpretable_gan.metrics.tables.nearest_ratio import nearest_ratio
from interpretable_gan.metrics.tables.overfitting_protection import overfitting_protection

KINDS = {"n": "numerical", "k": "numerical", "c": "categorical", "d": "datetime"}


def table(seed, rows):
    """Numbers, a constant column, names and dates, one cell in five missing."""
    generator = np.random.default_rng(seed)
    columns = {
        "n": generator.normal(size=rows).tolist(),
        "k": [3.0] * rows if seed % 2 else [4.0] * rows,
        "c": generator.choice(list("abc"), rows).tolist(),
        "d": [f"20{year:02d}-01-01" for year in generator.integers(10, 30, rows)],
    }
    return {
        name: [None if generator.random() < 0.2 else cell for cell in cells]
        for name, cells in columns.items()
    }


def by_definition(queries, references):
    """All distances, cell by cell."""
    total = np.zeros((len(queries), len(references)))
    for name, column in references.columns.items():
        left, right = queries.columns[name], column
        width = np.ptp(right.present) if right.numeric else 0
        for i, a in enumerate(left.values):
            for j, b in enumerate(right.values):
                gone = left.missing[i], right.missing[j]
                if any(gone):
                    total[i, j] += gone[0] != gone[1]
                elif width:
                    total[i, j] += min(1, abs(a - b) / width)
                else:
                    total[i, j] += a != b
    return total / len(references.columns)


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_distances_are_those_of_the_definition(seed):
    queries, references = as_tables({"q": table(seed, 20), "r": table(seed + 1, 30)}, KINDS)
    expected = np.sort(by_definition(queries, references), axis=1)
    got = closest_distances(queries, references, nearest=2)
    np.testing.assert_allclose(got, expected[:, :2], atol=1e-12)
    np.testing.assert_allclose(
        closest_distances(queries, references)[:, 0], expected[:, 0], atol=1e-12
    )


def test_tiles_and_threads_change_nothing(monkeypatch):
    queries, references = as_tables({"q": table(0, 50), "r": table(2, 90)}, KINDS)
    expected = closest_distances(queries, references, nearest=2, jobs=1)
    monkeypatch.setattr(module, "REFERENCES", 7)
    np.testing.assert_array_equal(
        closest_distances(queries, references, nearest=2, jobs=3), expected
    )


REAL = {"a": [0.0, 1.0, 2.0, 10.0], "c": ["p", "p", "q", "q"]}


def test_copies_are_at_distance_zero_and_counted():
    result = closest_record(REAL, {"a": [0.0, 2.0, 5.0], "c": ["p", "q", "p"]})
    assert result.breakdown["exact_copies"] == pytest.approx(2 / 3)
    assert result.breakdown["per_row"] == pytest.approx([0, 0, 0.2])
    assert result.breakdown["min"] == 0
    assert result.value == 0


def test_the_ratio_singles_out_and_repeated_rows_single_out_nobody():
    result = nearest_ratio(REAL, {"a": [0.1], "c": ["p"]})
    assert result.value == pytest.approx(0.1 / 0.9)
    repeated = nearest_ratio({"a": [1.0, 1.0, 5.0]}, {"a": [1.0]})
    assert repeated.value == 1
    assert "1 rows equal two real rows" in repeated.warnings[0]
    with pytest.raises(MetricError, match="needs two"):
        nearest_ratio({"a": [1.0]}, {"a": [1.0]})


def test_copying_the_training_table_leaves_no_overfitting_protection():
    generator = np.random.default_rng(0)
    real, holdout, fresh = (
        {"a": generator.normal(size=100), "b": generator.normal(size=100)} for _ in range(3)
    )
    copied = overfitting_protection(real, real, holdout)
    assert copied.value == 0
    assert copied.breakdown["closer_to_training"] == 1
    honest = overfitting_protection(real, fresh, holdout)
    assert abs(honest.breakdown["closer_to_training"] - 0.5) < 0.15
    low, high = honest.breakdown["closer_to_training_interval"]
    assert low < honest.breakdown["closer_to_training"] < high
    assert honest.interval[0] <= honest.value <= honest.interval[1] <= 1


def test_strict_evens_the_tables_out_where_the_reference_sees_copying():
    generator = np.random.default_rng(1)
    real = {"a": generator.normal(size=400), "b": generator.normal(size=400)}
    holdout, fresh = (
        {"a": generator.normal(size=100), "b": generator.normal(size=100)} for _ in range(2)
    )
    strict = overfitting_protection(real, fresh, holdout)
    reference = overfitting_protection(real, fresh, holdout, mode="reference")
    assert reference.breakdown["closer_to_training"] > 0.7
    assert abs(strict.breakdown["closer_to_training"] - 0.5) < 0.12
    assert "cut to 100 rows 10 times" in strict.warnings[0]
    assert "partly the larger one" in reference.warnings[0]
    swapped = overfitting_protection(holdout, fresh, real)
    assert abs(swapped.breakdown["closer_to_training"] - 0.5) < 0.12


def test_ties_count_as_holdout():
    same = {"a": [1.0, 2.0, 3.0]}
    assert overfitting_protection(same, same, same).breakdown["closer_to_training"] == 0


def test_noise_is_protected_and_copies_are_not():
    generator = np.random.default_rng(2)
    real = {
        "a": generator.normal(size=100),
        "n": generator.integers(0, 50, 100),
        "c": list("pq") * 50,
    }
    noise = {
        "a": generator.uniform(-2.5, 2.5, 100),
        "n": generator.integers(0, 50, 100),
        "c": list("qp") * 50,
    }
    assert baseline_protection(real, real).value == 0
    assert baseline_protection(real, noise).value > 0.8
    medians = {
        baseline_protection(real, noise, seed=seed).breakdown["median_random"] for seed in (0, 1)
    }
    assert len(medians) == 2


def test_random_rows_are_whole_where_real_ones_are_and_miss_as_often():
    from interpretable_gan.metrics.tables.baseline_protection import _random

    table = as_tables(
        {
            "r": {
                "n": [1, 4, None, None],
                "x": [0.5, 2, None, 3],
                "c": ["p", "q", None, "p"],
                "e": [None] * 4,
            }
        },
        {"e": "numerical"},
    )[0]
    made = {
        name: _random(column, 4000, np.random.default_rng(0))
        for name, column in table.columns.items()
    }
    assert set(made["n"].present) == {1, 2, 3, 4}
    assert made["n"].missing.mean() == pytest.approx(0.5, abs=0.03)
    assert made["x"].present.min() >= 0.5
    assert len(set(made["x"].present)) > 1000
    assert set(made["c"].present) == {"p", "q"}
    assert made["c"].missing.mean() == pytest.approx(0.25, abs=0.03)
    assert made["e"].missing.all()


def test_a_table_of_one_repeated_row_has_no_baseline():
    result = baseline_protection({"a": [1.0, 1.0]}, {"a": [2.0, 2.0]})
    assert math.isnan(result.value)
    assert "score is undefined" in result.warnings[0]
