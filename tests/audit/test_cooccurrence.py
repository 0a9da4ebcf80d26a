"""How often attributes differ together: exact answers on small tables."""

import numpy as np
import pytest

from interpretable_gan.audit.cooccurrence import data_rates, differs
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

HAIR = Attribute(name="hair", kind="categorical", levels=("black", "blond", "grey"))
AGE = Attribute(name="age", kind="continuous", range=(0, 90))


def rates(schema, codes, known=None):
    codes = np.asarray(codes, np.float32)
    known = np.ones(codes.shape, bool) if known is None else known
    return data_rates(schema, codes, known, schema.names)


@pytest.mark.parametrize(
    ("codes", "rate"),
    [
        pytest.param([[-1, -1], [-1, 1], [1, -1], [1, 1]], 0.5, id="independent"),
        pytest.param([[-1, -1], [1, 1]], 1.0, id="always together"),
        pytest.param([[-1, -1], [1, -1]], 0.0, id="the other never changes"),
    ],
)
def test_pairs_of_binary_attributes(codes, rate):
    schema = Schema(name="s", attributes=(Attribute(name="hat"), Attribute(name="beard")))
    assert rates(schema, codes)[0, 1] == pytest.approx(rate)


def test_an_attribute_that_never_differs_has_no_rate():
    schema = Schema(name="s", attributes=(Attribute(name="hat"), Attribute(name="beard")))
    assert np.isnan(rates(schema, [[1, -1], [1, 1]])[0, 1])


def test_it_agrees_with_counting_pairs_of_rows():
    rng = np.random.default_rng(0)
    schema = Schema(name="s", attributes=(Attribute(name="hat"), HAIR, AGE))
    hat, age = rng.choice([-1, 1], 300), rng.uniform(-1, 1, 300)
    hair = 2 * np.eye(3)[rng.integers(0, 3, 300)] - 1
    codes = np.column_stack([hat, hair, np.clip(age + 0.4 * hat, -1, 1)]).astype(np.float32)
    a, b = (part.ravel() for part in np.meshgrid(np.arange(300), np.arange(300)))
    apart = {
        name: differs(schema[name], codes[a][:, columns], codes[b][:, columns])
        for name, columns in schema.slices.items()
    }
    found = rates(schema, codes)
    for row, k in enumerate(schema.names):
        for column, j in enumerate(schema.names):
            counted = (apart[k] & apart[j]).sum() / apart[k].sum()
            assert found[row, column] == pytest.approx(counted, abs=0.01)


def test_missing_labels_are_left_out():
    schema = Schema(name="s", attributes=(Attribute(name="hat"), Attribute(name="beard")))
    known = np.array([[1, 1], [1, 1], [1, 0], [0, 1]], bool)
    assert rates(schema, [[-1, -1], [1, 1], [1, -1], [-1, 1]], known)[0, 1] == 1
