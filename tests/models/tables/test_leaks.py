"""A column that is left out can still be told by the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.models.tables.leaks import leaks
from interpretable_gan.schema.schema import Schema


@pytest.fixture(scope="module")
def told(loans):
    """The table with ``telephone`` a copy of whether income is high, and declared unused."""
    names, cells = loans.data.schema.names, loans.data.cells.copy()
    income, phone = names.index("income"), names.index("telephone")
    cells[:, phone] = cells[:, income] > np.nanmedian(cells[:, income])
    fields = loans.data.schema.to_dict()
    for attribute in fields["attributes"]:
        if attribute["name"] == "telephone":
            attribute["effect"] = "none"
    return {
        leak.column: leak
        for leak in leaks(replace(loans.data, cells=cells, schema=Schema(**fields)))
    }


def test_a_column_that_another_tells_is_guessed_and_the_other_named(told):
    assert next(iter(told)) == "telephone"
    leak = told["telephone"]
    assert leak.declared
    assert leak.auroc > 0.98
    assert leak.by[0][0] == "income"


def test_what_nobody_tells_is_guessed_blindly(loans):
    by_name = {leak.column: leak for leak in leaks(loans.data)}
    assert by_name["region"].auroc < 0.6
    assert by_name["telephone"].by[0][0] == "income"
    assert loans.data.schema.target not in by_name
