"""Prototypes stand for the groups that there are, criticisms are what these leave out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from interpretable_gan.data.tables import open_table
from interpretable_gan.explain.typical import typical_rows


def test_large_groups_have_a_prototype_each_and_the_one_left_out_is_criticised():
    luck = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], [150, 90, 60])
    table = {
        "size": [f"{10 * g + n:.2f}" for g, n in zip(group, luck.normal(size=300), strict=True)],
        "colour": [("red", "green", "blue")[g] for g in group],
        "form": [("round", "flat", "long")[g] for g in group],
    }
    data = open_table(table)
    assert set(data.schema.names) == {"size", "colour", "form"}
    data = replace(data, splits={"train": np.arange(300)})
    found = typical_rows(data, prototypes=2, criticisms=3)
    assert sorted(group[list(found.prototypes)]) == [0, 1]
    assert set(group[list(found.criticisms)]) == {2}
    assert sorted(group[list(typical_rows(data, prototypes=3).prototypes)]) == [0, 1, 2]
