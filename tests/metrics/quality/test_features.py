"""Features are refused with one sentence, and streamed in any split with one result."""

import numpy as np
import pytest
import torch

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.features import (
    StreamingMetric,
    describe_extractor,
    feature_pair,
    feature_rows,
)
from interpretable_gan.metrics.quality.frechet import Moments, frechet_distance
from interpretable_gan.metrics.quality.precision_recall import precision_recall

REAL = np.random.default_rng(1).normal(size=(90, 4))
FAKE = np.random.default_rng(2).normal(0.3, 1.2, size=(70, 4))


@pytest.mark.parametrize(
    ("features", "said"),
    [
        pytest.param([["a", "b"], ["c", "d"]], "expected numbers", id="text"),
        pytest.param([1.0, 2.0], "expected (rows, features)", id="one dimension"),
        pytest.param(np.zeros((3, 0)), "expected (rows, features)", id="no columns"),
        pytest.param([[1.0, 2.0]], "at least 2 are needed", id="one row"),
        pytest.param([[1.0, 2.0], [3.0, np.nan]], "nan in row 1, column 1", id="NaN"),
        pytest.param([[1.0, -np.inf], [3.0, 1.0]], "-inf in row 0, column 1", id="infinity"),
        pytest.param([[1.0, 2.0], [3.0, 1e60]], "overflow", id="too large to square"),
    ],
)
def test_bad_features_are_refused_with_side_and_place(features, said):
    with pytest.raises(MetricError, match="real features") as refused:
        feature_rows(features, "real")
    assert said in str(refused.value)


def test_sides_of_different_extractors_are_refused():
    with pytest.raises(MetricError, match="same extractor"):
        feature_pair(REAL, FAKE[:, :3])


def test_integers_and_tensors_are_features_too():
    assert feature_rows([[1, 2], [3, 4]], "real").dtype == np.float64
    assert feature_rows(torch.ones(3, 2), "real").dtype == np.float32


@pytest.mark.parametrize(
    ("metric", "remember"),
    [
        pytest.param(frechet_distance, {"remember": Moments}, id="from moments"),
        pytest.param(precision_recall, {}, id="from rows"),
    ],
)
def test_batches_of_two_processes_give_the_value_of_all_rows(metric, remember):
    first, second = StreamingMetric(metric, **remember), StreamingMetric(metric, **remember)
    first.update(REAL[:40], real=True)
    first.update(REAL[40:50], real=True)
    second.update(REAL[50:], real=True)
    first.update(FAKE[:1], real=False)
    second.update(FAKE[1:], real=False)
    first.merge([second])
    assert first.compute().value == pytest.approx(metric(REAL, FAKE).value, rel=1e-12)

    first.reset()
    first.update(FAKE, real=True)
    first.update(FAKE, real=False)
    assert first.compute().value == pytest.approx(metric(FAKE, FAKE).value, abs=1e-12)


def test_nothing_streamed_is_refused():
    with pytest.raises(MetricError, match="0 rows"):
        StreamingMetric(frechet_distance).compute()
    with pytest.raises(MetricError, match="0 rows"):
        StreamingMetric(frechet_distance, remember=Moments).compute()


class Flatten:
    """An extractor that reads pixels as they are."""

    published = None

    def __call__(self, images):
        return images.reshape(len(images), -1)

    def describe(self):
        return {"name": "pixels", "checksum": "none", "resize": "none", "value_range": [0, 1]}


def test_a_streamed_result_names_its_extractor():
    metric = StreamingMetric(frechet_distance, extractor=Flatten())
    metric.update(REAL.reshape(90, 2, 2), real=True)
    metric.update(FAKE.reshape(70, 2, 2), real=False)
    result = metric.compute()
    assert result.value == pytest.approx(frechet_distance(REAL, FAKE).value)
    assert result.parameters["extractor"]["name"] == "pixels"
    assert describe_extractor(None) == {"extractor": "not stated"}
