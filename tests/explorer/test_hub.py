"""A folder for the Hub is the model again, and its card hides nothing."""

import shutil

import pytest
import torch

from interpretable_gan import from_pretrained
from interpretable_gan.errors import ConfigError, RunError
from interpretable_gan.explorer.hub import export_hub
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.steered import Shifts, Steered
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.checkpoint import WEIGHTS, load_weights, save_weights
from interpretable_gan.training.run import Run, save_model


def test_what_was_exported_draws_the_same(world, tmp_path):
    folder = export_hub(world.run, tmp_path / "hub", terms="")
    before, after = world.run.model("cpu"), from_pretrained(folder, device="cpu")
    code, style = before.codes(3), before.styles(3)
    assert torch.equal(before.draw(code, style), after.draw(code, style))
    assert not list(folder.glob("state*")), "the training state is no part of the model"


def test_a_steered_model_stays_steered(world, tmp_path):
    inner = world.run.model("cpu")
    shape = (inner.schema.named_columns, inner.schema.columns + inner.config.style)
    shifts = Shifts(torch.randn(shape), torch.randn(shape), inner.typical, 1.0, "", ())
    run = save_model(Steered(inner, shifts), tmp_path / "steered")
    after = from_pretrained(export_hub(run, tmp_path / "hub", terms=""), device="cpu")
    assert torch.equal(after.shifts.on, shifts.on)


def test_what_an_earlier_export_held_does_not_stay(world, tmp_path):
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "shifts.safetensors").write_bytes(b"of earlier weights")
    folder = export_hub(world.run, tmp_path / "hub", terms="")
    assert from_pretrained(folder, device="cpu").codes(1).shape[0] == 1


def test_an_export_that_is_stopped_is_no_model(world, tmp_path, monkeypatch):
    export_hub(world.run, tmp_path / "hub", terms="")

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("interpretable_gan.explorer.hub.write", full)
    with pytest.raises(OSError, match="No space"):
        export_hub(world.run, tmp_path / "hub", terms="")
    with pytest.raises(RunError, match="is no run"):
        from_pretrained(tmp_path / "hub", device="cpu")


def test_the_card_says_what_it_is_and_under_which_terms(world, tmp_path):
    stated = export_hub(world.run, tmp_path / "a", terms="CC BY 4.0, by somebody")
    text = (stated / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\nlibrary_name: interpretable-gan\n")
    assert "`smiling`, `mouth_open`" in text
    assert "Nothing: this model has no card." in text
    assert text.endswith("CC BY 4.0, by somebody\n")
    silent = export_hub(world.run, tmp_path / "b", terms="")
    assert "Nobody stated them" in (silent / "README.md").read_text(encoding="utf-8")


def test_another_family_is_refused_and_leaves_nothing(tmp_path):
    run = Run(tmp_path, TableConfig(), Schema(name="loans", attributes=(Attribute(name="good"),)))
    with pytest.raises(ConfigError, match="only a GAN of images"):
        export_hub(run, tmp_path / "hub", terms="")
    assert not (tmp_path / "hub").exists()


def test_a_run_without_weights_is_refused(world, tmp_path):
    shutil.copytree(world.run.path, tmp_path / "run")
    (tmp_path / "run/weights.safetensors").unlink()
    with pytest.raises(RunError, match="has no weights yet"):
        export_hub(Run.open(tmp_path / "run"), tmp_path / "hub", terms="")


@pytest.fixture
def without_package(monkeypatch):
    """As on a machine where the published network is not installed."""

    def remove():
        monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package")
        monkeypatch.setattr(pretrained, "_carried", {})
        pretrained.lite0.cache_clear()

    yield remove
    pretrained.lite0.cache_clear()


def test_a_published_network_goes_along_with_its_licence(published, tmp_path, without_package):
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    before = published.model("cpu").read(images)
    folder = export_hub(published, tmp_path / "hub", terms="")
    assert "Apache License" in (folder / pretrained.LICENCE).read_text(encoding="utf-8")
    assert pretrained.LICENCE in (folder / "README.md").read_text(encoding="utf-8")
    without_package()
    assert torch.equal(from_pretrained(folder, device="cpu").read(images), before)


def test_other_weights_than_the_published_ones_are_refused(published, tmp_path, without_package):
    folder = export_hub(published, tmp_path / "hub", terms="")
    tensors = load_weights(folder / WEIGHTS)
    tensors["published._conv_stem.weight"][0, 0, 0, 0] += 1
    save_weights(folder / WEIGHTS, tensors)
    without_package()
    with pytest.raises(RunError, match="efficientnet-lite0 are not the published ones"):
        from_pretrained(folder, device="cpu")
