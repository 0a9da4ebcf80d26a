"""A result can be written down and read by anything that reads JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

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
