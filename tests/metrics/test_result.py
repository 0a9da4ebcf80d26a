"""A result can be written down and read by anything that reads JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from interpretable_gan import metrics as ev
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Result


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        pytest.param(0.2, 0.75, id="three quarters of the way from chance to perfect"),
        pytest.param(None, None, id="no chance level"),
        pytest.param(1.0, None, id="chance is perfect already"),
    ],
)
def test_normalised_runs_from_chance_to_one(chance, expected):
    assert Result("mig", 0.8, chance=chance).normalised == pytest.approx(expected)


def test_json_has_plain_numbers_and_null_for_what_is_undefined():
    breakdown = {"matrix": np.array([[1, 2], [3, 4]]), "none": math.nan, "count": np.int64(3)}
    result = Result("mig", math.inf, interval=(0.1, math.nan), breakdown=breakdown)
    read = json.loads(result.to_json())
    assert read["breakdown"] == {"matrix": [[1, 2], [3, 4]], "none": None, "count": 3}
    assert (read["value"], read["interval"]) == (None, [0.1, None])


@measured(0, 1)
def score(value: float, *, repeats: int = 1, seed: int = 0) -> Result:
    return Result("score", value, interval=(value - 0.5, value + 0.5), chance=-1e-12)


@pytest.mark.parametrize(("value", "shown"), [(-4.4e-16, 0.0), (1 + 1e-12, 1.0), (0.3, 0.3)])
def test_rounding_past_the_end_of_a_range_is_put_back(value, shown):
    result = score(value)
    assert result.value == shown
    assert result.chance == 0
    assert result.interval == (max(0, value - 0.5), min(1, value + 0.5))
    assert json.loads(result.to_json())["range"] == [0, 1]


@pytest.mark.parametrize("value", [-1e-3, 1.001, math.inf])
def test_a_value_further_out_is_a_mistake_in_the_metric(value):
    with pytest.raises(AssertionError, match=r"its range is \(0, 1\).* mistake in the metric"):
        score(value)


def test_an_undefined_value_stays_undefined():
    assert math.isnan(score(math.nan).value)


def test_codes_that_are_equally_important_score_zero_and_not_below():
    """1 − the entropy of five equal shares to base 5 is −2.2e-16 in float64."""
    result = ev.aggregations(np.ones((2, 5)))
    assert result.value == 0.0
    assert set(result.breakdown["disentanglement_per_code"].values()) == {0.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"seed": -1}, "score: seed is -1; it must be a whole number, at least 0"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"repeats": 0}, "repeats is 0; it must be a whole number, at least 1"),
        ({"repeats": -3}, "repeats is -3"),
    ],
)
def test_counts_and_seeds_are_checked_for_every_metric(arguments, said):
    with pytest.raises(MetricError, match=said):
        score(0.5, **arguments)


def test_a_choice_that_does_not_exist_is_named_with_what_there_is():
    codes, factors = np.zeros((9, 2)), np.zeros((9, 2))
    with pytest.raises(MetricError, match=r"dci: there is no predictor 'gtb'. Did you mean 'gbt'"):
        ev.dci(codes, factors, predictor="gtb")
    with pytest.raises(MetricError, match=r"mig: there is no mode 'loose'. It can be strict, ref"):
        ev.mig(codes, factors, mode="loose")
