"""Pictures keep every pixel where there is room, and fit where there is little."""

import numpy as np
import pytest
from pages import decoded

from interpretable_gan.report.picture import ROOM, Press, mosaic


def tiles(count, size):
    """Noise, which nothing can compress."""
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


def test_with_room_nothing_is_lost():
    rows = [tiles(3, 16), tiles(2, 16)]
    picture = Press.of(10).print(rows, "noise")
    assert np.array_equal(decoded(picture.src), mosaic(rows))
    assert (picture.width, picture.height, picture.columns) == (50, 33, 3)


@pytest.mark.parametrize("pictures", [1, 150])
def test_many_large_pictures_fit_one_page_of_ten_megabytes(pictures):
    press = Press.of(pictures)
    picture = press.print([tiles(5, 128)] * 3, "noise")
    assert len(picture.src) * pictures < 4 / 3 * ROOM + 100 * pictures < 10_000_000
    height, width, _ = decoded(picture.src).shape
    assert width / height == pytest.approx(picture.width / picture.height, rel=0.02)
