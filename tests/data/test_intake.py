"""The report counts and names everything, and stops where it should."""

from __future__ import annotations

import json

import pytest

from interpretable_gan.data.intake import Intake
from interpretable_gan.errors import DataError


def test_problems_are_counted_and_named():
    intake = Intake("faces/")
    intake.note("truncated image", "a.jpg")
    intake.note("truncated image", "b.jpg")
    intake.note("missing label", "hat", times=40)
    intake.note("missing label", "beard", times=0)
    assert intake.count("truncated image") == 2
    assert intake.count("empty file") == 0
    assert str(intake.settle(98, strict=False)).splitlines() == [
        "faces/: 98 examples in use",
        "  truncated image: 2, left out (a.jpg, b.jpg)",
        "  missing label: 40, taken as not known (hat × 40)",
    ]


def test_long_lists_are_cut_in_print_but_whole_as_data():
    intake = Intake("faces/")
    for i in range(1200):
        intake.note("empty file", f"{i}.jpg")
    assert "and 1,195 more" in str(intake)
    assert len(json.loads(json.dumps(intake.to_dict()))["found"]["empty file"]) == 1200


def test_a_name_that_is_no_text_can_be_printed():
    intake = Intake("faces/")
    intake.note("not an image", "\udcff.png")  # how Python calls a file whose name is not UTF-8
    assert str(intake).encode().endswith(b"(\\udcff.png)")


def test_strict_stops_on_anything():
    intake = Intake("faces/")
    intake.remarks.append("name: left out, an identifier")
    intake.settle(10, strict=True)
    intake.note("other mode", "a.png (L)")
    with pytest.raises(DataError) as stopped:
        intake.settle(10, strict=True)
    assert str(stopped.value) == (
        "strict stops at what cannot be used as it is. faces/: other mode: 1, converted (a.png "
        "(L)). Mend this, or go on without strict."
    )


def test_nothing_usable_stops_always():
    with pytest.raises(DataError, match="no usable example"):
        Intake("faces/").settle(0, strict=False)


def test_only_known_problems_can_be_noted():
    with pytest.raises(AssertionError):
        Intake("faces/").note("bad luck", "a.jpg")
