"""Published judges are read from a folder; what is not theirs is refused."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from interpretable_gan.audit import published
from interpretable_gan.audit.published import PUBLISHED, published_judges
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

FACES = Schema(name="faces", attributes=(Attribute(name="male"), Attribute(name="hat")))


def test_a_folder_without_judges_names_those_that_are_known(tmp_path):
    with pytest.raises(DataError, match=r"no published judge.*gender-v1\.onnx, age-v1\.onnx"):
        published_judges(tmp_path, FACES)
    with pytest.raises(DataError, match="is no folder"):
        published_judges(tmp_path / "none", FACES)


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path):
    (tmp_path / "gender-v1.onnx").write_bytes(b"another network")
    with pytest.raises(DataError, match=r"gender-v1\.onnx is not the published file"):
        published_judges(tmp_path, FACES)


@pytest.fixture
def session(monkeypatch, tmp_path):
    """A stand-in for the published network of sexes: sees a man where the face is bright."""
    seen = []

    class Session:
        def __init__(self, path):
            self.path = path

        def get_inputs(self):
            return [SimpleNamespace(name="images")]

        def run(self, outputs, given):
            seen.append(given["images"])
            bright = 1 / (1 + np.exp(-given["images"].mean(axis=(1, 2, 3))))
            return [np.stack([1 - bright, bright], axis=1).astype(np.float32)]

    monkeypatch.setitem(
        __import__("sys").modules, "onnxruntime", SimpleNamespace(InferenceSession=Session)
    )
    (tmp_path / "gender-v1.onnx").write_bytes(b"a network")
    checksum = hashlib.sha256(b"a network").hexdigest()
    first = PUBLISHED[0]._replace(checksum=checksum)
    monkeypatch.setattr(published, "PUBLISHED", (first, *PUBLISHED[1:]))
    return seen


def test_it_is_shown_the_face_alone_as_its_network_takes_it(tmp_path, session):
    (judge,) = published_judges(tmp_path, FACES)
    assert (judge.name, judge.attributes) == ("gender-v1", ("male",))
    images = -torch.ones(2, 3, 64, 64)
    images[1, :, 19:60, 10:54] = 1  # the face, nothing else
    dark, bright = judge.probabilities(images)[:, 0]
    assert dark < 0.5 < bright
    (pixels,) = session
    assert pixels.shape == (2, 3, 32, 32)
    wanted = (255 - published.MEANS) / 256
    np.testing.assert_allclose(pixels[1].mean(axis=(1, 2)), wanted, rtol=1e-5)


def test_judges_of_attributes_that_the_schema_lacks_are_refused(tmp_path, session):
    cells = Schema(name="cells", attributes=(Attribute(name="granules"),))
    with pytest.raises(DataError, match="read male; schema 'cells' has neither"):
        published_judges(tmp_path, cells)


def test_older_is_less_likely_young():
    ages = np.eye(81, dtype=np.float32)
    odds = PUBLISHED[1].read(ages)
    assert (np.diff(odds) < 0).all()
    assert odds[20] > 0.5 > odds[50]
