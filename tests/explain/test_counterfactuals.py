"""Counterfactuals: the smallest edit is found where it is known, and verified or not claimed."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.errors import ConfigError, DataError, UnknownAttributeError
from interpretable_gan.explain import counterfactual, decision_threshold
from interpretable_gan.explain.threshold import DecisionThreshold
from interpretable_gan.metrics.calibration import best_threshold


def at(score):
    return DecisionThreshold(score, accuracy=0.9, images=100)


@pytest.fixture
def photo(painter, model):
    """A smile and a hat, and nothing else that could be said."""
    code = model.schema.replace(torch.zeros(1, model.schema.columns), {"smiling": 1, "hat": 1})
    return painter().draw(code, None)


@pytest.fixture
def search(photo, seeing):
    """Looks for a counterfactual of the photo."""

    def run(painter, flip="decision", score=0.0, evaluator=seeing, **settings):
        settings = {"threshold": at(score), "steps": 0} | settings
        return counterfactual(painter, photo, flip, evaluator=evaluator, **settings)

    return run


def test_one_attribute_goes_as_far_as_is_needed(painter, search):
    found = search(painter(smiling=3.0), score=0.0)  # from 3 to just below 0: half of the range
    assert found.verified
    (change,) = found.changes
    assert change.attribute == "smiling"
    assert (change.before, change.length) == (1.0, pytest.approx(0.55))
    assert (found.before, found.after) == (pytest.approx(3), pytest.approx(-0.3))
    assert found.moved == {"smiling": pytest.approx(1.1)}
    assert found.tried == 1


def test_the_more_helpful_attribute_comes_first_and_another_only_where_needed(painter, search):
    both = painter(smiling=3.0, eyeglasses=1.0)
    assert [c.attribute for c in search(both).changes] == ["smiling"]
    found = search(both, score=-3.5)  # -3 without a smile; no glasses take it to -4
    assert {c.attribute for c in found.changes} == {"smiling", "eyeglasses"}
    assert found.after < 0 < found.before


def test_a_decision_flips_either_way(painter, search):
    found = search(painter(smiling=-3.0), score=-1.0)  # below the threshold: it must rise
    assert found.verified
    assert found.before == pytest.approx(-2)
    assert found.after > 0


def test_a_reading_flips_by_its_own_attribute(painter, search):
    found = search(painter(), "smiling")
    assert found.verified
    assert (found.before, found.after) == ("on", "off")
    (change,) = found.changes
    assert change.attribute == "smiling"
    assert change.length == pytest.approx(0.55)
    assert found.threshold is None


@pytest.mark.parametrize("flip", ["hair_color", "age"])
def test_levels_and_numbers_flip_too(flip, painter, search):
    found = search(painter(), flip)
    assert found.verified
    assert [change.attribute for change in found.changes] == [flip]
    assert found.before != found.after


def test_only_allowed_attributes_change(painter, search):
    both = painter(smiling=3.0, beard=1.0)
    found = search(both, score=3.0 - 0.5, among=["beard"])
    assert [change.attribute for change in found.changes] == ["beard"]


def test_none_is_found_and_said_where_there_is_none(painter, search):
    found = search(painter(smiling=3.0), score=-100.0)
    assert not found.found
    assert not found.flipped
    assert found.sentence().startswith("No edit of up to 4 attributes was found")
    assert [change.attribute for change in found.changes] == ["smiling"]  # the closest
    nothing = search(painter(), score=-100.0)
    assert nothing.changes == ()
    assert "no edit at all" in nothing.sentence()


@pytest.mark.parametrize(
    ("flip", "blindness"),
    [
        pytest.param("decision", {"scale": 0.0}, id="sees no attribute move"),
        pytest.param("decision", {"scale": 0.05}, id="sees one move so little that it may be luck"),
        pytest.param("decision", {"offset": -10.0}, id="sees one move, but a smile as before"),
        pytest.param("smiling", {"offset": -10.0}, id="sees a smile always"),
    ],
)
def test_what_the_evaluator_does_not_see_is_not_claimed(flip, blindness, painter, search, seeing):
    blind = {name: np.full_like(seeing.scale, value) for name, value in blindness.items()}
    found = search(painter(smiling=3.0), flip, evaluator=replace(seeing, **blind))
    assert found.flipped
    assert not found.found
    assert found.verdict == "contradicted"
    assert "does not see it" in found.sentence()
    assert found.tried > 1


@pytest.mark.parametrize("flip", ["decision", "hat"])
def test_what_the_evaluator_cannot_read_is_not_verified(flip, painter, search, seeing):
    found = search(painter(hat=3.0), flip)
    (change,) = found.changes
    assert (change.attribute, change.length) == ("hat", pytest.approx(0.55))
    assert found.found
    assert not found.verified
    assert found.sentence().endswith(f"Not verified: {seeing.name} cannot read hat.")
    told = json.loads(found.to_json())
    assert (told["verdict"], told["unread"], told["tried"] > 1) == (
        "not verified",
        ["hat"],
        flip == "decision",
    )
    assert [row["readable"] for row in told["changes"]] == [False]
    assert flip == "decision" or (found.before, found.after) == ("on", "off")


def test_what_the_evaluator_cannot_read_is_told_by_the_encoder(painter, search, seeing):
    offset = seeing.offset.copy()
    offset[seeing.schema.slices["hat"]] = 10  # it reads no hat anywhere
    found = search(painter(), "hat", evaluator=replace(seeing, offset=offset))
    assert (found.before, found.after) == ("on", "off")


def test_an_edit_that_can_be_verified_is_preferred(painter, search):
    either = painter(hat=3.0, smiling=2.0)  # the hat helps most
    assert [change.attribute for change in search(either, score=2.5).changes] == ["smiling"]
    alone = search(either, score=2.5, among=["hat"])
    assert alone.verdict == "not verified"


def test_of_an_edit_that_is_read_in_part_that_part_is_verified_and_it_is_said(
    painter, search, seeing
):
    both = painter(hat=3.0, smiling=3.0)
    found = search(both, score=-5.0)
    assert {change.attribute for change in found.changes} == {"smiling", "hat"}
    assert found.verified
    assert found.sentence().endswith("which training never saw; it cannot read hat.")
    scale = seeing.scale.copy()
    scale[seeing.schema.slices["smiling"]] = 0
    blind = search(both, score=-5.0, evaluator=replace(seeing, scale=scale))
    assert blind.verdict == "contradicted"


def test_a_level_is_seen_where_another_was_before(painter, search):
    """The photo has no hair, which is read as the first level, black."""
    gray = search(painter(hair_color=torch.tensor([-3.0, 0, 0, 0, 3])), score=2.0)
    assert gray.verified
    assert [change.after for change in gray.changes] == ["gray"]
    black = search(painter(hair_color=torch.tensor([3.0, 0, 0, 0, -3])), score=2.0)
    assert black.verdict == "contradicted"
    assert [change.after for change in black.changes] == ["black"]


def test_another_level_than_the_one_asked_for_is_not_seen(painter, search, seeing):
    """Asked for gray, the evaluator reads brown."""
    hair, scale, offset = (
        seeing.schema.slices["hair_color"],
        seeing.scale.copy(),
        seeing.offset.copy(),
    )
    scale[hair.start + 1], offset[hair.stop - 1] = -1, 10
    confused = replace(seeing, scale=scale, offset=offset)
    model = painter(hair_color=torch.tensor([-3.0, 0, 0, 0, 3]))
    assert search(model, score=2.0, evaluator=confused).verdict == "contradicted"


def test_a_number_has_no_side_but_must_move(painter, search, seeing):
    low = replace(seeing, offset=np.ones_like(seeing.offset))  # it reads all ages lower
    for evaluator in (seeing, low):
        assert search(painter(age=3.0), score=1.0, evaluator=evaluator).verified
    blind = replace(seeing, scale=np.full_like(seeing.scale, 0.05))
    assert search(painter(age=3.0), score=1.0, evaluator=blind).verdict == "contradicted"


def test_a_change_that_is_no_longer_needed_is_dropped(painter, search):
    class Jealous(type(painter())):
        """Smiling helps at first; what flips in the end is glasses with a beard."""

        def decide(self, images, code):
            said = super().decide(images, code)
            smiling, glasses, beard = (
                self.read_code(images)[:, self.schema.slices[name]][:, 0]
                for name in ("smiling", "eyeglasses", "beard")
            )
            together = 10 * ((glasses > 0.5) & (beard > 0.5))
            return replace(said, residual=smiling - glasses - 0.5 * beard - together)

    model = painter()
    model.__class__ = Jealous
    found = search(model, score=-5.0)
    assert found.found
    assert {change.attribute for change in found.changes} == {"eyeglasses", "beard"}


def test_without_an_evaluator_nothing_is_verified(painter, search):
    found = search(painter(smiling=3.0), evaluator=None)
    assert found.found
    assert found.verdict == "not verified"
    assert found.tried == 0
    assert "nothing apart from the model has verified" in found.sentence()


def test_a_threshold_is_found_on_validation_images_or_not_at_all(world, model):
    splits = {"train": np.arange(len(world.data)), "validation": [], "test": []}
    rows = {name: np.array(rows, np.int64) for name, rows in splits.items()}
    with pytest.raises(DataError, match="has no validation images, which set the threshold"):
        decision_threshold(model, replace(world.data, splits=rows))


def test_a_decision_without_parts_has_a_threshold_too(world, twin):
    assert 0.5 <= decision_threshold(twin, world.data).accuracy <= 1


def test_the_threshold_is_where_both_kinds_part(painter, world, model):
    threshold = decision_threshold(model, world.data)
    assert 0.5 <= threshold.accuracy <= 1
    assert threshold.images == len(world.data.rows("validation"))
    glad = painter(smiling=3.0)
    glad.sample = lambda n, seed: torch.ones(n, 3, 16, 16)
    told = decision_threshold(glad, world.data)  # a painter takes portraits for smaller numbers
    assert told.score < 3


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        pytest.param([3, 4, 5], [0, 1], (2.0, 1.0), id="apart"),
        pytest.param([1, 1, 1], [1, 1], (0.0, 0.5), id="the same"),
        pytest.param([0, 10, 10, 10], [1, 2], (6.0, 0.875), id="one on the wrong side"),
    ],
)
def test_the_best_threshold_has_known_answers(above, below, expected):
    assert best_threshold(np.array(above), np.array(below)) == pytest.approx(expected)


def test_a_counterfactual_is_a_value(model, images, world):
    found = counterfactual(
        model, images[:1], threshold=decision_threshold(model, world.data), steps=2
    )
    told = json.loads(found.to_json())
    assert told["explains"] == "Counterfactual"
    assert told["threshold"]["images"] == found.threshold.images
    assert "the score has no zero of its own" in told["sentence"]
    assert len(found.to_frame()) == len(found.changes)
    assert found.plot().width > 3 * 160
    assert (
        counterfactual(model, images[:1].double(), "smiling", steps=0).original.dtype == "float32"
    )
    with pytest.raises(ValueError, match="read-only"):
        found.edited[0] = 0
    with pytest.raises(TypeError):
        found.moved["hat"] = 0


def test_bad_input_gets_one_sentence(model, images):
    with pytest.raises(ConfigError, match="the score has no zero"):
        counterfactual(model, images[:1])
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        counterfactual(model, images[:1], "smilling")
    with pytest.raises(UnknownAttributeError, match="Did you mean 'hat'"):
        counterfactual(model, images[:1], "smiling", among=["hatt"])
    with pytest.raises(ConfigError, match="discovered"):
        counterfactual(model, images[:1], "d00")
    with pytest.raises(DataError, match="one image"):
        counterfactual(model, images, "smiling")
