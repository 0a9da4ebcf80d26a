"""The quick check knows a perfect model, a useless one, a leaking one and one that overdoes it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.audit.quick_check import format_table, quick_check
from interpretable_gan.audit.steerability import steer
from tiles import SCHEMA, Painter, dataset

IMAGES = 5000


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("IGAN_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def data():
    return dataset()


@pytest.fixture(scope="module")
def evaluator(data, cache):
    return train_evaluator(data, images=IMAGES)


def check(model, data, evaluator, **settings):
    return quick_check(model, data, evaluator=evaluator, codes=200, **settings)


@pytest.fixture(scope="module")
def perfect(data, evaluator):
    return check(Painter(), data, evaluator, seconds=12.0, images_per_second=340.0)


def ignoring_the_code(code, style):
    return torch.where(style[:, :1] > 0, 1.0, -1.0).expand(-1, code.shape[1])


def lamp_with_height(code, style):
    """Whoever asks for the lamp gets another height too."""
    spoilt = code.clone()
    spoilt[:, 4] = code[:, 0]
    return spoilt


def test_evaluator_reads_what_can_be_seen_and_says_what_cannot(evaluator):
    assert evaluator.readable == ("lamp", "colour", "height")
    assert evaluator.reliability["lamp"].accuracy > 0.97
    assert evaluator.reliability["height"].r2 > 0.9


def test_perfect_model_steers(perfect):
    assert perfect["steerability_readable_mean"] > 0.95
    assert perfect["others_flipped"] < 0.03
    assert min(perfect["steerability"]["colour"].values()) > 0.95
    assert perfect["steerability"]["secret"]["on"] < 0.6
    assert perfect["steerability_mean"] < perfect["steerability_readable_mean"]


def test_perfect_model_is_as_real_as_the_data(perfect, data, evaluator):
    useless = check(Painter(ignoring_the_code), data, evaluator)
    assert perfect["frechet_distance"] < 0.05 * useless["frechet_distance"]
    assert perfect["feature_network"] == evaluator.name
    assert perfect["samples"]["real_from"] == "held-out"
    assert perfect["samples"]["real"] == 600


def test_model_that_ignores_its_code_does_not_steer(data, evaluator):
    useless = check(Painter(ignoring_the_code), data, evaluator)
    assert useless["steerability_mean"] == 0
    assert useless["others_flipped"] is None  # no edit succeeded, so none leaked


def test_leak_is_found(data, evaluator):
    leaking = check(Painter(lamp_with_height), data, evaluator)
    assert leaking["steerability"]["lamp"]["on"] > 0.95
    assert leaking["others_flipped"] > 0.2  # height for lamp: half of the others of one in two


def test_encoder_accuracy_is_that_of_each_attribute(perfect):
    secret = perfect["encoder"]["secret"]
    assert perfect["encoder"]["lamp"] == perfect["encoder"]["colour"] == 1
    assert perfect["encoder"]["height"] > 0.98  # pixels are rounded
    assert 0.35 < secret < 0.65
    mean = sum(perfect["encoder"].values()) / 4
    assert perfect["encoder_accuracy"] == pytest.approx(mean)


def test_shares_are_those_of_the_decision(perfect):
    """A perfect painter agrees in every pair, so only the residual differs."""
    assert perfect["shares"]["residual"] == pytest.approx(1, abs=0.01)
    assert perfect["shares"]["agreement"] == pytest.approx(0, abs=0.01)
    assert sum(perfect["shares"].values()) == pytest.approx(1)
    assert perfect["paired_accuracy"]["without_residual"] < perfect["paired_accuracy"]["whole"]


def test_missing_labels_claim_nothing(evaluator, cache):
    """Where no lamp has a label, agreement on lamps decides nothing."""
    blind = dataset(hidden=1.0)
    found = check(Painter(ignoring_the_code), blind, evaluator)
    assert found["shares"]["agreement"] == 0
    seeing = check(Painter(ignoring_the_code), dataset(), evaluator)
    assert seeing["shares"]["agreement"] > 0.05


def test_result_is_json_and_repeats(perfect, data, evaluator):
    again = check(Painter(), data, evaluator, seconds=12.0, images_per_second=340.0)
    assert json.dumps(again, allow_nan=False) == json.dumps(perfect, allow_nan=False)
    assert (perfect["seconds"], perfect["images_per_second"]) == (12.0, 340.0)


def test_intervals_hold_the_values(perfect):
    for key in ("steerability_mean", "steerability_readable_mean", "others_flipped"):
        low, high = perfect["intervals"][key]
        assert low <= perfect[key] <= high
    low, high = perfect["intervals"]["steerability"]["lamp"]["on"]
    assert 0.9 < low < perfect["steerability"]["lamp"]["on"] <= high


def test_where_there_is_no_value_there_is_no_interval(data, evaluator):
    few = quick_check(Painter(), data, evaluator=evaluator, codes=8)
    rates = {(a, v): rate for a, part in few["steerability"].items() for v, rate in part.items()}
    unknown = {key for key, rate in rates.items() if rate is None}
    assert unknown
    for attribute, value in rates:
        interval = few["intervals"]["steerability"][attribute][value]
        assert (interval is None) == ((attribute, value) in unknown)
    assert "– (" not in format_table(few)


def test_table_lists_attributes_from_best_to_worst(perfect):
    lines = format_table(perfect).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Attribute"))
    names = [line.split()[0] for line in lines[start + 1 : -1]]
    assert set(names) == set(SCHEMA.names)
    assert names[-1] == "secret"
    assert "cannot read" in lines[-1]
    assert lines[0].startswith("Steerability")


def test_nothing_is_said_to_be_less_than_nothing(perfect):
    """A share of −0.2 % rounds to 0 %, not to −0 %."""
    table = format_table(perfect | {"shares": perfect["shares"] | {"discovered": -0.002}})
    assert "discovered 0 %" in table


def test_too_few_eligible_samples_say_nothing(data, evaluator):
    """All lamps are on already: there is nothing to switch on."""
    model = Painter()
    code, style = model.codes(50), model.styles(50)
    code[:, 0] = 1
    before = evaluator.read(model.draw(code, style))
    steering = steer(model, evaluator, code, style, before=before)
    success = {
        (t.attribute, t.label): s for t, s in zip(steering.targets, steering.success(), strict=True)
    }
    assert np.isnan(success["lamp", "on"])
    assert success["lamp", "off"] > 0.95


def test_at_most_so_many_edits(evaluator):
    model = Painter()
    code, style = model.codes(100), model.styles(100)
    before = evaluator.read(model.draw(code, style))
    steering = steer(model, evaluator, code, style, before=before, edits=7)
    assert (steering.eligible.sum(axis=0) == 7).all()
