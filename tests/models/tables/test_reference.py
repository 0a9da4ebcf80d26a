"""Shares of columns are Shapley values: they add up, and equal those over all orders."""

from __future__ import annotations

import pytest
import torch

from interpretable_gan.errors import DataError
from interpretable_gan.models.tables.reference import Reference


def test_shares_add_up_to_the_difference(loans):
    head, rows = loans.model.head, torch.from_numpy(loans.data.cells)
    for reference in loans.model.references.values():
        shares = reference.column_shares(head, rows)
        torch.testing.assert_close(
            shares.sum(dim=1), head.score(rows) - reference.score, rtol=0, atol=1e-9
        )


def test_shares_are_interventional_shapley_values(loans):
    """In a sum of single columns and pairs, the mean gain of a column over all orders is that of
    coming first and last, halved (by definition of the value: the other columns are the group's).
    """
    head, cells = loans.model.head, torch.from_numpy(loans.data.cells)
    group, row = cells[:50], cells[77:78]
    shares = Reference.of(head, group, "fifty").column_shares(head, row)[0].tolist()
    names = loans.data.schema.names

    def value(known):
        mixed = group.clone()
        for name in known:
            mixed[:, names.index(name)] = row[0, names.index(name)]
        return float(head.score(mixed).mean())

    for name, share in zip(head.columns, shares, strict=True):
        others = [each for each in head.columns if each != name]
        first, last = value([name]) - value([]), value(head.columns) - value(others)
        assert share == pytest.approx((first + last) / 2, abs=1e-9), name


def test_a_group_without_rows_is_refused(loans):
    rows = torch.from_numpy(loans.data.cells)[:0]
    with pytest.raises(DataError, match="no row is 'nobody'"):
        Reference.of(loans.model.head, rows, "nobody")
