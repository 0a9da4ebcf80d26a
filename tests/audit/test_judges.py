"""Judges that somebody else made read what they name, and stand beside ours on the card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.audit.judges import ForeignJudge, seat
from interpretable_gan.errors import DataError, SchemaError, UnknownAttributeError
from tiles import SCHEMA, Painter, dataset


def looks(images):
    """The lamp, then each colour, straight from the pixels; as sure as an eye is."""
    lamp = (images[:, :1, 0, 0] + 1) / 2
    colours = (images[:, :, 0, 12] + 1) / 2
    return torch.cat([lamp, 0.98 * colours + 0.01], dim=1)


EYE = ForeignJudge("eye", "abcdef0123456789", ("lamp", "colour"), looks)


@pytest.fixture(scope="module")
def data():
    return dataset(400)


def test_it_reads_what_it_names_and_nothing_else(data):
    judge = seat(EYE, data)
    assert judge.name == "eye@abcdef01"
    assert judge.readable == ("lamp", "colour")
    assert set(judge.reliability) == {"lamp", "colour"}
    painter = Painter()
    code = painter.codes(50)
    scores = judge.read(painter.draw(code, painter.styles(50)))
    assert scores.shape == (50, SCHEMA.columns)
    assert ((scores[:, 0] > 0) == (code[:, 0].numpy() > 0)).all()
    assert (scores[:, 1:4].argmax(1) == code[:, 1:4].numpy().argmax(1)).all()
    assert not scores[:, 4:].any()


def test_one_that_guesses_is_not_readable(data):
    def guess(images):
        rng = np.random.default_rng(len(images))
        return rng.random((len(images), 1))

    assert seat(ForeignJudge("coin", "0" * 64, ("lamp",), guess), data).readable == ()


def test_without_validation_or_test_images_nothing_is_known_of_it(data):
    for split in ("validation", "test"):
        splits = dict(data.splits) | {split: np.zeros(0, np.int64)}
        judge = seat(EYE, replace(data, splits=splits))
        assert judge.unmeasured == f"there are no {split} images"
        assert judge.readable == ()


@pytest.mark.parametrize(
    ("attributes", "answer", "error", "said"),
    [
        pytest.param(("lamb",), looks, UnknownAttributeError, "Did you mean 'lamp'", id="name"),
        pytest.param(("height",), looks, SchemaError, "a number without probab", id="continuous"),
        pytest.param(("lamp",), looks, DataError, r"answered with \(\d+, 4\)", id="columns"),
        pytest.param(("lamp",), lambda x: x[:, :1, 0, 0] * 5, DataError, "from 0 to 1", id="range"),
        pytest.param(
            ("lamp",), lambda x: x[:, :1, 0, 0] * torch.nan, DataError, "from 0 to 1", id="nan"
        ),
    ],
)
def test_a_judge_that_does_not_answer_as_it_should_is_refused(
    data, attributes, answer, error, said
):
    with pytest.raises(error, match=said):
        seat(ForeignJudge("odd", "0", attributes, answer), data)
