"""Temperatures are found again, and probabilities then come true."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, softmax

from interpretable_gan.data import portraits
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.explain import Calibration, calibrate
from interpretable_gan.explain.calibration import as_logits, best_temperature, calibration_error
from interpretable_gan.semantics.attribute import Attribute
from interpretable_gan.semantics.schema import Schema

HAIR = Attribute(name="hair", kind="categorical", levels=("black", "brown", "blond"))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_recovered_of_a_binary_attribute(temperature):
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 1))
    truth = (rng.random(20_000) < expit(honest[:, 0])).astype(np.int64)
    logits = as_logits(Attribute(name="smiling"), honest * temperature)
    assert best_temperature(logits, truth) == pytest.approx(temperature, rel=0.05)
    before = calibration_error(softmax(logits, axis=1), truth)
    after = calibration_error(softmax(logits / temperature, axis=1), truth)
    assert after < 0.01
    assert (before > 0.04) == (temperature != 1)


def test_a_known_temperature_is_recovered_of_levels():
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2, (20_000, 3))
    truth = np.array([rng.choice(3, p=p) for p in softmax(honest, axis=1)])
    assert best_temperature(as_logits(HAIR, honest * 4), truth) == pytest.approx(4, rel=0.05)


def test_one_value_alone_decides_no_temperature():
    logits = np.random.default_rng(0).normal(size=(50, 2))
    assert best_temperature(logits, np.zeros(50, np.int64)) == 1


@pytest.mark.parametrize(
    ("said", "right", "expected"),
    [
        pytest.param(1.0, 1.0, 0.0, id="sure and right"),
        pytest.param(1.0, 0.0, 1.0, id="sure and wrong"),
        pytest.param(0.75, 0.75, 0.0, id="as often right as said"),
        pytest.param(0.9, 0.5, 0.4, id="too sure"),
        pytest.param(0.6, 1.0, 0.4, id="not sure enough"),
    ],
)
def test_calibration_error_has_known_answers(said, right, expected):
    probabilities = np.tile([1 - said, said], (400, 1))
    truth = (np.arange(400) < 400 * right).astype(np.int64)
    assert calibration_error(probabilities, truth) == pytest.approx(expected)


def test_gaps_in_opposite_directions_do_not_cancel_between_bins():
    probabilities = np.array([[0.1, 0.9]] * 100 + [[0.4, 0.6]] * 100)
    truth = np.array([0, 1] * 50 + [1] * 100)
    assert calibration_error(probabilities, truth) == pytest.approx(0.4)
    assert math.isnan(calibration_error(np.zeros((0, 2)), np.zeros(0, np.int64)))


@pytest.fixture(scope="module")
def calibration(world):
    return calibrate(world.run.model(), world.data)


def test_it_is_fitted_on_validation_and_measured_on_test(world, calibration):
    assert calibration.fitted_on == {"validation": len(world.data.rows("validation"))}
    assert calibration.measured_on == {"test": len(world.data.rows("test"))}
    assert calibration.checksum == world.data.checksum
    kinds = {a.name: a.kind for a in world.data.schema.named}
    assert set(calibration.temperature) == {n for n, kind in kinds.items() if kind != "continuous"}
    for name in calibration.temperature:
        assert 0 <= calibration.error_after[name] <= 1


def test_unknown_labels_decide_nothing(world, calibration):
    rows = world.data.rows("validation")
    half, column = rows[: len(rows) // 2], world.data.schema.slices["smiling"]
    codes, known = world.data.codes.copy(), world.data.known.copy()
    known[half, column] = False
    unknown = calibrate(world.run.model(), replace(world.data, codes=codes, known=known))
    codes[half, column] *= -1
    nonsense = calibrate(world.run.model(), replace(world.data, codes=codes, known=known))
    assert nonsense.temperature == unknown.temperature
    assert unknown.temperature["smiling"] != calibration.temperature["smiling"]


def test_it_is_saved_and_read_again(calibration, tmp_path):
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    (tmp_path / "calibration.json").write_text('{"temperature": 1')
    with pytest.raises(RunError, match="make it again"):
        Calibration.load(tmp_path / "calibration.json")


def test_data_of_another_schema_and_data_without_held_out_rows_are_refused(world):
    model, other = world.run.model(), portraits.dataset(size=16, count=20, seed=0)
    fewer = Schema(name="fewer", attributes=other.schema.attributes[1:])
    columns = slice(-fewer.named_columns, None)
    foreign = replace(
        other, schema=fewer, codes=other.codes[:, columns], known=other.known[:, columns]
    )
    with pytest.raises(DataError, match="another schema"):
        calibrate(model, foreign)
    with pytest.raises(DataError, match="no held-out rows"):
        calibrate(model, replace(other, splits=dict.fromkeys(other.splits, np.zeros(0, np.int64))))
