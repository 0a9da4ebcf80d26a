"""What an attribute does: drawn, measured and read from the weights, with known answers."""

import copy
import json

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError, UnknownAttributeError
from interpretable_gan.explain import explain_attribute
from interpretable_gan.explain.attribute import BESIDES
from interpretable_gan.models.gan.blocks import Modulation


class Obedient:
    """A model that draws what it is asked: the first columns of the code as pixels."""

    def __init__(self, model):
        self.schema, self.generator = model.schema, model.generator
        self.codes, self.styles, self.z_moves = model.codes, model.styles, model.z_moves

    def draw(self, code, style):
        pixels = torch.zeros(len(code), 3 * 16 * 16)
        pixels[:, : code.shape[1]] = code
        return pixels.view(-1, 3, 16, 16)


class Leaky(Obedient):
    """The same, but eyeglasses come and go with smiling, and smiling never goes."""

    def draw(self, code, style):
        glasses, smiling = (self.schema.slices[name] for name in ("eyeglasses", "smiling"))
        drawn = code.clone()
        drawn[:, glasses] = code[:, smiling]
        drawn[:, smiling] = 1
        return super().draw(drawn, style)


class Confused(Obedient):
    """The same, but who is asked for red hair gets gray."""

    def draw(self, code, style):
        red = self.schema.read(code)["hair_color"] == "red"
        gray = self.schema.replace(code, {"hair_color": "gray"})
        return super().draw(torch.where(torch.tensor(red)[:, None], gray, code), style)


def effect(explained, on, target):
    return next(e for e in explained.effects if (e.attribute, e.target) == (on, target))


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("smiling", ["on", "off"]),
        ("hair_color", ["black", "brown", "blond", "red", "gray"]),
        ("age", ["low", "high"]),
    ],
)
def test_an_obedient_model_shows_what_is_asked_and_nothing_besides(name, targets, model, seeing):
    found = explain_attribute(Obedient(model), name, seeing)
    assert [each.target for each in found.own] == targets
    assert all(each.flipped == 1 for each in found.own)
    assert all(each.flipped_interval[0] > 0.8 for each in found.own)
    assert all(each.flipped == 0 and not each.shift for each in found.side_effects)
    assert {each.attribute for each in found.side_effects} == set(seeing.readable) - {name}


def test_what_leaks_is_found_and_what_does_nothing_as_well(model, seeing):
    found = explain_attribute(Leaky(model), "smiling", seeing)
    assert {each.target for each in found.own} == {"off"}  # all smile: none to switch on
    assert effect(found, "smiling", "off").flipped == 0
    worst = found.side_effects[0]
    assert (worst.attribute, worst.target) == ("eyeglasses", "off")
    smiling = model.codes(256)[:, model.schema.slices["smiling"].start]
    assert worst.flipped == pytest.approx((smiling > 0).float().mean().item())
    assert worst.shift == pytest.approx(-worst.flipped)
    low, high = worst.shift_interval
    assert low < worst.shift < high < 0
    assert "eyeglasses" in found.sentence()
    assert all(each.flipped == 0 for each in found.side_effects[1:])


def test_another_level_than_the_one_asked_for_is_no_success(model, seeing):
    found = explain_attribute(Confused(model), "hair_color", seeing)
    assert effect(found, "hair_color", "red").flipped == 0
    assert effect(found, "hair_color", "blond").flipped == 1


def test_edits_are_judged_only_where_the_target_did_not_show(model, seeing):
    found = explain_attribute(Obedient(model), "smiling", seeing, samples=100)
    smiling = int((model.codes(100)[:, model.schema.slices["smiling"].start] > 0).sum())
    assert effect(found, "smiling", "on").edited == 100 - smiling
    assert effect(found, "smiling", "off").edited == smiling


def test_of_a_handful_nothing_is_said(model, seeing):
    found = explain_attribute(Obedient(model), "smiling", seeing, samples=4)
    assert {each.flipped for each in found.effects} == {None}
    json.loads(found.to_json())


def test_the_change_lies_where_the_attribute_is_drawn(model):
    found = explain_attribute(Obedient(model), "beard", samples=8)
    column = model.schema.slices["beard"].start
    expected = np.zeros((16, 16), np.float32)
    expected.flat[column] = 1 / 3  # one channel of three goes from -1 to 1
    np.testing.assert_allclose(found.change, expected, atol=1e-6)
    assert f"row 0, column {column}" in found.sentence()
    assert not found.effects


def test_the_strips_are_the_same_samples_along_the_attribute(model):
    found = explain_attribute(model, "hair_color", samples=8, seed=3)
    assert found.captions == ("black", "brown", "blond", "red", "gray")
    code = model.schema.replace(model.codes(8, seed=3), {"hair_color": "blond"})
    blond = model.draw(code[:6], model.styles(8, seed=3)[:6])
    expected = ((blond + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()
    assert np.abs(found.strips[:, 2] - expected).max() <= 1


def test_a_footprint_comes_from_the_weights_and_shares_add_up(model):
    found = {name: explain_attribute(model, name, samples=1) for name in model.schema.names}
    for layer in found["smiling"].footprint:
        total = sum(each.footprint_share[layer] for each in found.values())
        assert total == pytest.approx(1)
    layer = next(m for m in model.networks.average.modules() if isinstance(m, Modulation))
    hair = model.schema.slices["hair_color"]
    norm = torch.cat([layer.scale[hair], layer.shift[hair]]).norm().item()
    assert found["hair_color"].footprint["stages.0.modulations.0"] == pytest.approx(norm, rel=1e-5)


def test_a_footprint_by_channel_is_where_the_weights_are(model):
    deaf = copy.copy(model)
    deaf.networks = copy.deepcopy(model.networks)
    hair = model.schema.slices["hair_color"]
    with torch.no_grad():
        for layer in deaf.networks.average.modules():
            if isinstance(layer, Modulation):
                layer.scale[hair], layer.shift[hair] = 0, 0
                layer.scale[hair.start, 3], layer.shift[hair.start + 1, 3] = 3, 4
    found = explain_attribute(deaf, "hair_color", samples=1)
    for layer, strengths in found.channels.items():
        assert found.footprint[layer] == pytest.approx(np.linalg.norm(strengths))
        if layer != "basis":
            assert strengths[3] == pytest.approx(5)
            assert np.flatnonzero(strengths).tolist() == [3]
    basis = deaf.networks.average.basis[hair].detach().numpy()
    np.testing.assert_allclose(
        found.channels["basis"], np.sqrt((basis**2).sum(axis=(0, 2, 3))), rtol=1e-5
    )
    rows = [row for row in found.footprint_rows() if row["footprint"] == pytest.approx(5)]
    assert {row["channel"] for row in rows} >= {3}
    assert json.loads(found.to_json())["channels"]["basis"]


def test_a_discovered_attribute_has_side_effects_too(model, seeing):
    found = explain_attribute(model, "d01", seeing, samples=20)
    assert {each.target for each in found.effects} == {"low", "high"}
    assert not found.own
    assert all(each.edited == 20 for each in found.effects)


def test_a_picture_shows_strips_the_change_success_side_effects_and_layers(
    model, seeing, drawn_bars
):
    found = explain_attribute(Leaky(model), "smiling", seeing)
    picture = np.asarray(found.plot()).astype(int)
    shares, ends = drawn_bars["share of edits, with 95 % interval"]
    assert list(shares)[:2] == ["off: smiling shows", "off: eyeglasses flips"]
    worst = found.side_effects[0]
    assert shares["off: eyeglasses flips"] == worst.flipped
    assert ends["off: eyeglasses flips"] == worst.flipped_interval
    assert len(shares) == 1 + BESIDES
    assert drawn_bars["share of smiling in each layer"][0] == found.footprint_share
    left, top, side = 10 + 5 * (96 + 2), 10 + 18, 96  # behind the five values, below their names
    tile = picture[top : top + side, left : left + side]
    orange = np.argwhere(tile[..., 0] - tile[..., 2] > 80) // (side // 16)
    assert {tuple(place) for place in orange.tolist()} == {tuple(np.argwhere(found.change)[0])}


def test_without_an_evaluator_a_picture_claims_no_success(model, drawn_bars):
    grey = Obedient(model)
    grey.draw = lambda code, style: Obedient.draw(grey, code, style)[:, :1]
    found = explain_attribute(grey, "d00", samples=2)
    assert found.plot().width > 6 * 96
    assert list(drawn_bars) == ["share of d00 in each layer"]


def test_it_cannot_be_changed(model):
    found = explain_attribute(model, "smiling", samples=1)
    for part in (found.footprint, found.footprint_share, found.channels):
        with pytest.raises(TypeError):
            part["basis"] = 0
    with pytest.raises(ValueError, match="read-only"):
        found.channels["basis"][0] = 0


def test_bad_input_gets_one_sentence(model, seeing):
    with pytest.raises(UnknownAttributeError, match="Did you mean 'smiling'"):
        explain_attribute(model, "smilling")
    with pytest.raises(DataError, match="0 samples"):
        explain_attribute(model, "smiling", samples=0)
