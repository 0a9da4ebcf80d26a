"""Pictures in an npz file are what they would be in memory."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data.archive import Archive
from interpretable_gan.data.arrays import Arrays, Packed
from interpretable_gan.data.decoding import Unusable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "things.npz"


@pytest.mark.parametrize(
    ("shape", "mode"),
    [((5, 4), "L"), ((5, 4, 1), "L"), ((5, 4, 3), "RGB"), ((5, 4, 4), "RGBA")],
)
def test_arrays_stand_one_behind_the_other(path, rng, shape, mode):
    first, second = (rng.integers(0, 256, (rows, *shape), np.uint8) for rows in (2, 3))
    np.savez_compressed(path, first=first, second=second)
    pictures = Arrays(Archive(path), ["first", "second"], list("abcde"))
    for index, pixels in enumerate([*first, *second]):
        assert pictures.mode(index) == pictures.picture(index).image.mode == mode
        np.testing.assert_array_equal(pictures.picture(index).image, pixels.squeeze())
        assert pictures.content(index) == repr(shape).encode() + pixels.tobytes()


def test_packed_files_are_taken_apart_where_the_offsets_say(path):
    file = io.BytesIO()
    Image.new("LA", (3, 2), (9, 255)).save(file, "PNG")
    parts = [file.getvalue(), b"hello", b""]
    offsets = np.cumsum([0, *map(len, parts)])
    np.savez_compressed(path, jpeg=np.frombuffer(b"".join(parts), np.uint8))
    pictures = Packed(Archive(path), offsets, list("abc"))
    assert [pictures.content(index) for index in range(3)] == parts
    assert (pictures.mode(0), pictures.picture(0).size) == ("LA", (3, 2))
    for look in (pictures.mode, pictures.picture):
        with pytest.raises(Unusable, match="not an image"):
            look(1)
