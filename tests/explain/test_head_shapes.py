"""What counts over all, and the shape of each column."""

from __future__ import annotations

import pytest

from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.explain.head_shapes import explain_head


@pytest.fixture(scope="module")
def found(loans):
    return explain_head(loans.model, loans.data)


def test_pieces_cover_all_training_rows_and_say_what_lies_in_them(found, loans):
    for name in loans.model.head.columns:
        assert sum(piece.rows for piece in found.shape(name)) == found.rows
    work = {piece.label: piece.value for piece in found.shape("work")}
    assert set(work) == {"none", "permanent", "temporary"}
    assert work["none"] < work["temporary"] < work["permanent"]
    late = {piece.label: piece for piece in found.shape("late")}
    assert late["not known"].value < late["0"].value
    assert found.shape("age")[0].label == "21"
    assert found.shape("months")[-1].label.endswith("65")


def test_intervals_hold_the_value(found):
    for pieces in found.shapes.values():
        for piece in pieces:
            low, high = piece.interval
            assert low <= piece.value <= high


def test_the_sentence_and_rows_begin_with_what_counts_most(found):
    first = found.to_rows()[0]
    assert found.sentence().startswith(f"risk = good rests most on {first['term']}")
    assert first["importance"] == max(found.importance.values())
    assert found.plot().width > 100
    assert '"shapes"' in found.to_json()


def test_a_column_that_the_head_does_not_know(found):
    with pytest.raises(UnknownAttributeError, match="Did you mean 'months'"):
        found.shape("month")
