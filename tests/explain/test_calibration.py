"""Temperatures are found again, and probabilities then come true."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax

from interpretable_gan.atomic import read_json
from interpretable_gan.data import portraits
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.explain import Calibration, calibrate, explain_reading
from interpretable_gan.explain.calibration import as_logits, best_temperature, calibration_error
from interpretable_gan.models.base import sample
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

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
    assert calibration.model == fingerprint(world.run.model())


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


def test_an_attribute_without_held_out_labels_has_no_error(world, calibration):
    known = world.data.known.copy()
    known[world.data.rows("test"), world.data.schema.slices["smiling"]] = False
    found = calibrate(world.run.model(), replace(world.data, known=known))
    assert set(calibration.error) - set(found.error) == {"smiling"}
    assert found.temperature["smiling"] == calibration.temperature["smiling"]


@pytest.fixture
def planted():
    """A calibration whose temperatures change the error from 10 % to what a test says."""

    def plant(after):
        return Calibration(
            temperature={"smiling": 4.0, "hat": 2.0},
            error_before={"smiling": 0.14, "hat": 0.06},
            error_after={"smiling": after + 0.02, "hat": after - 0.02},
            fitted_on={"validation": 50},
            measured_on={"test": 40},
            checksum="",
            model="",
        )

    return plant


def test_temperatures_that_help_are_used_and_both_errors_are_said(planted):
    found = planted(0.05)
    assert found.helps
    assert (found.of("smiling"), found.of("age")) == (4.0, None)
    assert found.error == found.error_after
    assert found.sentence() == (
        "On 40 test images probabilities are 5.0% off on average, 10.0% without temperatures. "
        "Most off: smiling (7.0%) and hat (3.0%)."
    )


@pytest.mark.parametrize("after", [0.1, 0.12])
def test_temperatures_that_do_not_help_are_told_and_not_used(planted, after):
    found = planted(after)
    assert not found.helps
    assert (found.of("smiling"), found.of("age")) == (1.0, None)
    assert found.error == found.error_before
    told = f"10.0% off on average; temperatures make it {after:.1%} and are not used."
    assert told in found.sentence()
    assert found.temperature["smiling"] == 4.0


def test_it_cannot_be_changed(calibration):
    with pytest.raises(TypeError):
        calibration.temperature["smiling"] = 1.0


def test_it_is_saved_and_read_again(calibration, tmp_path):
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        pytest.param("temperature", 5, "temperature: ", id="a number"),
        pytest.param("temperature", {"smiling": 0}, "temperature.smiling: ", id="zero"),
        pytest.param("error_before", {"smiling": "low"}, "error_before.smiling: ", id="a word"),
        pytest.param("model", None, "model: ", id="nothing"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(calibration, tmp_path, field, value, says):
    path = tmp_path / "calibration.json"
    calibration.save(path)
    path.write_text(json.dumps(read_json(path) | {field: value}))
    with pytest.raises(RunError, match="make it again") as raised:
        Calibration.load(path)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ['{"temperature": 1', "[1]", "5", "{}"])
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "calibration.json").write_text(text)
    with pytest.raises(RunError, match="holds no calibration") as raised:
        Calibration.load(tmp_path / "calibration.json")
    assert "\n" not in str(raised.value)


def test_it_serves_the_weights_it_was_made_for_and_no_others(world, calibration):
    model, other = world.run.model(), world.run.model()
    with torch.no_grad():
        other.networks.discriminator.encoder.offset += 1
    assert calibration.serves(model)
    calibration.check(model)
    assert not calibration.serves(other)
    with pytest.raises(RunError, match="calibration was made for other weights"):
        explain_reading(other, sample(other, 1), "smiling", calibration)


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
