"""The doctor is silent on healthy runs and names each illness with its remedy."""

import numpy as np
import pytest

from interpretable_gan.training.doctor import examine, examine_labels

HEALTHY = {
    "images": 200_000,
    "game": 0.4,
    "playing": 2.5,
    "paired_accuracy": 0.85,
    "penalty": 1.5,
    "spread": 0.9,
    "obeyed": {"smiling": 0.6, "hat": None},
}


def test_healthy_runs_are_left_in_peace():
    assert examine([HEALTHY] * 20, 250_000) == []


def test_nothing_is_judged_before_training_has_warmed_up():
    assert examine([HEALTHY | {"spread": 0.1}] * 20, 1_000_000) == []


def test_no_attribute_is_called_ignored_while_there_is_time_to_learn_it():
    record = HEALTHY | {"obeyed": {"bald": 0.01}}
    assert examine([record] * 20, 400_000) == []
    assert examine([record] * 20, 250_000) != []


@pytest.mark.parametrize(
    ("symptoms", "name", "remedy"),
    [
        ({"spread": 0.2}, "generator collapsed", "lower generator_rate"),
        ({"game": 0.01}, "discriminator wins", "discriminator_rate"),
        ({"penalty": 80.0}, "penalty too weak", "raise weights.penalty"),
        (
            {"penalty": 0.001, "paired_accuracy": 0.52},
            "penalty too strong",
            "lower weights.penalty",
        ),
        ({"obeyed": {"smiling": 0.6, "hat": 0.01}}, "attribute ignored", "changing hat"),
    ],
)
def test_each_illness_is_named_with_its_remedy(symptoms, name, remedy):
    notes = examine([HEALTHY | symptoms] * 20, 250_000)
    assert [note.name for note in notes] == [name]
    assert remedy in notes[0].sentence


def test_labels_too_rare_are_named_with_their_count(data):
    notes = {note.sentence.split(",")[0] for note in examine_labels(data)}
    rows = data.rows("train")
    red = data.schema.slices["hair_color"].start + data.schema["hair_color"].levels.index("red")
    count = int(np.sum(data.codes[rows, red] > 0))
    assert count < 50
    assert f"hair_color = red has {count} training labels" in notes
    assert not any("smiling" in note for note in notes)
