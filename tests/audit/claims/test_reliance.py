"""Who carries the decision, and what is stable over runs: answers known in advance."""

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.audit.claims.realness import frechet_ratio
from interpretable_gan.audit.claims.reliance import not_vacuous, valid
from interpretable_gan.audit.claims.stability import importance, stable
from interpretable_gan.audit.claims.steering import steerable
from interpretable_gan.audit.material import Observed
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.decision_shares import PARTS


def seen(count, **strong):
    """Images in which the given parts of the logit vary and the others do not."""
    rng = np.random.default_rng(0)
    parts = {
        name: strong.get(name, 0.0) * (rng.normal(size=count) + (name != "residual"))
        for name in PARTS
    }
    empty = np.zeros((count, 4), np.float32)
    return Observed((), empty, np.zeros((count, 4)), parts, empty)


@pytest.mark.parametrize(
    ("strong", "verdict", "residual"),
    [
        pytest.param({"agreement": 1.0, "residual": 0.01}, "pass", 0.0, id="names decide"),
        pytest.param({"residual": 1.0}, "fail", 1.0, id="the residual decides"),
        pytest.param({"discovered": 1.0}, "fail", 0.0, id="discoveries alone decide"),
        pytest.param({"agreement": 1.0, "residual": 1.0}, "fail", 0.5, id="half and half"),
    ],
)
def test_it_is_vacuous_when_names_do_not_carry_the_decision(script, strong, verdict, residual):
    material = script.material(lambda name, scores: (scores, np.zeros(scores.shape)))
    material = replace(material, real=seen(200, **strong), samples=seen(200))
    found = not_vacuous(material)
    assert found.verdict == verdict
    assert found.measures[0].value == pytest.approx(residual, abs=0.1)


def test_a_real_image_is_paired_with_every_sample_of_its_labels(script):
    """Names tell each real image from its own samples, and from no others."""
    material = script.material(lambda name, scores: (scores, np.zeros(scores.shape)))
    level = 10.0 * np.arange(100)
    real, samples = seen(100), seen(200)
    real.parts["agreement"][:] = level + 1
    samples.parts["agreement"][:] = np.tile(level, 2) + np.repeat([0, 2], 100)
    material = replace(material, real=real, samples=samples, clusters=np.arange(200) % 100)
    measures = {each.name: each for each in not_vacuous(material).measures}
    won = measures["pairs won by the real image"]
    assert won.value == 0.5
    assert won.samples == {"pairs": 200, "images": 100}
    assert measures["accuracy lost without named"].value == 0.5


def test_nothing_is_claimed_of_attributes_that_nobody_can_read(script):
    material = script.material(lambda name, scores: (scores, np.zeros(scores.shape)))
    judge = script.judge
    judge.readable = ()
    for found in (
        steerable(material, judge, 50, 0),
        valid(material, script.schema, judge, 50, 0),
    ):
        assert found.verdict == "withheld"
        assert found.withheld == script.schema.names


class Twin:
    """Another run that relies on attributes as it is told to."""

    def __init__(self, schema):
        self.schema = schema


def test_importance_is_the_mean_size_of_a_contribution():
    found = importance(np.array([[1.0, 0.0], [3.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 0.0]]))
    np.testing.assert_allclose(found, [[2, 1], [1, 0]])


@pytest.mark.parametrize(
    ("order", "correlation", "verdict"),
    [
        pytest.param([0, 1, 2, 3], 1.0, "pass", id="the same attributes"),
        pytest.param([3, 2, 1, 0], -1.0, "fail", id="the opposite"),
    ],
)
def test_stability_is_the_correlation_of_what_runs_rely_on(
    script, monkeypatch, order, correlation, verdict
):
    from interpretable_gan.audit.claims import stability

    sizes = np.array([4.0, 3.0, 2.0, 1.0])
    monkeypatch.setattr(stability, "_own", lambda *_: np.tile(sizes, (200, 1)))
    monkeypatch.setattr(stability, "_of", lambda *_: np.tile(sizes[order], (200, 1)))
    material = script.material(lambda name, scores: (scores, np.zeros(scores.shape)))
    twin = Twin(script.schema)
    found = stable(twin, [twin], twin, material, 50, 0)
    assert found.measures[0].value == pytest.approx(correlation)
    assert found.verdict == verdict


def test_a_run_of_another_schema_is_no_twin(script, world):
    material = script.material(lambda name, scores: (scores, np.zeros(scores.shape)))
    mine = Twin(script.schema)
    with pytest.raises(DataError, match="another schema"):
        stable(mine, [Twin(world.data.schema)], mine, material, 50, 0)


@pytest.mark.parametrize(("shift", "low", "high"), [(0.0, 1.0, 1.0), (1.0, 2.0, 20.0)])
def test_the_frechet_ratio_compares_changed_with_unchanged(shift, low, high):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(2, 400, 4))
    fake += 0.5
    ratio, interval = frechet_ratio(real, fake, fake + shift, np.arange(400) % 10)
    assert low - 1e-9 <= ratio <= high
    assert interval[0] <= ratio <= interval[1]
