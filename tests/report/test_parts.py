"""What a report says of each attribute."""

import pytest

from interpretable_gan.explain.calibration import Calibration
from interpretable_gan.report.parts import _sureness


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("smiling", "its probability is 5.0% off on average (20.0% without its temperature)."),
        ("hat", "is 8.0% off on average (6.0% without its temperature, which helps other "),
        ("age", ""),
    ],
)
def test_an_attribute_that_its_temperature_harms_is_told_so(name, told):
    found = Calibration(
        temperature={"smiling": 2.0, "hat": 3.0},
        error_before={"smiling": 0.2, "hat": 0.06},
        error_after={"smiling": 0.05, "hat": 0.08},
        fitted_on={},
        measured_on={},
        checksum="",
        model="",
    )
    assert told in _sureness(name, found)
    assert bool(_sureness(name, found)) == bool(told)
