"""A reading is its offset and what each place adds; its probability is calibrated or says so."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, softmax

from interpretable_gan.errors import SchemaError, UnknownAttributeError
from interpretable_gan.explain import calibrate, explain_reading


@pytest.mark.parametrize("name", ["smiling", "hair_color", "age", "d01"])
def test_the_places_add_up_to_what_the_encoder_reads(model, images, name):
    found = explain_reading(model, images, name)
    read = model.read(images)[:, model.schema.slices[name]].numpy()
    np.testing.assert_allclose(found.reading, read, atol=1e-6)
    total = found.offset + found.evidence.sum((2, 3))
    np.testing.assert_allclose(total, read, rtol=1e-5, atol=1e-5)
    assert found.sum_error <= 1e-5
    assert replace(found, offset=found.offset + 0.1).sum_error > 1e-3
    rows = [row for row in found.to_rows() if row["image"] == 2]
    assert sum(row["evidence"] for row in rows) == pytest.approx(read[2].sum(), abs=1e-4)


def test_evidence_planted_at_one_place_is_found_there_and_nowhere_else(planted, spot):
    found = explain_reading(planted, spot(6, 1), "smiling")
    expected = np.zeros((8, 8))
    expected[6, 1] = 2
    np.testing.assert_allclose(found.map()[0], expected, atol=1e-6)
    assert found.probability[0, 0] == pytest.approx(expit(2))
    assert found.shares["places"] == pytest.approx(1)
    (top, bottom), (left, right) = found.patches[6], found.patches[1]
    assert (top, bottom, left, right) == (9, 16, 0, 7)
    assert f"rows {top} to {bottom - 1} and columns {left} to {right - 1}" in found.sentence()


@pytest.fixture
def calibration(model, world):
    """A temperature of 4 that brings the error of smiling from 20 % to 5 %."""
    return replace(
        calibrate(model, world.data),
        temperature={"smiling": 4.0},
        error_before={"smiling": 0.2},
        error_after={"smiling": 0.05},
    )


def test_a_temperature_makes_it_less_sure_and_says_that_it_is_calibrated(
    model, images, calibration
):
    plain = explain_reading(model, images, "smiling")
    assert "uncalibrated" in plain.sentence()
    told = json.loads(plain.to_json())
    assert told["temperature"] is None
    assert told["calibration_error"] == {"before": None, "after": None}
    found = explain_reading(model, images, "smiling", calibration)
    np.testing.assert_allclose(found.probability, expit(plain.reading / 4), rtol=1e-5)
    np.testing.assert_allclose(found.values, found.probability[:, 0])
    assert "uncalibrated" not in found.sentence()
    assert found.temperature == 4


def test_it_says_how_far_such_probabilities_are_off(model, images, calibration):
    found = explain_reading(model, images, "smiling", calibration)
    assert "such probabilities are 5.0% off, 20.0% without its temperature." in found.sentence()
    assert json.loads(found.to_json())["calibration_error"] == {"before": 0.2, "after": 0.05}
    assert "off" not in explain_reading(model, images, "hat", calibration).sentence()


def test_a_temperature_that_does_not_help_is_not_used(model, images, calibration):
    useless = replace(calibration, error_after={"smiling": 0.3})
    found = explain_reading(model, images, "smiling", useless)
    np.testing.assert_allclose(found.probability, expit(found.reading), rtol=1e-5)
    assert found.temperature == 1
    assert "such probabilities are 20.0% off, no temperature is used." in found.sentence()


def test_levels_share_their_probability_and_the_map_is_of_the_one_that_was_read(model, images):
    found = explain_reading(model, images, "hair_color")
    np.testing.assert_allclose(found.probability, softmax(found.reading, axis=1), rtol=1e-5)
    levels = found.axes["level"]
    read = [levels.index(value) for value in found.values]
    assert read == found.reading.argmax(axis=1).tolist()
    for image, level in enumerate(read):
        others = np.delete(found.evidence[image], level, axis=0).mean(axis=0)
        expected = found.evidence[image, level] - others
        np.testing.assert_allclose(found.map()[image], expected, atol=1e-6)
    red = levels.index("red")
    others = np.delete(found.evidence, red, axis=1).mean(axis=1)
    np.testing.assert_allclose(found.map("red"), found.evidence[:, red] - others, atol=1e-6)


def test_a_continuous_attribute_is_a_number_in_its_unit(model, images):
    found = explain_reading(model, images, "age")
    assert found.probability is None
    np.testing.assert_allclose(found.values, model.schema.read(model.read_code(images))["age"])
    assert "years" in found.sentence()


def test_it_can_be_seen(model, images):
    assert explain_reading(model, images, "hair_color").plot(images, 3).width > 3 * 160


def test_a_global_attribute_is_read_but_claims_no_place(model, images):
    plain = explain_reading(model, images, "smiling")
    everywhere = plain.attribute.model_copy(update={"scope": "global"})
    found = replace(plain, attribute=everywhere)
    assert "rows" in plain.sentence()
    assert "It is read from the whole image: no place is claimed." in found.sentence()
    assert " rows " not in found.sentence()
    with pytest.raises(SchemaError, match="no map"):
        found.map()
    rows = [row for row in found.to_rows() if row["image"] == 2]
    assert [row["row"] for row in rows] == [None, None]
    assert sum(row["evidence"] for row in rows) == pytest.approx(found.reading[2, 0], abs=1e-5)
    told = json.loads(found.to_json())
    assert told["whole_image"]
    assert np.shape(told["evidence"]) == (len(images), 1)
    tile = np.asarray(found.plot(images, 3)).astype(int)[-100:-10, 10 + 162 : 10 + 162 + 160]
    assert not np.ptp(tile, axis=2).any()  # grey
    assert np.ptp(np.asarray(plain.plot(images, 3)).astype(int)[-100:-10, 172:332], axis=2).any()


def test_names_and_levels_are_checked(model, images):
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        explain_reading(model, images, "smilling")
    with pytest.raises(SchemaError, match="Did you mean 'blond'"):
        explain_reading(model, images, "hair_color").map("blnd")
