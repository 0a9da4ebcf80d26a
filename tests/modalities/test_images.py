"""Whatever holds images is taken, and what does not is refused with the way out."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from interpretable_gan.errors import DataError, InterpretableGANWarning
from interpretable_gan.modalities.images import ImageModality
from interpretable_gan.modalities.pictures import GAP, MARGIN

RGB, ONE = ImageModality(size=4, channels=3), ImageModality(size=4, channels=1)


@pytest.fixture
def images():
    """Two images that reach from -1 to 1."""
    return torch.linspace(-1, 1, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)


@pytest.mark.parametrize(
    "kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str
)
def test_tensors_of_any_float_type_are_taken(images, kind):
    checked = RGB.check(images.to(kind))
    assert checked.dtype == torch.float32
    torch.testing.assert_close(checked, images.to(kind).float())
    assert checked.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(lambda array: array, id="plain"),
        pytest.param(lambda array: array.astype(np.float16), id="half precision"),
        pytest.param(lambda array: array.astype(np.longdouble), id="long double"),
        pytest.param(lambda array: array.astype(">f4"), id="big-endian"),
        pytest.param(lambda array: array[..., ::-1].copy()[..., ::-1], id="negative strides"),
        pytest.param(np.asfortranarray, id="Fortran order"),
        pytest.param(lambda array: np.broadcast_to(array, array.shape), id="read-only"),
    ],
)
def test_arrays_are_taken_however_they_lie_in_memory(images, stored):
    torch.testing.assert_close(RGB.check(stored(images.numpy())), images, atol=1e-3, rtol=0)


def test_gradients_pass_through(images):
    images.requires_grad_()
    RGB.check(images).sum().backward()
    assert (images.grad == 1).all()


@pytest.mark.parametrize(
    ("examples", "sentence"),
    [
        pytest.param(torch.zeros(1, 3, 8, 8), "8×8 pixels, but this model reads 4×4", id="size"),
        pytest.param(torch.zeros(1, 1, 4, 4), "1 channels, but this model reads 3", id="grey"),
        pytest.param(torch.zeros(3, 4, 4), r"\(3, 4, 4\): give one or more as", id="one image"),
        pytest.param(torch.zeros(0, 3, 4, 4), r"give one or more as", id="none"),
        pytest.param(np.zeros((2, 4, 4, 3), np.float32), r"movedim\(3, 1\)", id="channels last"),
        pytest.param(
            torch.zeros(1, 3, 4, 4, dtype=torch.uint8),
            r"uint8.*convert 0 to 255 by images\.float\(\) / 127\.5 - 1",
            id="uint8 tensor",
        ),
        pytest.param(
            np.zeros((1, 3, 4, 4), np.uint8),
            r"uint8.*convert 0 to 255 by images / 127\.5 - 1",
            id="uint8 array",
        ),
        pytest.param(np.zeros((1, 3, 4, 4), object), "array of object", id="objects"),
        pytest.param(np.zeros((1, 3, 4, 4), complex), "array of complex128", id="complex"),
        pytest.param(torch.full((1, 3, 4, 4), 200.0), "reach from 200 to 200", id="0 to 255"),
        pytest.param(torch.full((1, 3, 4, 4), torch.nan), "reach from nan", id="no numbers"),
        pytest.param(torch.full((1, 3, 4, 4), -1.02), "reach from -1.02", id="too dark"),
        pytest.param(Image.new("RGB", (4, 4)), "images are Image: give one tensor", id="picture"),
        pytest.param([torch.zeros(3, 4, 4)], "images are list: give one tensor", id="list"),
        pytest.param("photo.png", "images are str: give one tensor", id="file name"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(examples, sentence):
    with pytest.raises(DataError, match=sentence) as raised:
        RGB.check(examples)
    assert "\n" not in str(raised.value)


def test_a_grey_model_says_so():
    with pytest.raises(DataError, match=r"3 channels, but this model reads 1 \(grey\)"):
        ONE.check(torch.zeros(1, 3, 4, 4))


def test_four_channels_of_four_pixels_are_not_taken_for_channels_last():
    assert ImageModality(4, 4).check(torch.zeros(1, 4, 4, 4)).shape == (1, 4, 4, 4)


def test_rounding_beyond_the_range_is_taken(images):
    assert RGB.check(1.005 * images).abs().max() > 1


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16], ids=str)
def test_images_with_0_for_black_are_taken_with_a_warning(images, kind):
    unit = ((images + 1) / 2).to(kind)
    with pytest.warns(InterpretableGANWarning, match=r"0 to 1.*scale them by images \* 2 - 1"):
        checked = RGB.check(unit)
    assert torch.equal(checked, unit.float())


@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0, 1.005])
def test_one_flat_shade_is_a_baseline_and_needs_no_warning(shade):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RGB.check(torch.full((1, 3, 4, 4), shade))


def test_images_are_shown_in_reading_order_and_large_enough():
    shades = torch.linspace(-1, 1, 10)
    picture = ONE.show(shades.reshape(10, 1, 1, 1).expand(10, 1, 4, 4).numpy())
    step = 128 + GAP
    places = [(MARGIN + step * (i % 8) + 64, MARGIN + step * (i // 8) + 64) for i in range(10)]
    found = [picture.getpixel(place)[0] for place in places]
    assert found == ((shades + 1) * 127.5).round().int().tolist()
    assert picture.size == (8 * step - GAP + 2 * MARGIN, 2 * step - GAP + 2 * MARGIN)


def test_what_cannot_be_read_cannot_be_shown():
    with pytest.raises(DataError, match="8×8 pixels"):
        RGB.show(torch.zeros(1, 3, 8, 8))
