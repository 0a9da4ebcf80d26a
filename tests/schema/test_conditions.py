"""What is asked of columns: values, ranges, not known; what means nothing is refused."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.errors import SchemaError, UnknownAttributeError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.conditions import conditions
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="people",
    attributes=(
        Attribute(name="age", kind="continuous", range=(18, 90), decimals=0),
        Attribute(name="grade", kind="categorical", levels=("low", "mid", "high"), ordered=True),
        Attribute(name="town", kind="categorical", levels=("A", "B..C"), missing=("?",)),
        Attribute(name="born", kind="continuous", range=(0, 20000), date="%d.%m.%Y"),
    ),
)


@pytest.mark.parametrize(
    ("asked", "cells", "expected"),
    [
        pytest.param({"age": "18..25"}, [17, 18, 25, 26], [0, 1, 1, 0], id="range"),
        pytest.param({"age": "..25"}, [17, 26, np.nan], [1, 0, 0], id="no lower end"),
        pytest.param({"age": (20, None)}, [19, 20, 99], [0, 1, 1], id="ends"),
        pytest.param({"age": 40}, [39, 40], [0, 1], id="number"),
        pytest.param({"age": None}, [39, np.nan], [0, 1], id="not known"),
        pytest.param({"grade": "mid.."}, [0, 1, 2], [0, 1, 1], id="ordered levels"),
        pytest.param({"town": "B..C"}, [0, 1], [0, 1], id="a level with dots"),
        pytest.param({"town": "?"}, [0, np.nan], [0, 1], id="spelling of not known"),
        pytest.param({"born": "02.01.1970.."}, [0, 1, 2], [0, 1, 1], id="date"),
    ],
)
def test_conditions_hold(asked, cells, expected):
    ((_, condition),) = conditions(SCHEMA, asked).items()
    assert condition.holds(np.array(cells, float)).tolist() == [bool(each) for each in expected]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param({"town": "A..Z"}, "'town' has no order", id="range without order"),
        pytest.param({"age": "25..18"}, "is empty; swap its ends", id="swapped"),
        pytest.param({"age": "old"}, "'age' cannot be 'old'", id="no number"),
        pytest.param({"town": "a"}, r"Did you mean 'A'\?", id="no level"),
    ],
)
def test_what_means_nothing_is_refused(asked, said):
    with pytest.raises(SchemaError, match=said):
        conditions(SCHEMA, asked)


def test_a_misspelt_column():
    with pytest.raises(UnknownAttributeError, match="Did you mean 'age'"):
        conditions(SCHEMA, {"agee": 3})
