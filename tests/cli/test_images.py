"""Files that a user names are read as training reads them; the odd one stops nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import typer
from PIL import Image

from interpretable_gan.cli.images import eyes_of, one_image, open_images
from interpretable_gan.data.cache import decode_once
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Files
from interpretable_gan.errors import DataError
from interpretable_gan.modalities.pictures import save_grid

COLOUR, GREY = (
    SimpleNamespace(
        config=SimpleNamespace(size=8),
        modality=SimpleNamespace(channels=channels),
        strangeness=lambda images: images.new_zeros(len(images)),
    )
    for channels in (3, 1)
)


@pytest.fixture
def photos(tmp_path):
    """Three good pictures, among all that lies about in real folders."""
    folder = tmp_path / "photos"
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    (folder / "folder.jpg").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for name in ("a.jfif", "folder.jpg/b.JPG", ".ipynb_checkpoints/a.jpg"):
        Image.fromarray(noise).save(folder / name, "JPEG")
    Image.fromarray(noise).save(folder / "z.png")
    (folder / "cut.png").write_bytes((folder / "z.png").read_bytes()[:900])
    (folder / "empty.png").write_bytes(b"")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7")
    save_grid(noise[None], folder / "samples.png", columns=1)
    return folder


def test_the_good_ones_of_a_folder_are_read_and_the_odd_ones_named(photos, capsys):
    names, images = open_images([photos], COLOUR)
    assert names == ["a.jfif", "folder.jpg/b.JPG", "z.png"]
    assert images.shape == (3, 3, 8, 8)
    said = capsys.readouterr().err
    for line in (
        f"{photos}: 3 examples in use",
        "truncated image: 1, left out (cut.png)",
        "empty file: 1, left out (empty.png)",
        "not an image: 1, left out (paper.pdf)",
        "sheet of images: 1, left out (samples.png)",
        "hidden files and folders are left out: .ipynb_checkpoints",
    ):
        assert line in said


def test_a_folder_of_odd_ones_alone_is_refused_and_names_them(photos):
    for name in ("a.jfif", "folder.jpg/b.JPG", "z.png"):
        (photos / name).unlink()
    with pytest.raises(DataError, match=r"no usable example(.|\n)*cut\.png(.|\n)*paper\.pdf"):
        open_images([photos], COLOUR)


def test_a_folder_of_hidden_ones_alone_says_so(tmp_path):
    (tmp_path / ".trash").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / ".trash" / "a.png")
    with pytest.raises(DataError, match=r"no image files \(hidden files and folders are left out"):
        open_images([tmp_path], COLOUR)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_sheet_of_samples_is_no_face(tmp_path, suffix):
    path = save_grid(torch.zeros(4, 3, 8, 8), tmp_path / f"samples{suffix}", columns=2)
    with pytest.raises(DataError, match=r"several images with margins.*cut out one image first"):
        one_image(path, COLOUR)


@pytest.mark.parametrize("model", [COLOUR, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK", "L", "LA", "1", "I;16", "F"])
def test_pixels_are_those_that_training_sees(tmp_path, monkeypatch, mode, model):
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    image = Image.fromarray(pixels).convert("L" if mode in ("I;16", "F") else mode)
    if mode in ("I;16", "F"):
        kind, scale = (np.uint16, 257) if mode == "I;16" else (np.float32, 1 / 255)
        image = Image.fromarray((np.asarray(image) * np.float64(scale)).astype(kind))
    if image.mode in ("RGBA", "LA"):
        image.putalpha(Image.fromarray(pixels[..., 0]))
    image.save(tmp_path / "a.tif")
    _, images = open_images([tmp_path / "a.tif"], model, quiet=True)
    trained = decode_once(Files(tmp_path, ["a.tif"]), Framing(8), Intake("a")).images[0]
    if trained.shape[-1] > model.modality.channels:
        trained = np.asarray(Image.fromarray(trained).convert("L"))[..., None]
    shades = ((images[0] + 1) * 127.5).round().permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(shades, np.broadcast_to(trained, shades.shape))


def test_a_reduced_jpeg_is_told_by_its_own_size(tmp_path, capsys):
    Image.new("RGB", (600, 400)).save(tmp_path / "a.jpg")
    one_image(tmp_path / "a.jpg", COLOUR)
    assert "cut from 600×400 to its centred square" in capsys.readouterr().err


def test_a_folder_of_more_than_eight_bits_has_one_scale(tmp_path, capsys):
    for name, value in (("dark.png", 1000), ("light.png", 4000)):
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(tmp_path / name)
    _, images = open_images([tmp_path], GREY)
    shades = ((images[:, 0, 0, 0] + 1) * 127.5).round().tolist()
    assert shades == [62, 249]
    assert "reach from 1,000 to 4,000: 0 is black, 4,095 white" in capsys.readouterr().err


def test_a_face_is_aligned_by_the_eyes_that_are_given(tmp_path, capsys):
    half = np.zeros((100, 100, 3), np.uint8)
    half[:, 50:] = 255
    Image.fromarray(half).save(tmp_path / "face.png")
    upright = one_image(tmp_path / "face.png", COLOUR)
    eyes = eyes_of("50,38.7,50,61.4", None, [tmp_path / "face.png"])  # lying on its side
    turned = one_image(tmp_path / "face.png", COLOUR, eyes=eyes)
    assert (turned[0, 0, 0] == 1).all()
    assert (turned[0, 0, 7] == -1).all()
    assert (upright[0, 0, :, 7] == 1).all()
    assert "face.png: aligned by its eyes at 50,39 and 50,61." in capsys.readouterr().err


def test_eyes_outside_of_the_image_are_told_in_one_sentence(tmp_path):
    Image.new("RGB", (50, 50)).save(tmp_path / "face.png")
    eyes = eyes_of("10,20,60,20", None, [tmp_path / "face.png"])
    with pytest.raises(DataError, match=r"outside of the image\. --eyes counts pixels"):
        one_image(tmp_path / "face.png", COLOUR, eyes=eyes)


@pytest.mark.parametrize(
    ("given", "judges", "images", "said"),
    [
        ("1,2,3", None, ["a.png"], "is not X,Y,X,Y"),
        ("1,2,3,4", None, ["a.png", "b.png"], "those of one image"),
        ("1,2,3,4", "judges", ["a.png"], "not both"),
    ],
)
def test_eyes_that_cannot_be_meant_are_refused(tmp_path, given, judges, images, said):
    with pytest.raises(typer.BadParameter, match=said):
        eyes_of(given, judges, [tmp_path / name for name in images])
