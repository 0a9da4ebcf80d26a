"""Steering a trained GAN, from its run to its footprint."""

import shutil

import pytest
import torch

from interpretable_gan.explain.footprint import channel_footprint
from interpretable_gan.models.base import codes
from interpretable_gan.models.steered import FILE, Steered, load_shifts, save_shifts
from interpretable_gan.steer import steer, trial
from interpretable_gan.steer.readers import Readers
from interpretable_gan.training.loop import train
from interpretable_gan.training.run import Run, save_model

READABLE = ("smiling", "hat", "hair_color", "age")


@pytest.fixture(scope="module")
def steered(world):
    """The run of four steps, steered by readers of random pixels."""
    model = world.run.model(steered=False)
    pixels, columns = 3 * 16 * 16, model.schema.named_columns
    weights = torch.randn(pixels, columns, generator=torch.Generator().manual_seed(0))
    readers = Readers(lambda images: images.flatten(1) @ weights, READABLE, "random")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "SAMPLES", 512)
        patch.setattr(trial, "EDITS", 8)
        return steer(model, world.data, readers=readers, budget=3.0)


def test_a_run_with_shifts_opens_steered_and_draws_otherwise_what_is_asked_in_full(
    steered, world, tmp_path
):
    assert steered.shifts.steered == ("smiling", "hat", "hair_color")
    shutil.copytree(world.run.path, tmp_path / "run")
    save_shifts(tmp_path / "run" / FILE, steered.shifts)
    opened = Run.open(tmp_path / "run").model()
    plain = Run.open(tmp_path / "run").model(steered=False)
    assert isinstance(opened, Steered)
    assert (opened.name, plain.name) == ("gan, steered", "gan")
    style = plain.styles(4)
    asked, usual = codes(plain, 4, {"smiling": True}), plain.codes(4)
    assert torch.equal(opened.draw(asked, style), steered.draw(asked, style))
    assert not torch.equal(opened.draw(asked, style), plain.draw(asked, style))
    assert torch.equal(opened.draw(usual, style), plain.draw(usual, style))
    assert load_shifts(tmp_path / "run" / FILE).readers == "random"


def test_the_footprint_is_that_of_the_column_and_its_shift(steered):
    column = steered.schema.slices["smiling"]
    generator = steered.networks.average
    sides = steered.z_moves(column)
    found = channel_footprint(steered, column)["basis"]
    code, style = sides.double().split([generator.columns, generator.style], dim=1)
    sides = torch.cat([code, style @ generator.space.spread.double().T], dim=1)  # as drawn
    moved = [torch.einsum("z,zchw->chw", side, generator.basis.double()) for side in sides]
    expected = torch.stack([each.square().sum(dim=(1, 2)) for each in moved]).mean(dim=0).sqrt()
    torch.testing.assert_close(torch.from_numpy(found), expected)
    alone = channel_footprint(steered.model, column)["basis"]
    assert not torch.allclose(torch.from_numpy(alone), expected)


def test_a_saved_model_keeps_its_shifts_and_more_training_drops_them(steered, world, tmp_path):
    copy = save_model(steered, tmp_path / "copy").model()
    assert torch.equal(copy.shifts.on, steered.shifts.on)
    run = shutil.copytree(world.run.path, tmp_path / "run")
    save_shifts(run / FILE, steered.shifts)
    config = (run / "config.json").read_text()
    longer = config.replace('"images": 64', '"images": 80').replace('"images":64', '"images":80')
    assert longer != config
    (run / "config.json").write_text(longer)
    train(world.data, run=run, resume=True)
    assert not (run / FILE).exists()
