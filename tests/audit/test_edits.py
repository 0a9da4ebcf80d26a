"""Steering, validity and leakage have known answers on edits whose effect is known."""

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.audit.claims.leakage import _matrices, _raw, _successes
from interpretable_gan.audit.claims.reliance import valid
from interpretable_gan.audit.claims.steering import counts, steerable
from interpretable_gan.audit.moved import moved_matrices


def clean(schema, share=1.0):
    """An edit that switches its attribute on in a share of the samples, and nothing else."""

    def edit(name, scores):
        column = schema.names.index(name)
        scores[: round(share * len(scores)), column] = 1
        moved = np.zeros(scores.shape)
        moved[:, column] = 1
        return scores, moved

    return edit


def test_edits_that_always_work_pass(script):
    found = steerable(script.material(clean(script.schema)), script.judge, 100, 0)
    assert [measure.value for measure in found.measures] == [1.0, 1.0]
    assert found.verdict == "pass"
    assert found.withheld == ("pale",)
    assert "pale" not in found.details["attributes"]


def test_the_worst_attribute_is_found_and_fails_alone(script):
    weak, strong = clean(script.schema, 0.5), clean(script.schema)

    def edit(name, scores):
        return (weak if name == "hat" else strong)(name, scores)

    found = steerable(script.material(edit), script.judge, 100, 0)
    mean, worst = found.measures
    assert mean.value == pytest.approx((1 + 0.5 + 1) / 3)
    assert worst.value == 0.5
    assert worst.verdict == "fail"
    assert "hat" in found.reason
    told = found.details["attributes"]["hat"]["targets"]["on"]
    assert (told["switched"], told["not_switched"]) == (100, 100)
    assert told["wilson"][0] < 0.5 < told["wilson"][1]


def test_lost_and_kept_are_counted_where_the_target_showed_before(script):
    each = script.material(clean(script.schema, 0.75)).edits[0]
    showing = np.arange(200) % 2 == 0
    object.__setattr__(each, "showing", showing)
    assert counts(each, script.judge) == {
        "switched": 75,
        "not_switched": 25,
        "lost": 25,
        "kept": 75,
    }


def test_a_contribution_that_moves_less_than_another_is_not_valid(script):
    schema = script.schema

    def edit(name, scores):
        scores, moved = clean(schema)(name, scores)
        if name == "beard":
            moved[:, schema.names.index("smiling")] = 2
        return scores, moved

    found = valid(script.material(edit), schema, script.judge, 100, 0)
    assert found.measures[0].value == pytest.approx(2 / 3)
    assert found.details["moves_more"] == {"beard": "smiling"}
    assert found.verdict == "fail"


def test_contributions_that_never_move_are_not_valid(script):
    def edit(name, scores):
        return clean(script.schema)(name, scores)[0], np.zeros(scores.shape)

    assert valid(script.material(edit), script.schema, script.judge, 100, 0).measures[0].value == 0


def leaks(script, share):
    """Successes in which switching a hat on also switches a beard on, in a share of samples."""

    def edit(name, scores):
        scores, moved = clean(script.schema)(name, scores)
        if name == "hat":
            scores[: round(share * len(scores)), script.schema.names.index("beard")] = 1
        return scores, moved

    material = script.material(edit)
    found = [_successes(each, script.judge, material) for each in material.edits[:3]]
    return found, material


def read_as(scores, material):
    """The material, with an evaluator's scores of real images."""
    return replace(material, real=replace(material.real, scores=(scores, scores)))


class Labels:
    """Data in which attributes are on in half of the rows, each for itself."""

    def __init__(self, schema):
        rng = np.random.default_rng(0)
        self.schema = schema
        self.codes = np.where(rng.random((4000, 4)) < 0.5, 1, -1).astype(np.float32)
        self.known = np.ones(self.codes.shape, bool)
        self.splits = {"train": np.arange(4000)}

    def rows(self, split):
        return self.splits[split]


@pytest.mark.parametrize(("share", "above"), [(0.0, 0), (0.4, 0), (0.9, 1)])
def test_a_pair_above_its_data_rate_is_found_and_no_other(script, share, above):
    found, material = leaks(script, share)
    labels = Labels(script.schema)
    matrices = _matrices(found, script.judge.readable, labels, read_as(labels.codes, material))
    assert matrices["above"].sum() == above
    assert matrices["rate"][1, 2] == pytest.approx(share)
    assert matrices["data"][1, 2] == pytest.approx(0.5, abs=0.03)
    raw = _raw(found, script.judge.readable, material, 100, 0)
    assert raw.value == pytest.approx(share / 2 / 3)  # one of two others, in one of three


def test_what_the_evaluator_takes_for_one_another_in_real_images_is_said_beside(script):
    found, material = leaks(script, 0.9)
    labels = Labels(script.schema)
    hat, beard = (script.schema.names.index(name) for name in ("hat", "beard"))
    scores = labels.codes.copy()
    scores[:, beard] = scores[:, hat]
    matrices = _matrices(found, script.judge.readable, labels, read_as(scores, material))
    assert matrices["data_as_read"][1, 2] == 1
    assert matrices["above"].sum() == 1
    assert matrices["above_as_read"].sum() == 0


def test_only_successful_edits_can_leak(script):
    """An edit that does nothing leaks nothing, and what it flips is no side effect of success."""
    hat, beard = (script.schema.names.index(name) for name in ("hat", "beard"))

    def edit(name, scores):
        if name == "hat":
            scores[:100, hat] = 1  # succeeds in one half and flips the beard in the other
            scores[100:, beard] = 1
        return scores, np.zeros(scores.shape)

    material = script.material(edit)
    found = _successes(material.edits[1], script.judge, material)
    assert found.attribute == "hat"
    assert list(found.samples) == list(range(100))
    assert found.flips.sum(axis=0).tolist() == [0, 100, 0]


def test_luck_among_many_pairs_is_corrected_for(script):
    """Uncorrected, 1 in 20 pairs at the data's own rate would be called leaking."""
    rng = np.random.default_rng(3)
    called, names, labels = 0, script.judge.readable, Labels(script.schema)
    for _ in range(100):
        found, material = leaks(script, 0)
        for each in found:
            each.flips[:] = rng.random(each.flips.shape) < 0.5
        read = read_as(labels.codes, material)
        called += bool(_matrices(found, names, labels, read)["above"].any())
    assert called <= 12


def test_edits_of_samples_with_the_same_labels_do_not_count_twice(script):
    """Beards that come with hats, in 70 % of 200 samples where the data have 50 %: leaking, unless
    all samples of a kind are alike and there are few kinds."""
    names, labels = script.judge.readable, Labels(script.schema)
    found, material = leaks(script, 0.7)
    read = read_as(labels.codes, material)
    assert _matrices(found, names, labels, read)["above"].sum() == 1
    few = replace(read, clusters=np.arange(200) // 20)
    again = _matrices(found, names, labels, few)
    assert again["above"].sum() == 0
    assert again["successful_edits"][1] == 200
    assert again["effective_edits"][1, 2] < 15
    assert again["low"][1, 2] < 0.5


def test_what_an_edit_moves_in_the_decision_stands_beside_what_real_images_move(script):
    """A hat moves the contribution of beards by 1, and in real images it goes with 0.5."""
    schema, labels = script.schema, Labels(script.schema)
    hat, beard = (schema.names.index(name) for name in ("hat", "beard"))

    def edit(name, scores):
        scores, moved = clean(schema)(name, scores)
        if name == "hat":
            moved[:, beard] = 1
        return scores, moved

    material = script.material(edit)
    gaps = np.zeros(material.exchanged.shape)
    rows = material.rows
    gaps[labels.codes[rows, hat] != labels.codes[np.roll(rows, 1), hat], beard] = 0.5
    material = replace(material, exchanged=gaps)
    edits = [(each.moved, material.clusters[each.rows]) for each in material.edits[:3]]
    found = moved_matrices(edits, script.judge.readable, [0, 1, 2], labels, material)
    assert found["contributions_moved"][1].tolist() == [0, 1, 1]
    assert found["contributions_in_data"][1].tolist() == [0, 0, 0.5]
    assert found["above_in_decision"].tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert found["contributions_low"][1, 2] <= 1 <= found["contributions_high"][1, 2]
    none = moved_matrices(
        [(each[:0], rows[:0]) for each, rows in edits],
        script.judge.readable,
        [0, 1, 2],
        labels,
        material,
    )
    assert not none["above_in_decision"].any()
