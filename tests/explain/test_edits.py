"""Edits of real images: what is told is what changed, wanted and unwanted."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from interpretable_gan.errors import ConfigError, DataError, SchemaError, UnknownAttributeError
from interpretable_gan.explain import Edit, edit
from interpretable_gan.explain.readers import EncoderReader
from interpretable_gan.metrics.extractors import torch_module

ASKED = {"smiling": True, "eyeglasses": False, "hair_color": "blond"}


@pytest.fixture
def photos(world, model, painter):
    """Pictures that a painter can read, with a detail that it cannot draw."""
    labels = torch.from_numpy(world.data.codes[:12])
    code = F.pad(labels, (0, model.schema.columns - labels.shape[1]))
    pictures = painter().draw(code, None)
    pictures[:, 2, 15, 15] = 0.7
    return pictures


def edited(model, photos, evaluator=None, **asked):
    return edit(model, photos, asked, evaluator=evaluator, steps=0)


def test_several_attributes_change_together_and_nothing_else(painter, photos, seeing):
    found = edited(painter(), photos, seeing, **ASKED)
    now = painter().read_code(torch.from_numpy(found.edited.copy()))
    expected = found.schema.replace(painter().read_code(photos), ASKED)
    torch.testing.assert_close(now, expected)
    assert all(reached.all() for reached in found.reached.values())
    assert not any(flips.any() for flips in found.unwanted.values())
    assert set(found.unwanted) == set(seeing.readable) - set(ASKED)


def test_only_images_that_did_not_show_the_value_are_eligible(painter, photos, seeing):
    found = edited(painter(), photos, seeing, smiling=1)
    smiling = photos.flatten(1)[:, found.schema.slices["smiling"].start] > 0
    assert found.eligible["smiling"].tolist() == (~smiling).tolist()
    assert 0 < smiling.sum() < len(photos)


def test_what_leaks_is_unwanted_and_said(painter, photos, seeing):
    leaky = painter(leaks={"smiling": "eyeglasses"})
    found = edited(leaky, photos, seeing, smiling=1)
    wore = seeing.values(photos)["eyeglasses"] == 1
    smiled = seeing.values(photos)["smiling"] == 1
    # glasses appear on who did not smile; where both agree, or glasses cannot grow, all stays
    assert found.unwanted["eyeglasses"].tolist() == (~wore & ~smiled).tolist()
    image = int(found.unwanted["eyeglasses"].argmax())
    assert "Besides, eyeglasses (now on) changed" in found.sentence(image)
    row = next(
        row for row in found.to_rows() if (row["image"], row["attribute"]) == (image, "eyeglasses")
    )
    assert (row["before"], row["after"], row["unwanted"]) == ("off", "on", True)


def test_an_edit_that_does_nothing_is_not_reached(painter, photos, seeing):
    deaf = painter(leaks={"hat": "smiling"})  # smiling is drawn as hat says
    found = edited(deaf, photos, seeing, smiling=1)
    eligible = found.eligible["smiling"]
    assert not found.reached["smiling"][eligible].any()
    assert "(off before and now, not reached)" in found.sentence(int(eligible.argmax()))


def test_over_the_original_a_detail_stays_that_the_generator_cannot_draw(painter, photos):
    over = edit(painter(), photos, {"smiling": 1}, steps=0)
    alone = edit(painter(), photos, {"smiling": 1}, steps=0, overlay=None)
    assert over.edited[:, 2, 15, 15] == pytest.approx(0.7)
    assert alone.edited[:, 2, 15, 15] == pytest.approx(0.0)
    np.testing.assert_array_equal(alone.edited, alone.drawn)
    np.testing.assert_allclose(over.difference, over.drawn - over.reconstruction)
    assert over.error == pytest.approx(np.sqrt(0.7**2 / 768) / 2)


def test_half_an_overlay_is_half_the_change(painter, photos):
    half = edit(painter(), photos, {"smiling": 0.5}, overlay=0.5, steps=0)
    np.testing.assert_allclose(half.edited - half.original, half.difference / 2, atol=1e-6)
    assert np.abs(half.difference).max() > 0.5


@pytest.mark.parametrize(
    ("asked", "column", "told"),
    [
        pytest.param(0.4, -0.2, "smiling 0.4", id="strength"),
        pytest.param(True, 1.0, "smiling on", id="word"),
        pytest.param("no", -1.0, "smiling off", id="not"),
    ],
)
def test_strengths_become_columns(asked, column, told, painter, photos):
    found = edited(painter(), photos, smiling=asked)
    assert found.target[:, found.schema.slices["smiling"]] == pytest.approx(column)
    assert told in found.sentence()


def test_each_image_may_have_a_value_of_its_own(painter, photos):
    found = edited(painter(), photos[:2], hair_color=["red", "gray"])
    assert found.asked["hair_color"].tolist() == ["red", "gray"]
    assert found.reached["hair_color"].all()


def test_what_nobody_can_read_is_not_claimed(painter, photos, seeing):
    found = edited(painter(), photos, seeing, hat=1, d01=1)
    assert "hard to read" in found.sentence()
    assert "d01 1 (discovered: nobody reads it)" in found.sentence()
    assert set(found.reached) == {"hat"}
    assert "hat" not in edited(painter(), photos, seeing, smiling=1).unwanted


def test_it_says_who_judged(painter, photos, seeing):
    assert seeing.name in edited(painter(), photos, seeing, smiling=1).sentence()
    alone = edited(painter(), photos, smiling=1)
    assert alone.reader == EncoderReader(painter()).name
    assert "model's own encoder" in alone.sentence()
    assert "igan edit --data SOURCE" in alone.sentence()
    assert "differs from it by " in alone.sentence()


def test_an_edit_is_a_value(model, images):
    found = edit(model, images[:3], {"age": 35, "hair_color": "blond"}, steps=2)
    assert isinstance(found, Edit)
    assert len(found) == 3
    frame = found.to_frame()
    assert len(frame) == 3 * len(model.schema.named)
    assert frame[frame.attribute == "age"].asked.tolist() == pytest.approx([35] * 3)
    told = json.loads(found.to_json())
    assert told["explains"] == "Edit"
    assert told["axes"]["attribute"] == [a.name for a in model.schema.named]
    assert told["asked"]["hair_color"] == ["blond"] * 3
    assert found.plot().width > 5 * 128
    assert edit(model, images[:1].double(), {"smiling": 1}, steps=0).edited.dtype == "float32"
    with pytest.raises(ValueError, match="read-only"):
        found.edited[0] = 0


def test_identity_is_one_for_what_did_not_change(painter, photos):
    found = edited(painter(), photos, smiling=1)
    flat = torch_module(torch.nn.Flatten(), name="pixels")
    alike = found.identity(flat)
    still = ~found.eligible["smiling"] & (np.abs(found.edited - found.original) < 1e-6).all(
        (1, 2, 3)
    )
    assert still.any()
    assert alike["edited"][still] == pytest.approx(1)
    assert (alike["edited"][~still] < 0.999).all()
    assert (alike["drawn"] < alike["edited"] + 1e-9).all()


def test_bad_input_gets_one_sentence(model, images, seeing):
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        edit(model, images, {"smilling": 1})
    with pytest.raises(SchemaError, match="Did you mean 'blond'"):
        edit(model, images, {"hair_color": "blonde"})
    with pytest.raises(SchemaError, match="attribute 'age' cannot be 900"):
        edit(model, images, {"age": 900})
    with pytest.raises(ConfigError, match="nothing to edit"):
        edit(model, images, {})
    with pytest.raises(ConfigError, match="overlay -1: give 0 or more"):
        edit(model, images, {"smiling": 1}, overlay=-1)
    with pytest.raises(DataError, match="scale them first"):
        edit(model, images * 127, {"smiling": 1})
    with pytest.raises(DataError, match="resize them first"):
        edit(model, images[:, :, :8, :8], {"smiling": 1})
    other = type(model.schema)(name="other", attributes=model.schema.named[:2])
    with pytest.raises(DataError, match="'other', which is another than the model's"):
        edit(model, images, {"smiling": 1}, evaluator=replace(seeing, schema=other))
