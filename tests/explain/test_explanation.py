"""Every explanation is a value: it cannot be changed, and it can be had in four forms."""

import inspect
import json
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pytest

from interpretable_gan import explain
from interpretable_gan.explain import Explanation

KINDS = [
    kind
    for kind in (getattr(explain, name) for name in explain.PUBLIC)
    if inspect.isclass(kind) and issubclass(kind, Explanation) and kind is not Explanation
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_has_rows_a_dictionary_a_sentence_and_a_plot(kind):
    assert len(KINDS) == 14
    assert not inspect.isabstract(kind)
    for name in ("axes", "to_rows", "to_dict", "sentence", "plot"):
        assert name in Explanation.__abstractmethods__
        assert getattr(kind, name).__doc__


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_a_sum_has_its_error_and_its_shares(kind):
    assert hasattr(kind, "sum_error") == ("shares" in {*dir(kind), *kind.__annotations__})


@dataclass(frozen=True, eq=False)
class Told(Explanation):
    """An explanation with everything that could be written into."""

    array: np.ndarray = field(default_factory=lambda: np.zeros(2))
    names: dict = field(default_factory=lambda: {"hat": {"of": np.ones(2)}})

    axes = MappingProxyType({})

    def to_rows(self):
        return []

    def to_dict(self):
        return {"names": self.names}

    def sentence(self):
        return ""

    def plot(self):
        raise NotImplementedError


@pytest.mark.parametrize("told", [Told(), replace(Told(), array=np.ones(2))])
def test_nothing_can_be_written_into_it_however_deep(told):
    with pytest.raises(ValueError, match="read-only"):
        told.array[0] = 1
    with pytest.raises(TypeError):
        told.names["hat"] = 1
    with pytest.raises(TypeError):
        told.names["hat"]["of"] = 1
    with pytest.raises(ValueError, match="read-only"):
        told.names["hat"]["of"][0] = 0
    assert json.loads(told.to_json())["names"] == {"hat": {"of": [1, 1]}}


def test_a_dictionary_of_the_caller_stays_theirs():
    mine = {"hat": 1}
    told = Told(names=mine)
    mine["hat"] = 2
    assert told.names == {"hat": 1}
