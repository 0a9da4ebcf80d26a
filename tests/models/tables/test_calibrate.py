"""Probabilities of a head on a small table mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan.data.applicants import applicants
from interpretable_gan.data.tables import open_table
from interpretable_gan.models.tables.calibrate import calibrated
from interpretable_gan.models.tables.fit import calibration_error
from interpretable_gan.models.tables.head_fit import fit_head, target_numbers
from loans import SMALL, aimed

pytest.importorskip("interpret", reason="the extra tables is not installed")


@pytest.mark.long
def test_heads_of_few_rows_say_less_and_are_righter():
    """Heads of 300 rows are too sure of themselves; on 20,000 fresh rows that shows."""
    errors = []
    for seed in (0, 2, 3):
        data = aimed(open_table(applicants(375, seed=seed)))
        fresh = open_table(applicants(20_000, seed=1), schema=data.schema).cells
        truth, _ = target_numbers(data.schema, fresh, SMALL)
        raw = fit_head(data, SMALL)
        shrunk = calibrated(raw, data, SMALL)
        rows = torch.from_numpy(fresh)
        errors.append([calibration_error(truth, h.predict(rows).numpy()) for h in (raw, shrunk)])
        assert float(shrunk.terms(rows[:100]).error()) <= 1e-5
        assert (np.diff(shrunk.score(rows)[raw.score(rows).argsort()].numpy()) >= 0).all()
    before, after = np.mean(errors, axis=0)
    assert after < 0.9 * before, errors


@pytest.mark.long
def test_many_rows_are_left_as_they_are(loans, monkeypatch):
    from interpretable_gan.models.tables import calibrate

    monkeypatch.setattr(calibrate, "SMALL", 100)
    assert calibrated(loans.model.head, loans.data, SMALL) is loans.model.head
