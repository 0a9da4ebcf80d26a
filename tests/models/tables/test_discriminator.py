"""A discriminator of rows adds up exactly, sees what drawn rows lack, and can correct it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.models.tables.discriminator import corrected, fit_discriminator, judged
from loans import SMALL


@pytest.fixture(scope="module")
def shifted(loans):
    """The table as if half of the people were thirty years older, and what tells it from drawn
    rows."""
    cells = loans.data.cells.copy()
    cells[::2, 0] = 60 + cells[::2, 0] % 8
    data = replace(loans.data, cells=cells)
    return data, fit_discriminator(data, loans.model.sampler, SMALL)


def test_its_decision_is_an_exact_sum_that_names_the_column(loans, shifted):
    data, discriminator = shifted
    rows = judged(discriminator, data.cells[data.rows("test")])
    terms = discriminator.terms(rows)
    assert float(terms.error()) <= 1e-5
    sizes = {name: float(added.abs().mean()) for name, added in terms.by_row().items()}
    assert max(sizes, key=lambda name: sizes[name]) == "age"


def test_what_was_asked_adds_nothing_to_a_pair(loans, shifted):
    data, discriminator = shifted
    real, names = data.cells[data.rows("test")], data.schema.names
    luck = np.random.default_rng(0)
    for count in (1, 3, 6):
        asked = set(luck.choice(names, count, replace=False).tolist())
        drawn = loans.model.sampler.redraw(real, set(names) - asked)
        sides = [discriminator.values(judged(discriminator, each)) for each in (real, drawn)]
        gaps = {term: float((sides[0][term] - sides[1][term]).abs().max()) for term in sides[0]}
        assert all(gap == 0 for term, gap in gaps.items() if set(term) <= asked)
        assert any(gap > 0 for gap in gaps.values())


def test_resampled_rows_are_closer_to_real_ones(loans, shifted):
    data, discriminator = shifted
    real = data.cells[:, 0].mean()
    drawn = loans.model.sampler.draw(2000).cells[:, 0].mean()
    kept = corrected(loans.model.sampler, discriminator, 2000)
    assert kept.shape == (2000, len(data.schema.names))
    assert abs(kept[:, 0].mean() - real) < abs(drawn - real) / 2
    assert np.array_equal(
        corrected(loans.model.sampler, discriminator, 50, seed=1),
        corrected(loans.model.sampler, discriminator, 50, seed=1),
        equal_nan=True,
    )
