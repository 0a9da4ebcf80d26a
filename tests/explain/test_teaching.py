"""A word taught from examples is read, mapped, drawn and kept like any attribute, or refused."""

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError, InterpretableGANWarning, RunError, SchemaError
from interpretable_gan.explain import (
    explain_decision,
    explain_reading,
    explain_target,
    fit_target,
    linear_read,
    teaching_fit,
)
from interpretable_gan.explain.edits import edit
from interpretable_gan.explain.teaching_fit import teach
from interpretable_gan.models.taught import FILE, Taught, load_words
from interpretable_gan.steer import trial
from interpretable_gan.training.run import Run, save_model

WORD = "white corner"


def marked(images):
    """The same pictures with a white square in the lower right corner."""
    images = images.clone()
    images[..., -4:, -4:] = 1
    return images


@pytest.fixture(autouse=True, scope="module")
def _few_samples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "SAMPLES", 64)
        patch.setattr(teaching_fit, "UNLABELLED", 64)
        yield


@pytest.fixture(scope="module")
def model(world):
    return world.run.model()


@pytest.fixture(scope="module")
def pictures(world):
    """Eighty plain portraits."""
    return world.data.batch(np.arange(80))[0]


@pytest.fixture(scope="module")
def taught(model, pictures):
    """What the tiny model learned of white corners from twenty with and twenty without."""
    return teach(model, WORD, marked(pictures[:20]), pictures[20:40])


def test_a_word_is_read_in_pictures_that_it_was_not_taught_with(taught, pictures):
    unseen = torch.cat([marked(pictures[40:]), pictures[40:]])
    read = taught.model.schema.read(taught.model.read_code(unseen))[WORD]
    assert (read[:40] > 0.5).mean() > 0.9
    assert (read[40:] < 0.5).mean() > 0.9
    assert taught.recall.interval[0] > 0.6


def test_the_model_reads_the_examples_as_the_fitted_line_does(taught, model, pictures):
    images, yes = torch.cat([marked(pictures[:20]), pictures[20:40]]), np.arange(40) < 20
    whiten = teaching_fit.whitening(model, seed=0)
    features = teaching_fit.by_place(teaching_fit.evidence_of(model, images), whiten)
    line = linear_read.fit(features, yes)
    scores = line.offset + np.tensordot(features, line.weights, axes=2)
    read = taught.model.read(images)[:, -1].numpy()
    slope, offset = np.polyfit(scores, read, 1)
    np.testing.assert_allclose(read, slope * scores + offset, atol=1e-3 * np.abs(read).max())
    assert slope > 0


def test_its_reading_is_an_exact_sum_that_lies_where_the_word_is(taught, pictures):
    found = explain_reading(taught.model, marked(pictures[30:40]), WORD)
    assert found.sum_error < 1e-5
    plain = explain_reading(taught.model, pictures[30:40], WORD)
    moved = np.abs(found.evidence - plain.evidence)[:, 0].mean(axis=0)
    assert moved[4:, 4:].sum() > 0.9 * moved.sum()
    read = taught.model.read(marked(pictures[30:40]))[:, -1]
    np.testing.assert_allclose(found.reading[:, 0], read, rtol=1e-4, atol=1e-5)
    assert "probability" in found.sentence()


def test_all_else_stays_as_it_was(taught, model, pictures):
    some, columns = pictures[:8], model.schema.columns
    torch.testing.assert_close(taught.model.read(some)[:, :columns], model.read(some))
    now, before = explain_decision(taught.model, some), explain_decision(model, some)
    assert now.schema.names == before.schema.names
    np.testing.assert_array_equal(now.logit, before.logit)
    code, style = model.codes(4), model.styles(4)
    asked_nothing = taught.model.codes(4)
    assert not asked_nothing[:, columns:].any()
    torch.testing.assert_close(taught.model.draw(asked_nothing, style), model.draw(code, style))


def test_asking_for_it_moves_what_is_drawn_as_its_shift_says(taught, model):
    word, style = taught.word, model.styles(3)
    code = taught.model.schema.replace(taught.model.codes(3), {WORD: [1, 0, 0.5]})
    moves = torch.stack([word.on, word.off, 0 * word.on]).split([model.schema.columns, 4], dim=1)
    by_hand = model.draw(model.codes(3) + moves[0], style + moves[1])
    torch.testing.assert_close(taught.model.draw(code, style), by_hand)
    both = taught.model.z_moves(slice(model.schema.columns, None))
    torch.testing.assert_close(both, torch.stack([word.on, word.off]))


def test_an_edit_asks_for_the_word_and_the_encoder_says_what_came_of_it(taught, pictures):
    found = edit(taught.model, pictures[:2], {WORD: 1}, steps=0)
    assert set(found.reached) == {WORD}
    assert "nobody reads it" not in found.sentence()
    assert WORD in {row["attribute"] for row in found.to_rows()}


def test_a_target_is_explained_as_before(taught, world, pictures):
    head = fit_target(taught.model, world.data, "smiling")
    assert WORD not in head.names
    assert explain_target(taught.model, pictures[:3], head).sum_error < 1e-9


def test_what_it_says_of_itself(taught, pictures):
    assert taught.sentence().startswith(f"{WORD!r} is read with a balanced accuracy of ")
    assert "cross-validated on 20 images with it and 20 without; chance is 50%" in taught.sentence()
    assert sum(taught.rests_on.values()) == pytest.approx(1)
    assert taught.to_dict()["interval"] == taught.recall.interval
    assert len(taught.to_rows()) == 40
    for shows in (True, False):
        order = taught.order(shows)
        assert (taught.yes[order] == shows).all()
        sure = taught.probability[order]
        assert (sure[0] - sure[-1] < 0) == shows, "the doubtful ones come first"
    assert taught.plot().width > 500


def test_a_run_keeps_its_words_whole_and_without_code(taught, world, run_copy, pictures):
    run_copy.keep([taught.word])
    again = run_copy.model()
    assert isinstance(again, Taught)
    torch.testing.assert_close(again.read(pictures[:5]), taught.model.read(pictures[:5]))
    assert (run_copy.path / FILE).read_bytes()[8:9] == b"{"  # safetensors: a length, then JSON
    saved = save_model(again, run_copy.path.parent / "saved")
    assert saved.words()[0].record["accuracy"] == taught.recall.accuracy
    run_copy.keep([])
    assert not (run_copy.path / FILE).exists()


def test_words_of_other_weights_are_left_out_and_a_damaged_file_is_refused(taught, run_copy):
    from dataclasses import replace

    run_copy.keep([replace(taught.word, model="another")])
    with pytest.warns(InterpretableGANWarning, match=f"taught {WORD}: teach that again"):
        assert not isinstance(run_copy.model(), Taught)
    (run_copy.path / FILE).write_bytes(b"\x80\x04pickle")
    with pytest.raises(RunError, match="is damaged"):
        load_words(run_copy.path / FILE)


def test_a_second_word_joins_the_first_which_can_be_taken_away(taught, pictures):
    dark = -torch.ones_like(pictures[:12]) + 0.01 * pictures[:12]
    both = teach(taught.model, "darkness", dark, pictures[12:24], alike=True).model
    assert both.schema.names[-2:] == (WORD, "darkness")
    assert both.without(WORD).schema.names[-1:] == ("darkness",)
    assert not isinstance(taught.model.without(WORD), Taught)


def of(pictures, seed):
    """Forty pictures dealt to two sides by chance."""
    order = np.random.default_rng(seed).permutation(40)
    return pictures[order[:20]], pictures[order[20:]]


def test_what_is_read_no_better_than_by_chance_is_refused(model, pictures):
    with pytest.raises(DataError, match=r"cannot be read from 20 images .* chance is 50%"):
        teach(model, "on a Tuesday", *of(pictures, 1))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Smiling", "has an attribute 'smiling' already"),
        ("d00", "has an attribute 'd00' already"),
        ("a=b", "printable text without '='"),
    ],
)
def test_names_that_are_taken_or_none_are_refused(model, pictures, name, says):
    with pytest.raises(SchemaError, match=says):
        teach(model, name, pictures[:9], pictures[9:20])


def test_a_picture_on_both_sides_and_too_few_are_refused(model, pictures):
    with pytest.raises(DataError, match="yes 3 shows 'cap' and no 0 does not, but at 16×16"):
        teach(model, "cap", pictures[:9], pictures[3:20])
    repeated = pictures[:1].expand(30, -1, -1, -1)
    with pytest.raises(DataError, match="1 different images with it and 20 without"):
        teach(model, "cap", repeated, pictures[20:40])
    with pytest.raises(
        DataError, match=r"201 images with it and 9 without, .* at most 200 of each"
    ):
        teach(model, "cap", pictures[:1].expand(201, -1, -1, -1), pictures[:9])


def test_a_word_that_an_attribute_tells_as_well_is_refused_with_that_pair(taught, pictures):
    again = marked(pictures[:20]), pictures[20:40]
    with pytest.raises(DataError, match=f"'mark' and '{WORD}' cannot be told apart by these"):
        teach(taught.model, "mark", *again)


@pytest.fixture
def run_copy(world, tmp_path):
    """A copy of the run, to be changed."""
    import shutil

    shutil.copytree(world.run.path, tmp_path / "run")
    return Run.open(tmp_path / "run")
