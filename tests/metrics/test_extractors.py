"""Extractors accept any image, say what they did to it, and fail in one sentence."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from interpretable_gan.errors import (
    DataError,
    InterpretableGANWarning,
    MetricError,
    MissingExtraError,
)
from interpretable_gan.metrics import extractors
from interpretable_gan.metrics.extractors import (
    FeatureExtractor,
    extractor_named,
    inception_v3,
    mobilenet_v2,
    onnx_file,
    sha256,
    torch_module,
)

WEIGHTS = Path(__file__).parents[3] / "shared/data/weights/mobilenet_v2_imagenet_int8.npz"
needs_weights = pytest.mark.skipif(
    not WEIGHTS.is_file(), reason="not on this machine: the MobileNetV2 file"
)

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 20, 20, 3), dtype=np.uint8)


def pixels(**settings):
    return FeatureExtractor("pixels", "0", lambda images: images, **settings)


@pytest.mark.long
@needs_weights
def test_mobilenet_sees_the_same_in_every_form_of_an_image():
    extractor = mobilenet_v2(WEIGHTS)
    features = extractor(IMAGES)
    assert features.shape == (3, 1280)
    assert features.dtype == np.float32
    assert (features >= 0).all()
    assert features.std() > 0.1
    channels_first = torch.from_numpy(IMAGES).permute(0, 3, 1, 2)
    np.testing.assert_allclose(extractor(channels_first), features, atol=1e-4)
    np.testing.assert_allclose(extractor(channels_first / 127.5 - 1), features, atol=1e-3)
    np.testing.assert_allclose(extractor(IMAGES, batch_size=1), features, atol=1e-3)


@needs_weights
def test_mobilenet_describes_itself():
    described = mobilenet_v2(WEIGHTS, size=64, filter="bilinear").describe()
    assert described == {
        "name": "mobilenet-v2-int8",
        "checksum": "583475e180a4ae9a87999692c2d6219341be536e5e055a795389bfeee64f2db6",
        "resize": "bilinear, antialias, 64x64",
        "value_range": [-1.0, 1.0],
    }
    assert extractor_named("mobilenet_v2", WEIGHTS).describe()["name"] == "mobilenet-v2-int8"


@pytest.mark.long
@needs_weights
def test_mobilenet_puts_faces_near_faces_and_blood_cells_near_blood_cells():
    import io

    from PIL import Image

    from interpretable_gan.metrics.quality.frechet import frechet_distance

    def some(file):
        with np.load(WEIGHTS.parents[1] / file) as packed:
            ends = packed["offsets"][:121].tolist()
            jpeg = packed["jpeg"]
        return mobilenet_v2(WEIGHTS, size=64)(
            np.stack([Image.open(io.BytesIO(jpeg[a:b].tobytes())) for a, b in pairwise(ends)])
        )

    faces, cells = some("celeba/celeba64_jpeg.npz"), some("wbcatt/wbcatt64_jpeg.npz")
    near, far = frechet_distance(faces[:60], faces[60:]), frechet_distance(faces[:60], cells[60:])
    assert far.value > near.value
    both = np.concatenate([faces, cells])
    distance = np.linalg.norm(both[:, None] - both, axis=2) + np.diag(np.full(len(both), np.inf))
    neighbour = distance.argmin(axis=1)
    assert np.mean((neighbour < 120) == (np.arange(240) < 120)) > 0.99  # each among its own kind


@needs_weights
def test_a_size_that_cannot_be_halved_five_times_is_refused():
    with pytest.raises(MetricError, match="32"):
        mobilenet_v2(WEIGHTS, size=100)


def test_resizing_is_antialiased():
    stripes = np.zeros((1, 64, 64, 3), np.uint8)
    stripes[:, ::2] = 255  # aliasing would keep the stripes or a part of them
    small = pixels(size=8)(stripes)
    np.testing.assert_allclose(small, 0, atol=0.1)
    assert pixels(size=8).resize == "bicubic, antialias, 8x8"
    assert pixels(size=None).resize == "none"


def test_float_images_from_0_to_1_are_not_taken_in_silence_for_minus_1_to_1():
    """Read in the wrong range, a set of images is far from itself; in its own it is not."""
    from interpretable_gan.metrics.quality.frechet import frechet_distance

    unit = torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255
    seen = pixels(size=4)(IMAGES)
    with pytest.warns(UserWarning, match=r"all lie in \[0, 1\] .* pixels=\(0, 1\)"):
        wrong = pixels(size=4)(unit)
    assert frechet_distance(seen, wrong).value > 10
    right = pixels(size=4, pixels=(0, 1))(unit)
    assert frechet_distance(seen, right).value == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(pixels(size=4, pixels=(0, 255))(unit * 255), seen, atol=1e-5)
    np.testing.assert_allclose(pixels(size=4)(unit.double() * 2 - 1), seen, atol=1e-5)


def test_turned_views_and_half_precision_are_images_like_any_other():
    turned = IMAGES[:, ::-1, ::-1]  # negative strides, which torch does not take
    np.testing.assert_array_equal(pixels(size=None)(turned), pixels(size=None)(turned.copy()))
    half = torch.full((1, 3, 4, 4), -0.5, dtype=torch.bfloat16)
    np.testing.assert_allclose(pixels(size=None)(half), -0.5)


def test_values_reach_the_network_in_its_range():
    image = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])
    features = pixels(size=None, value_range=(0.0, 255.0))(image)
    assert (features.min(), features.max()) == (0, 255)
    np.testing.assert_allclose(pixels(size=None)(image)[1], 1)


def test_grey_is_seen_as_colour():
    grey = IMAGES[..., :1]
    features = pixels(size=None)(grey).reshape(3, 3, 20, 20)
    np.testing.assert_array_equal(features[:, 0], features[:, 2])


@pytest.mark.parametrize(
    ("images", "said"),
    [
        pytest.param(IMAGES[0], "four", id="one image"),
        pytest.param(IMAGES[:0], "non-empty", id="none"),
        pytest.param(np.zeros((2, 8, 8, 4), np.uint8), "1 or 3 channels", id="alpha"),
        pytest.param(IMAGES.astype(np.int32), "expected uint8, or float", id="integers"),
        pytest.param(
            IMAGES.astype(np.float32), "reach from 0 to 255; expected values in", id="float to 255"
        ),
        pytest.param(-2 * np.ones((1, 3, 4, 4)), "reach from -2 to -2", id="below the range"),
        pytest.param(np.full((1, 3, 4, 4), np.nan), "NaN or infinite", id="NaN"),
    ],
)
def test_images_that_are_none_are_refused(images, said):
    with pytest.raises(DataError, match=said):
        pixels()(images)


def test_unknown_filters_and_names_are_refused():
    with pytest.raises(MetricError, match="not one of bicubic, bilinear"):
        pixels(filter="nearest")
    with pytest.raises(MetricError, match="Did you mean 'mobilenet_v2'"):
        extractor_named("mobilenet_v3")
    with pytest.raises(MetricError, match="--weights FILE"):
        extractor_named("mobilenet_v2")
    with pytest.raises(MetricError, match="there is no file"):
        sha256("nowhere.npz")


def test_any_module_is_an_extractor_known_by_its_weights():
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 4), torch.nn.Flatten())
    extractor = torch_module(module, name="mine", size=16)
    assert extractor(IMAGES).shape == (3, 2 * 13 * 13)
    before = extractor.checksum
    with torch.no_grad():
        module[0].bias += 1
    assert torch_module(module, name="mine").checksum != before


def test_without_onnxruntime_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"-e '\.\[onnx\]'"):
        onnx_file("model.onnx")


def fake_onnxruntime(monkeypatch):
    """Stands in for onnxruntime: the network adds the mean of each image."""
    import sys
    import types

    class InferenceSession:
        def __init__(self, path):
            if Path(path).read_bytes() != b"onnx":
                raise RuntimeError("bad model")

        def get_inputs(self):
            return [types.SimpleNamespace(name="images")]

        def run(self, outputs, feeds):
            return [feeds["images"].mean(axis=(2, 3))]

    module = types.SimpleNamespace(InferenceSession=InferenceSession)
    monkeypatch.setitem(sys.modules, "onnxruntime", module)


def test_an_onnx_file_is_an_extractor(monkeypatch, tmp_path):
    fake_onnxruntime(monkeypatch)
    (tmp_path / "net.onnx").write_bytes(b"onnx")
    (tmp_path / "broken.onnx").write_bytes(b"text")
    extractor = extractor_named("onnx", tmp_path / "net.onnx")
    assert extractor.name == "net"
    assert extractor(IMAGES).shape == (3, 3)
    with pytest.raises(MetricError, match="not an ONNX file that runs: bad model"):
        onnx_file(tmp_path / "broken.onnx")


def fake_torch_fidelity(monkeypatch, *, reachable=True):
    """Stands in for torch-fidelity: features are the mean pixel, seen as uint8."""
    import sys
    import types

    class Inception(torch.nn.Module):
        def __init__(self, name, layers, feature_extractor_weights_path=None):
            super().__init__()
            if not reachable:
                raise OSError("no network")

        def forward(self, images):
            assert images.dtype == torch.uint8
            assert images.shape[-1] == 299
            return (images.float().mean(dim=(2, 3)),)

    module = types.SimpleNamespace(FeatureExtractorInceptionV3=Inception)
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.SimpleNamespace())
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", module)


def test_inception_makes_a_fid_only_with_the_known_weights(monkeypatch, tmp_path):
    fake_torch_fidelity(monkeypatch)
    weights = tmp_path / "checkpoints" / "weights-inception-2015-12-05-6726825d.pth"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    other = extractor_named("inception_v3", weights)
    assert other.published is None
    assert other.name == "inception-v3-other-weights"
    assert other(IMAGES) == pytest.approx(IMAGES.mean(axis=(1, 2)), abs=1)

    monkeypatch.setattr(extractors, "INCEPTION_SHA256_START", sha256(weights)[:8])
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert inception_v3().published == "FID"
    assert inception_v3().describe()["resize"] == "bicubic, antialias, 299x299"


def test_without_inception_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch_fidelity", None)
    with pytest.raises(MetricError, match="need the package torch-fidelity"):
        inception_v3()
    fake_torch_fidelity(monkeypatch, reachable=False)
    with pytest.raises(MetricError, match="cannot be read or fetched"):
        inception_v3()


def test_floats_with_0_for_black_are_told():
    unit = torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255
    with pytest.warns(InterpretableGANWarning, match=r"give the extractor pixels=\(0, 1\)"):
        pixels(size=None)(unit)
    features = pixels(size=None)(unit * 2 - 1)
    np.testing.assert_allclose(features, pixels(size=None)(IMAGES), atol=1e-6)


def test_views_with_negative_strides_are_read():
    mirrored = pixels(size=None)(IMAGES[:, :, ::-1])
    np.testing.assert_array_equal(mirrored, pixels(size=None)(IMAGES[:, :, ::-1].copy()))
