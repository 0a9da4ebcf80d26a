"""Curves of one column are the head's own scores of changed rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.explain.curves import column_curves


def test_every_point_is_the_score_of_the_changed_row(loans):
    rows = loans.data.cells[loans.data.rows("test")]
    for name in ("income", "purpose"):
        found = column_curves(loans.model, rows, name)
        number = loans.data.schema.names.index(name)
        for point in (0, len(found.values) - 1):
            changed = rows.copy()
            changed[:, number] = found.values[point]
            score = loans.model.head.score(torch.from_numpy(changed)).numpy()
            np.testing.assert_allclose(found.each[:, point], score, atol=1e-12)
            assert found.partial[point] == pytest.approx(score.mean())
    assert found.labels == loans.data.schema["purpose"].levels
    assert found.accumulated is None


def test_of_a_column_without_pairs_all_curves_have_one_shape(loans):
    paired = {name for pair in loans.model.head.pairs for name in pair}
    name = next(n for n in ("age", "months", "debt", "income", "late") if n not in paired)
    found = column_curves(loans.model, loans.data.cells[loans.data.rows("train")], name)
    steps = np.diff(found.each, axis=1)
    np.testing.assert_allclose(steps - steps[:1], 0, atol=1e-12)
    np.testing.assert_allclose(np.diff(found.accumulated), np.diff(found.partial), atol=1e-12)


def test_a_column_that_is_not_looked_at_is_refused(loans):
    with pytest.raises(UnknownAttributeError, match="incom"):
        column_curves(loans.model, loans.data.cells[:20], "incom")
