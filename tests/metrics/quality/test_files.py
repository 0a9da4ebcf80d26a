"""Feature arrays, folders of images and tables are scored by name from plain files."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from PIL import Image
from typer.testing import CliRunner

from interpretable_gan.cli.metrics import metrics
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.quality import files
from interpretable_gan.metrics.quality.files import feature_metrics, folder_metrics
from interpretable_gan.metrics.quality.kid import kid
from interpretable_gan.metrics.tables.files import table_metrics

WEIGHTS = Path(__file__).parents[4] / "shared/data/weights/mobilenet_v2_imagenet_int8.npz"
needs_weights = pytest.mark.skipif(
    not WEIGHTS.is_file(), reason="not on this machine: the MobileNetV2 file"
)

REAL, FAKE = np.random.default_rng(0).normal(size=(2, 40, 3))


def test_every_feature_metric_answers_with_the_given_settings():
    results = {name: run() for name, run in feature_metrics(REAL, FAKE, seed=7, jobs=1).items()}
    assert set(results) == set(files.METRICS)
    assert results["kernel_distance"].value == kid(REAL, FAKE, seed=7).value
    assert results["vendi_score"].data["fake_rows"] == 40
    assert all(np.isfinite(result.value) for result in results.values())
    assert all(result.seconds > 0 and result.versions["numpy"] for result in results.values())


def save(folder, count, level):
    folder.mkdir()
    for index in range(count):
        pixels = np.full((4, 4, 3), level + index, np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")


def test_folders_are_read_once_and_name_their_extractor(tmp_path, monkeypatch):
    seen = []

    def network(images):
        seen.append(len(images))
        return images.mean(dim=(2, 3))

    small = FeatureExtractor("mean colour", "0", network, size=None)
    monkeypatch.setattr(files, "extractor_named", lambda name, weights: small)
    save(tmp_path / "real", 6, 10)
    save(tmp_path / "fake", 6, 100)
    available = folder_metrics(tmp_path / "real", tmp_path / "fake")
    first, second = available["frechet_distance"](), available["sliced_wasserstein"]()
    assert sum(seen) == 12
    assert first.value == pytest.approx(3 * (90 / 127.5) ** 2, rel=1e-4)
    assert second.parameters["extractor"]["name"] == "mean colour"


@pytest.fixture
def mean_colour(monkeypatch):
    """An extractor that sees the mean colour of the left and of the right half."""

    def network(images):
        return torch.cat([half.mean(dim=(2, 3)) for half in images.chunk(2, dim=3)], dim=1)

    extractor = FeatureExtractor("halves", "0", network, size=None)
    monkeypatch.setattr(files, "extractor_named", lambda name, weights: extractor)
    return extractor


def pictures(count=6):
    """Pictures of two halves, each of one colour."""
    colours = np.random.default_rng(0).integers(0, 256, (count, 1, 2, 3), np.uint8)
    return [Image.fromarray(colour).resize((16, 8), 0) for colour in colours]


def turned(image):
    exif = Image.Exif()
    exif[0x0112] = 6
    return image.transpose(Image.Transpose.ROTATE_90), {"exif": exif}


def on_transparent_ground(image):
    """The same picture where white is stored as a transparent pixel of some other colour."""
    clear = Image.new("RGBA", image.size, (9, 8, 7, 0))
    clear.paste(image.convert("RGBA"), (0, 0))
    clear.paste((9, 8, 7, 0), (8, 0, 16, 8))
    return clear, {}


def on_white_ground(image):
    image = image.copy()
    image.paste("white", (8, 0, 16, 8))
    return image, {}


def as_it_is(image):
    return image, {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(as_it_is, turned, id="turned by EXIF"),
        pytest.param(on_white_ground, on_transparent_ground, id="transparent ground"),
        pytest.param(as_it_is, lambda image: (image.quantize(4), {}), id="palette"),
    ],
)
def test_the_same_pictures_stored_otherwise_have_no_distance(tmp_path, mean_colour, one, other):
    for folder, how in (("real", one), ("fake", other)):
        (tmp_path / folder).mkdir()
        for index, image in enumerate(pictures()):
            stored, options = how(image)
            stored.save(tmp_path / folder / f"{index}.png", **options)
    result = folder_metrics(tmp_path / "real", tmp_path / "fake")["frechet_distance"]()
    assert result.value == pytest.approx(0, abs=1e-6)
    assert result.warnings == ()


def test_sixteen_bits_and_eight_have_no_distance(tmp_path, mean_colour):
    for folder, kind, scale in (("real", np.uint8, 1), ("fake", np.uint16, 16)):
        (tmp_path / folder).mkdir()
        for value in (0, 60, 255):
            pixels = np.full((4, 4), value * scale, kind)
            Image.fromarray(pixels).save(tmp_path / folder / f"{value}.png")
    real, fake = (files.folder_features(tmp_path / each, mean_colour) for each in ("real", "fake"))
    np.testing.assert_allclose(real, fake, atol=2 / 127.5)


def test_odd_files_are_left_out_and_every_result_says_so(tmp_path, mean_colour):
    save(tmp_path / "real", 6, 10)
    save(tmp_path / "fake", 6, 100)
    (tmp_path / "fake" / "7.png").write_text("no picture")
    (tmp_path / "fake" / ".ipynb_checkpoints").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "fake" / ".ipynb_checkpoints" / "0.png")
    available = folder_metrics(tmp_path / "real", tmp_path / "fake")
    results = [available[name]() for name in ("frechet_distance", "vendi_score")]
    for result in results:
        assert result.data["fake_rows"] == 6
        (warning,) = [each for each in result.warnings if "examples in use" in each]
        assert warning.startswith(f"{tmp_path / 'fake'}: 6 examples in use: not an image: 1, left")
        assert "hidden files and folders are left out: .ipynb_checkpoints" in warning


def test_folders_without_readable_pictures_are_refused(tmp_path, mean_colour):
    with pytest.raises(DataError, match="has no pictures"):
        files.folder_features(tmp_path, mean_colour)
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.raises(DataError, match=r"no usable example.*not an image: 1.*broken\.png"):
        files.folder_features(tmp_path, mean_colour)


def test_every_table_metric_answers_and_a_holdout_adds_one(tmp_path):
    generator = np.random.default_rng(1)
    paths = {}
    for role in ("real", "synthetic", "holdout"):
        lines = [f"{x:.3f},{c}" for x, c in zip(generator.normal(size=30), "abc" * 10, strict=True)]
        paths[role] = tmp_path / f"{role}.csv"
        paths[role].write_text("x,c\n" + "\n".join(lines) + "\n")
    kinds = tmp_path / "kinds.json"
    kinds.write_text('{"columns": {"c": {"sdtype": "categorical"}}}')
    without = table_metrics(paths["real"], paths["synthetic"], metadata=kinds)
    available = table_metrics(*paths.values(), kinds, seed=3, jobs=1)
    assert set(available) - set(without) == {"overfitting_protection"}
    results = {name: run() for name, run in available.items() if name != "detection"}
    assert all(0 <= result.value <= 1 for result in results.values())
    assert results["baseline_protection"].seed == 3


@pytest.mark.long
@needs_weights
def test_the_command_scores_real_folders_through_mobilenet(tmp_path):
    """Faces against other faces and against blood cells, as anyone would type it."""
    packed = {"faces": "celeba/celeba64_jpeg.npz", "cells": "wbcatt/wbcatt64_jpeg.npz"}
    for name, file in packed.items():
        with np.load(WEIGHTS.parents[1] / file) as arrays:
            ends, jpeg = arrays["offsets"][:33].tolist(), arrays["jpeg"]
        for index, (start, end) in enumerate(pairwise(ends)):
            folder = tmp_path / (name if index < 16 else f"more_{name}")
            folder.mkdir(exist_ok=True)
            (folder / f"{index}.jpg").write_bytes(jpeg[start:end].tobytes())

    app = typer.Typer()
    app.command()(metrics)

    def scored(fake):
        folders = ["--real", tmp_path / "faces", "--fake", tmp_path / fake]
        command = [*folders, "--weights", WEIGHTS, "--json"]
        return json.loads(CliRunner().invoke(app, list(map(str, command))).stdout)

    near, far = scored("more_faces"), scored("cells")
    assert set(near) == set(files.METRICS)
    for name in ("frechet_distance", "kernel_distance", "sliced_wasserstein"):
        assert far[name]["value"] > near[name]["value"], name
        assert far[name]["parameters"]["extractor"]["name"] == "mobilenet-v2-int8"
    assert far["precision_recall"]["breakdown"]["precision"] == 0
    assert far["precision_recall"]["data"]["real_rows"] == 16
