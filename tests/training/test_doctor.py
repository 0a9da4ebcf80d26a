"""The doctor is silent on healthy runs and names each illness with its remedy."""

import re
from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.doctor import examine, examine_labels
from world import TINY, trained

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
        ({"spread": 90.0, "game": 0.01}, "generator diverged", "lower generator_rate"),
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


def test_after_a_short_training_the_first_remedy_is_a_longer_one():
    ignored = HEALTHY | {"images": 1_000, "obeyed": {"hat": 0.01}}
    assert "sees: train longer, as 1,000" in examine([ignored] * 20, 1_000)[0].sentence
    ignored["images"] = 200_000
    assert "sees: raise weights.intervening" in examine([ignored] * 20, 200_000)[0].sentence


def test_a_weak_penalty_is_named_before_the_divergence_it_may_have_caused():
    notes = examine([HEALTHY | {"spread": 90.0, "penalty": 80.0}] * 20, 250_000)
    assert [note.name for note in notes] == ["penalty too weak", "generator diverged"]


def test_labels_too_rare_are_named_with_their_count(data):
    notes = " ".join(note.sentence for note in examine_labels(data))
    rows = data.rows("train")
    red = data.schema.slices["hair_color"].start + data.schema["hair_color"].levels.index("red")
    count = int(np.sum(data.codes[rows, red] > 0))
    assert count < 50
    assert re.search(f"hair_color: too few training labels .* red {count}[,;]", notes)
    assert "smiling" not in notes


EXACT = {"typical": 1, "names_only": 0.3}
"""Labels of portraits say all, and a hundred steps are too few for names alone."""

UNASKED = dict.fromkeys(("obeying", "intervening", "discovering", "crediting"), 0)


def told(data, folder, images=1600, **settings):
    """What the doctor says of a run on ``data``: note by name."""
    config = GANConfig.of("tiny", **(TINY | {"images": images} | settings))
    run = trained(data, config, folder)
    return {note.name: note.sentence for note in examine(run.log(), images)}


@pytest.fixture
def closely(monkeypatch):
    """Enough records for a diagnosis in a hundred steps."""
    monkeypatch.setattr("interpretable_gan.training.loop.LOG_EVERY", 10)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("generator diverged", {"generator_rate": 0.3}),
        ("penalty too weak", {"discriminator_rate": 0.5, "weights": {"penalty": 0}}),
        ("penalty too strong", {"weights": {"penalty": 1e4}}),
        (
            "discriminator wins",
            {
                "generator_rate": 1e-6,
                "noise": 0,
                "weights": {"penalty": 0, "crediting": 0},
                "images": 3200,
            },
        ),
    ],
)
def test_runs_that_are_really_ill_are_found_out(name, settings, data, tmp_path, closely):
    assert name in told(data, tmp_path / "run", **settings)


@pytest.mark.long
def test_a_run_that_is_really_well_is_left_in_peace(data, tmp_path, closely):
    assert told(data, tmp_path / "run", **EXACT) == {}


@pytest.mark.long
def test_a_generator_that_knows_nothing_of_the_images_has_collapsed(data, tmp_path, closely):
    shuffled = replace(data, codes=np.random.default_rng(0).permutation(data.codes))
    settings = {"noise": 0, "weights": UNASKED | {"divergence": 1e3}}
    assert "generator collapsed" in told(shuffled, tmp_path / "run", **settings)


@pytest.mark.long
def test_labels_that_no_image_shows_are_ignored(data, tmp_path, closely, monkeypatch):
    monkeypatch.setattr("interpretable_gan.models.gan.learner.MEMORY", 0.8)
    codes, hat = data.codes.copy(), data.schema.slices["hat"]
    on = np.random.default_rng(0).random((len(codes), 1)) < 0.02
    codes[:, hat] = np.where(on, 1, -1)
    notes = told(replace(data, codes=codes), tmp_path / "run", 3200, weights=UNASKED, **EXACT)
    assert "hat" in notes["attribute ignored"]


def test_latents_that_say_nothing_are_noticed_once_a_vae_is_warm():
    def notes(nats, images):
        records = [{"notes": []}, {"images": images, "unnamed_divergence": nats}]
        return [note.name for note in examine(records, 1000)]

    assert notes(0.01, 900) == ["posterior collapsed"]
    assert notes(0.01, 100) == []
    assert notes(30.0, 900) == []
