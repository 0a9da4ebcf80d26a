"""What terms say of a score, on cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.models.terms import SOURCES, Part, Terms, arrays


def part(kind="agreement", source="named", rows=("age", "hat"), values=None, places=()):
    """A part of two examples; by default one number per row."""
    values = [[1.0, -2.0], [3.0, 4.0]] if values is None else values
    return Part(kind, source, torch.tensor(values).view(2, len(rows), -1), rows, places)


def terms(*parts, bias=0.5):
    """Parts whose sum is the total."""
    total = sum((each.values.sum(dim=(1, 2)) for each in parts), torch.tensor(bias))
    return Terms(parts, torch.tensor(bias), total)


FOUND = part("realism", "discovered", ("d00",), [[1.0], [0.0]])
REST = part("residual", "residual", ("residual",), [[-4.0], [1.0]])
WHOLE = terms(part(), FOUND, REST)


def test_the_error_is_relative_to_large_totals_and_absolute_to_small_ones():
    assert WHOLE.error() == 0
    small = Terms((), torch.tensor(0.0), torch.tensor([0.0, 0.25]))
    large = Terms((), torch.tensor(0.0), torch.tensor([0.0, -100.0]))
    assert (small.error(), large.error()) == (0.25, 1.0)
    assert WHOLE.at(slice(0)).error() == 0  # of no examples


def test_a_nan_is_no_exact_sum():
    assert not Terms((), torch.tensor(0.0), torch.tensor([1.0, torch.nan])).error() <= 1e-5


def test_rows_add_up_over_parts_and_places():
    places = part("realism", values=[[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 1.0]], places=("a", "b"))
    rows = terms(part(), places, FOUND, REST)
    found = {name: values.tolist() for name, values in rows.by_row().items()}
    assert found == {"age": [4.0, 3.0], "hat": [5.0, 5.0], "d00": [1.0, 0.0]}
    assert list(rows.by_row("residual")) == ["residual"]
    assert list(rows.by_row(*SOURCES)) == ["age", "hat", "d00", "residual"]
    kinds = {name: values.tolist() for name, values in rows.by_kind().items()}
    assert kinds["realism"] == [11.0, 1.0]  # of named and discovered attributes


def test_a_source_without_parts_adds_nothing():
    named = terms(part())
    assert named.by_source()["residual"].tolist() == [0.0, 0.0]
    assert_close(named.without("residual"), named.total)
    assert_close(named.without("named"), torch.full((2,), 0.5))
    assert named.of("residual") == ()


def test_shares_are_of_absolute_contributions_by_row():
    found = {name: values.tolist() for name, values in WHOLE.shares().items()}
    expected = {"named": [3 / 8, 7 / 8], "discovered": [1 / 8, 0], "residual": [4 / 8, 1 / 8]}
    assert found == expected
    torn = part(
        "pulled", values=[[1.0, -1.0, 0.0, 4.0], [1.0, -1.0, 0.0, 3.0]], places=("left", "right")
    )
    assert terms(torn, REST).shares()["named"].tolist() == [0.5, 0.75]  # places cancel
    nothing = terms(part(values=[[0.0, 0.0], [0.0, 1.0]])).shares()["named"]
    assert nothing.isnan().tolist() == [True, False]


@pytest.mark.parametrize(
    ("named", "rest", "expected"),
    [
        pytest.param([0.0, 2.0], [5.0, 5.0], {"named": 1, "residual": 0}, id="names alone"),
        pytest.param([5.0, 5.0], [0.0, 2.0], {"named": 0, "residual": 1}, id="residual alone"),
        pytest.param([0.0, 3.0], [0.0, 1.0], {"named": 0.75, "residual": 0.25}, id="together"),
        pytest.param([0.0, 3.0], [0.0, -1.0], {"named": 1.5, "residual": -0.5}, id="against"),
    ],
)
def test_shares_of_variance_have_known_answers(named, rest, expected):
    parts = (part(rows=("age",), values=named), part("rest", "residual", ("rest",), rest))
    shares = {name: float(share) for name, share in terms(*parts).variance_shares().items()}
    assert shares == pytest.approx({"discovered": 0} | expected)


def test_a_score_that_never_varies_has_no_shares_of_variance():
    values = torch.full((7, 1, 1), 0.1)
    same = Terms((Part("a", "named", values, ("age",)),), torch.tensor(0.0), values[:, 0, 0])
    assert all(share.isnan() for share in same.variance_shares().values())


def test_a_paired_difference_keeps_who_it_is_due_to():
    fake = terms(part(values=[[1.0, 0.0], [3.0, 4.0]]), FOUND, REST)
    gap = WHOLE.minus(fake)
    assert gap.total.tolist() == [-2.0, 0.0]
    assert {name: values.tolist()[0] for name, values in gap.by_row().items() if values.any()} == {
        "hat": -2.0
    }
    assert (gap.error(), gap.bias) == (0, 0)


def test_many_are_compared_with_the_mean_of_others():
    gap = WHOLE.minus(WHOLE.mean())
    assert gap.by_row()["age"].tolist() == [-1.0, 1.0]
    assert gap.error() == 0
    with pytest.raises(DataError, match="give as many, or one"):
        WHOLE.minus(WHOLE.at(torch.tensor([0, 0, 0])))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(part(rows=("age", "cap")), id="rows"),
        pytest.param(part(kind="realism"), id="kind"),
        pytest.param(part(source="discovered"), id="source"),
        pytest.param(part(values=[[1.0] * 4] * 2, places=("a", "b")), id="places"),
    ],
)
def test_terms_of_different_models_do_not_mix(other):
    with pytest.raises(SchemaError, match="take those of one model"):
        Terms.joined([terms(part()), terms(other)])
    with pytest.raises(SchemaError, match="take those of one model"):
        terms(part()).minus(terms(other))


def test_some_examples_by_number_or_by_mask():
    assert WHOLE.at(torch.tensor([1, 1, 0])).total.tolist() == [8.5, 8.5, -3.5]
    assert WHOLE.at(torch.tensor([False, True])).by_row()["age"].tolist() == [3.0]


def test_numbers_come_out_as_numpy():
    bias = torch.tensor(0.5, requires_grad=True)
    found = arrays({"bias": bias, **WHOLE.by_row()})
    assert {each.dtype for each in found.values()} == {np.dtype("float64")}
    assert found["age"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: part(values=[[1.0] * 4] * 2), "give \\(batch, 2, 1\\)"),
        (lambda: part(places=("a", "b")), "give \\(batch, 2, 2\\)"),
        (lambda: part(rows=("age", "age")), "'age' twice"),
        (lambda: Terms((part(),), torch.tensor(0.0), torch.zeros(3)), "give as many"),
        (lambda: terms(part(), part("b", "residual")), "named and residual"),
    ],
)
def test_parts_that_do_not_fit_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
