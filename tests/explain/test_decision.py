"""The parts of a decision add up to it, sit where the evidence is, and say whose code it was."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.errors import (
    ConfigError,
    DataError,
    MissingExtraError,
    SchemaError,
    UnknownAttributeError,
)
from interpretable_gan.explain import explain_decision
from interpretable_gan.models.base import sample
from interpretable_gan.schema.schema import Schema


def maps(explained, kind):
    """The terms of one part, ``(image, attribute, row, column)``."""
    (part,) = [p for p in explained.terms.parts if (p.kind, p.source) == KINDS[kind]]
    return part.values.unflatten(2, (8, 8)).numpy()


KINDS = {
    "agreement": ("agreement", "named"),
    "realism": ("realism", "named"),
    "discovered": ("realism", "discovered"),
}


@pytest.fixture(scope="module")
def explained(model, images, code):
    return explain_decision(model, images, code)


def test_the_parts_add_up_to_what_the_discriminator_says(model, images, code, explained):
    whole = torch.cat([code, torch.zeros(20, 2)], dim=1)
    logit = model.decide(images, whole).logit.numpy()
    np.testing.assert_allclose(explained.logit, logit, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(sum(explained.parts.values()), logit, rtol=1e-5, atol=1e-5)
    parts = explained.parts
    by_attribute = sum(explained.contributions.values()) + parts["residual"] + parts["bias"]
    np.testing.assert_allclose(by_attribute, logit, rtol=1e-5, atol=1e-5)
    assert explained.sum_error <= 1e-5


def test_a_sum_that_does_not_hold_is_noticed(explained):
    wrong = replace(explained.terms, bias=explained.terms.bias + 0.01)
    wrong = replace(explained, terms=wrong)
    assert wrong.sum_error == pytest.approx(0.01 / max(1, np.abs(wrong.logit).min()), rel=0.1)


def test_its_rows_add_up_too_by_attribute_and_by_place(explained):
    for rows in (explained.to_rows(), explained.to_rows(places=True)):
        assert len({tuple(row) for row in rows}) == 1
        total = sum(row["contribution"] for row in rows if row["image"] == 3)
        assert total == pytest.approx(explained.logit[3], abs=1e-5)


def test_a_categorical_attribute_is_one_term(model, images, code, explained):
    whole = torch.cat([code, torch.zeros(20, 2)], dim=1)
    decision = model.decide(images, whole)
    hair = model.schema.slices["hair_color"]
    both = decision.agreement[:, hair].sum(1) + decision.realism[:, hair].sum(1)
    found = explained.contributions["hair_color"]
    np.testing.assert_allclose(found, both.numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(explained.map("hair_color").sum((1, 2)), found, atol=1e-5)


def test_evidence_planted_at_one_place_is_found_there_and_nowhere_else(planted, spot):
    claimed = torch.zeros(1, planted.schema.columns)
    claimed[:, planted.schema.slices["smiling"]] = -0.5
    found = explain_decision(planted, spot(5, 2), claimed)
    expected = np.zeros((8, 8))
    expected[5, 2] = 2
    np.testing.assert_allclose(maps(found, "realism")[0, 0], expected, atol=1e-6)
    np.testing.assert_allclose(maps(found, "agreement")[0, 0], -0.5 * expected, atol=1e-6)
    np.testing.assert_allclose(found.map("smiling")[0], 0.5 * expected, atol=1e-6)
    assert found.contributions["smiling"] == pytest.approx(1)
    assert not maps(found, "realism")[0, 1:].any()
    assert not maps(found, "discovered").any()
    assert found.shares["named"] == pytest.approx(1)
    assert found.without("named") == pytest.approx(0)
    assert found.strongest(count=1) == [("smiling", pytest.approx(1))]


@pytest.mark.parametrize("place", [(0, 0), (3, 4), (7, 2)], ids=str)
def test_pixels_outside_its_patch_leave_a_place_the_same_to_the_bit(model, images, code, place):
    explained = explain_decision(model, images, code)
    cell = model.patches(explained.terms.parts[0])[0, 8 * place[0] + place[1], 0]
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(2)) * 2 - 1
    noise = torch.where(cell, images, noise)
    changed = explain_decision(model, noise, code)
    for part in ("agreement", "realism", "discovered"):
        before, after = maps(explained, part), maps(changed, part)
        assert np.array_equal(before[..., place[0], place[1]], after[..., place[0], place[1]])
        assert not np.array_equal(before, after)


def test_without_a_code_it_says_that_the_reading_was_used(model, images, explained):
    by_reading = explain_decision(model, images)
    assert by_reading.code_source == "reading"
    assert "encoder's own reading" in by_reading.sentence()
    assert json.loads(by_reading.to_json())["code_source"] == "reading"
    read = model.code_of(images)
    np.testing.assert_allclose(by_reading.code, read.numpy(), atol=1e-6)
    given = explain_decision(model, images, read)
    np.testing.assert_allclose(maps(by_reading, "agreement"), maps(given, "agreement"), atol=1e-6)

    assert explained.code_source == given.code_source == "given"
    assert "code that was given" in explained.sentence()


def test_what_is_not_claimed_has_no_agreement(model, images, code):
    silent = code.clone()
    silent[:, model.schema.slices["hair_color"]] = 0
    number = model.schema.names.index("hair_color")
    assert not maps(explain_decision(model, images, silent), "agreement")[:, number].any()


def test_against_others_it_is_still_an_exact_sum(model, images, code, explained):
    mean = explain_decision(model, sample(model, 30), model.codes(30))
    compared = explained.against(mean)
    np.testing.assert_allclose(compared.logit, explained.logit - mean.logit.mean(), atol=1e-6)
    assert compared.sum_error <= 1e-5
    assert compared.terms.bias == 0
    assert "mean of 30 other images" in compared.sentence()
    assert "only in comparison" in explained.sentence()
    oneself = explained.against(explained)
    assert maps(oneself, "realism").mean(axis=0) == pytest.approx(0, abs=1e-6)


def scaled(explained, factor):
    """The same explanation with every term so many times as large."""
    parts = tuple(replace(part, values=part.values * factor) for part in explained.terms.parts)
    return replace(explained, terms=replace(explained.terms, parts=parts))


@pytest.mark.parametrize(
    ("strongest", "small", "told", "zero"),
    [
        pytest.param(0.8, 0.004, "+0.80", "0.00", id="two decimals"),
        pytest.param(0.02, 0.0004, "+0.020", "0.000", id="two digits"),
    ],
)
def test_digits_follow_the_strongest_term_and_what_rounds_to_0_has_no_sign(
    strongest, small, told, zero, explained
):
    ((_, usual),) = explained.strongest(count=1)
    found = scaled(explained, strongest / abs(usual))
    assert found.told(strongest) == told
    assert found.told(-small) == zero


def test_a_sentence_names_no_attribute_whose_term_rounds_to_0(explained):
    parts = []
    for part in explained.terms.parts:
        weights = torch.tensor([1.0 if row == "smiling" else 1e-6 for row in part.rows])
        parts.append(replace(part, values=part.values * weights[:, None]))
    found = replace(explained, terms=replace(explained.terms, parts=tuple(parts)))
    told = found.sentence().partition("Of all that moves it")[0]
    assert "smiling (" in told
    assert "(0.0" not in told


def test_how_many_images_are_explained_at_once_changes_nothing(model, images, code, explained):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("interpretable_gan.models.gan.judged.BATCH", 7)
        parts = explain_decision(model, images, code)
    np.testing.assert_allclose(maps(parts, "realism"), maps(explained, "realism"), atol=1e-6)
    np.testing.assert_allclose(parts.code, explained.code)


@pytest.mark.parametrize(("given", "passes"), [(True, 1), (False, 2)])
def test_it_costs_one_pass_of_the_networks_and_one_to_read_a_code(
    model, images, code, given, passes
):
    calls = []
    discriminator = model.networks.discriminator
    layers = [layer for layer in discriminator.modules() if isinstance(layer, torch.nn.Conv2d)]
    hooks = [layer.register_forward_hook(lambda *_: calls.append(1)) for layer in layers]
    explain_decision(model, images, code if given else None)
    for hook in hooks:
        hook.remove()
    assert len(calls) <= passes * len(layers)


def test_shares_add_up_to_one(explained):
    np.testing.assert_allclose(sum(explained.shares.values()), 1, rtol=1e-6)  # of float32


def test_the_axes_name_every_array(explained):
    axes = {name: len(labels) for name, labels in explained.axes.items()}
    named = (axes["image"], axes["named"], axes["row"], axes["column"])
    assert maps(explained, "agreement").shape == maps(explained, "realism").shape == named
    assert maps(explained, "discovered").shape == (20, axes["discovered"], 8, 8)
    assert json.loads(explained.to_json())["axes"]["named"][0] == "smiling"


def test_it_cannot_be_changed(explained):
    with pytest.raises(ValueError, match="read-only"):
        explained.code[0] = 0
    with pytest.raises(AttributeError):
        explained.code_source = "given"


def test_without_pandas_it_names_the_extra(explained, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"-e '\.\[frame\]'"):
        explained.to_frame()


def test_a_data_frame_has_its_rows(explained):
    pytest.importorskip("pandas", reason="pandas is an extra")
    assert len(explained.to_frame()) == len(explained.to_rows())


def test_a_picture_colours_the_place_of_the_evidence(planted, spot):
    image = spot(5, 2)
    picture = np.asarray(explain_decision(planted, image).plot(image, count=1)).astype(int)
    scale, margin, gap = 10, 10, 2
    left = margin + 2 * (16 * scale + gap)  # the image, all places, then smiling
    tile = picture[-margin - 16 * scale : -margin, left : left + 16 * scale]
    orange = tile[..., 0] - tile[..., 2] > 80
    expected = np.zeros((16, 16), bool)
    expected[10:12, 4:6] = True
    assert np.array_equal(orange, expected.repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        ({"images": torch.zeros(2, 3, 32, 32)}, DataError, "32×32 pixels, but this model reads"),
        ({"images": torch.zeros(2, 1, 16, 16)}, DataError, "1 channels, but this model reads 3"),
        ({"code": torch.zeros(20, 3)}, SchemaError, "columns"),
        ({"code": torch.zeros(3, 3)}, SchemaError, "20 examples need as many codes"),
    ],
)
def test_bad_input_gets_one_sentence(model, images, bad, error, says):
    with pytest.raises(error, match=says) as raised:
        explain_decision(model, **({"images": images} | bad))
    assert "\n" not in str(raised.value)


def test_a_black_box_has_no_parts_to_show(twin, images):
    with pytest.raises(ConfigError, match="black-box"):
        explain_decision(twin, images)


def test_an_unknown_attribute_has_no_map(explained):
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        explained.map("smilling")


@pytest.fixture
def somewhere(model):
    """The same model, but smiling is read from the whole image."""
    attributes = [
        each.model_copy(update={"scope": "global"}) if each.name == "smiling" else each
        for each in model.schema.attributes
    ]
    changed = copy.copy(model)
    changed.schema = Schema(name="faces", attributes=tuple(attributes))
    return changed


def test_a_global_attribute_has_a_sum_and_claims_no_place(somewhere, images, code, explained):
    found = explain_decision(somewhere, images, code)
    assert found.whole_image == ("smiling",)
    assert found.sum_error <= 1e-5
    np.testing.assert_array_equal(
        found.contributions["smiling"], explained.contributions["smiling"]
    )
    with pytest.raises(SchemaError, match="'smiling' is read from the whole image"):
        found.map("smiling")
    without = explained.map() - explained.map("smiling")
    np.testing.assert_allclose(found.map(), without, atol=1e-5)
    rows = [row for row in found.to_rows(places=True) if row["attribute"] == "smiling"]
    assert len(rows) == 2 * len(images)  # agreement and realism of each
    assert {row["place"] for row in rows} == {None}
    total = sum(row["contribution"] for row in found.to_rows(places=True) if row["image"] == 3)
    assert total == pytest.approx(found.logit[3], abs=1e-5)
    told = json.loads(found.to_json())
    (part,) = [part for part in told["terms"] if part["rows"] == ["smiling"]][:1]
    assert part["places"] == []


def test_a_global_attribute_says_so_in_words_and_gets_no_colour(somewhere, planted, spot):
    planted.schema = somewhere.schema
    image = spot(5, 2)
    found = explain_decision(planted, image)
    assert f"smiling ({found.contributions['smiling'][0]:+.2f}, whole image)" in found.sentence()
    picture = np.asarray(found.plot(image, count=1)).astype(int)
    assert picture.shape[1] > 3 * 160
    left = 10 + 2 * 162  # the image, all places, then smiling
    tile = picture[-170:-10, left : left + 160]
    assert not (np.abs(tile[..., 0] - tile[..., 2]) > 10).any()
