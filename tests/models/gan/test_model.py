"""The model in the language of its attributes."""

from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from interpretable_gan.errors import (
    ConfigError,
    DataError,
    RunError,
    SchemaError,
    UnknownAttributeError,
)
from interpretable_gan.models.base import codes, sample
from interpretable_gan.training import checkpoint
from interpretable_gan.training.loop import train
from interpretable_gan.training.run import Run, save_model


@pytest.fixture(scope="module")
def model(world):
    return world.run.model()


def test_samples_have_what_was_asked_and_the_rest_stays_the_same(model):
    usual, asked = (
        codes(model, 8, seed=3),
        codes(model, 8, {"smiling": True, "hair_color": "red"}, seed=3),
    )
    before, after = model.schema.read(usual), model.schema.read(asked)
    assert (after["smiling"] == 1).all()
    assert set(after["hair_color"]) == {"red"}
    others = set(model.schema.names) - {"smiling", "hair_color"}
    assert all(np.array_equal(before[name], after[name]) for name in others)


def test_the_same_seed_draws_the_same_people(model):
    first = sample(model, 4, seed=1)
    assert first.shape == (4, 3, 16, 16)
    assert first.abs().max() <= 1
    assert torch.equal(first, sample(model, 4, seed=1))
    assert not torch.equal(first, sample(model, 4, seed=2))


def test_the_number_of_images_drawn_at_once_changes_no_pixel(model, monkeypatch):
    together = sample(model, 5)
    monkeypatch.setattr("interpretable_gan.models.gan.judged.BATCH", 2)
    torch.testing.assert_close(sample(model, 5), together)


def test_an_encoded_image_is_a_code(model, world):
    images, _, _ = world.data.batch(world.data.rows("test"))
    code = model.read_code(images)
    assert code.shape == (len(images), model.schema.columns)
    assert code.abs().max() <= 1
    assert model.schema.read(code)["hair_color"].shape == (len(images),)


def test_labels_claim_what_is_seen_and_what_is_asked_is_in_full(model, world):
    images, labels, _ = world.data.batch(world.data.rows("train")[:64])
    code, read = model.code_of(images, labels), model.code_of(images)
    smiling, age = (model.schema.slices[name].start for name in ("smiling", "age"))
    assert torch.equal(code[:, age], labels[:, age]), "a measured value is what it is"
    strength = (code * read.sign())[:, smiling]
    agrees = labels[:, smiling] == read[:, smiling].sign()
    assert (strength[agrees] > 0).all()
    assert (strength < model.config.typical).all()
    assert (strength[~agrees] == 0).all(), "a label that is not seen claims nothing"
    assert torch.equal(code[:, smiling][agrees], read[:, smiling][agrees])
    assert (model.codes(8)[:, smiling].abs() < model.config.typical).all()
    assert (codes(model, 8, {"smiling": True})[:, smiling] == 1).all()


def test_samples_have_the_codes_and_the_spread_of_training_images(model, world):
    named, rows = model.schema.named_columns, world.data.rows("train")
    found = model.read(world.data.batch(rows)[0])[:, named:].clamp(-1, 1)
    gaps = (model.codes(20)[:, None, named:] - found).abs().amax(dim=2)
    assert gaps.amin(dim=1).max() < 1e-2, "what was discovered in them; bfloat16 in training"
    assert model.styles(1000).std().item() == pytest.approx(1, rel=0.02)


def test_a_decision_adds_up_however_many_images_are_judged(model, world):
    images, _, _ = world.data.batch(world.data.rows("train")[:130])
    decision = model.decide(images, model.codes(130))
    parts = decision.agreement.sum(1) + decision.realism.sum(1) + decision.residual
    torch.testing.assert_close(decision.logit, parts + decision.bias)
    assert decision.reading.shape == (130, model.schema.columns)


def test_a_saved_model_loads_equal(model, tmp_path):
    save_model(model, tmp_path / "copy")
    copy = Run.open(tmp_path / "copy").model()
    assert torch.equal(sample(copy, 3), sample(model, 3))
    assert copy.schema == model.schema
    with pytest.raises(RunError, match="holds a run already"):
        save_model(model, tmp_path / "copy")


def test_training_needs_no_folder(world):
    model = train(world.data, world.run.config)
    assert torch.equal(sample(model, 3), sample(world.run.model(), 3))


def test_an_attribute_may_be_called_like_an_argument(model):
    with pytest.raises(UnknownAttributeError, match="no attribute 'seed'"):
        sample(model, 2, {"seed": 1})


@pytest.mark.parametrize(
    ("asked", "error", "sentence"),
    [
        ({"smilling": 1}, UnknownAttributeError, "Did you mean 'smiling'"),
        ({"hair_color": "green"}, SchemaError, "hair_color"),
    ],
)
def test_what_the_schema_does_not_have_is_refused_by_name(model, asked, error, sentence):
    with pytest.raises(error, match=sentence):
        sample(model, 1, asked)


GREY = torch.zeros(2, 3, 16, 16)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        pytest.param(torch.zeros(1, 3, 32, 32), "32×32 pixels, but this model reads", id="size"),
        pytest.param(torch.zeros(1, 1, 16, 16), "1 channels, but this model reads 3", id="shade"),
        pytest.param(GREY[0], r"shape \(3, 16, 16\): give one or more", id="one image"),
        pytest.param(GREY[:0], r"shape \(0, 3, 16, 16\): give one or more", id="none"),
        pytest.param(GREY.to(torch.uint8), r"convert 0 to 255 by images.float\(\)", id="pixels"),
        pytest.param(GREY + 127, "reach from 127 to 127, but", id="too bright"),
        pytest.param(GREY - 1.02, "reach from -1.02 to -1.02, but", id="too dark"),
        pytest.param(GREY * float("nan"), "reach from nan to nan", id="no numbers"),
    ],
)
def test_images_that_cannot_be_read_are_refused_everywhere(model, images, sentence):
    for use in (
        model.read,
        model.read_code,
        model.encode,
        model.code_of,
        lambda images: model.decide(images, model.codes(max(len(images), 1))[: len(images)]),
    ):
        with pytest.raises(DataError, match=sentence) as raised:
            use(images)
        assert "\n" not in str(raised.value)


def test_any_float_within_rounding_is_read(model):
    images = sample(model, 3)
    torch.testing.assert_close(model.read(images.double()), model.read(images))
    assert model.read(images.double()).dtype == torch.float32
    assert model.read(torch.full_like(images, 1.005)).isfinite().all()


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda model: model.decide(GREY, model.codes(3)), "2 examples need as many codes"),
        (lambda model: model.decide(GREY, model.codes(2)[:, :5]), "has codes of"),
        (lambda model: model.code_of(GREY, torch.zeros(3, 21)), "2 examples need as many codes"),
        (lambda model: model.draw(model.codes(3), model.styles(2)), "as many of both"),
        (lambda model: model.draw(model.codes(2)[:, :-2], model.styles(2)), "as many of both"),
        (lambda model: model.draw(model.codes(2), model.styles(2)[:, 1:]), "as many of both"),
    ],
)
def test_codes_and_styles_that_do_not_belong_together_are_refused(model, use, sentence):
    with pytest.raises(SchemaError, match=sentence):
        use(model)


def test_a_code_without_discovered_columns_claims_nothing_of_them(model):
    code, images = model.codes(2), sample(model, 2)
    code[:, model.schema.named_columns :] = 0
    short = model.decide(images, code[:, : model.schema.named_columns])
    torch.testing.assert_close(short.logit, model.decide(images, code).logit)


@pytest.mark.parametrize("n", [0, -1])
def test_less_than_one_image_is_refused(model, n):
    for draw in (partial(sample, model), model.codes, model.styles):
        with pytest.raises(ConfigError, match=f"{n} (images|examples) cannot be drawn"):
            draw(n)


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(model, tmp_path, broken):
    save_model(model, tmp_path / "copy")
    path = tmp_path / "copy" / "weights.safetensors"
    tensors = checkpoint.load_weights(path)
    tensors["discriminator.bias"].fill_(broken)
    save_file(tensors, path)
    with pytest.raises(RunError, match=r"weights\.safetensors: discriminator\.bias is NaN"):
        Run.open(tmp_path / "copy").model()


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json"])
def test_a_damaged_file_is_named(model, tmp_path, name):
    save_model(model, tmp_path / "copy")
    path = tmp_path / "copy" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError, match=name):
        Run.open(tmp_path / "copy").model()


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="is no run"):
        Run.open(tmp_path)
