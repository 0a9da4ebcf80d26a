"""A run on shards ends where it would have ended, stopped in the middle of a shard or not."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.sharded.write import write_shards
from interpretable_gan.errors import RunError
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training import loop
from interpretable_gan.training.checkpoint import load_moment
from world import TINY, trained

pytestmark = pytest.mark.long

CONFIG = GANConfig.of("tiny", **TINY, save_every=16)


class Stop(Exception):
    """Thrown from a progress callback, as a crash would be."""


@pytest.fixture(scope="module")
def shards(world, tmp_path_factory):
    """Twenty images a shard: sixteen are a step. Leave the folder as it is."""
    folder = tmp_path_factory.mktemp("shards") / "faces"
    write_shards(world.data, folder, rows=20)
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loop, "LOG_EVERY", 1)


def weights(run):
    return torch.cat([tensor.flatten() for tensor in run.model().tensors().values()])


def test_a_run_that_stopped_in_the_middle_of_a_shard_goes_on_bit_for_bit(shards, tmp_path):
    whole = trained(open_dataset(shards, size=16), CONFIG, tmp_path / "whole")

    def stop(status):
        if status.done >= 48:
            raise Stop

    with pytest.raises(Stop):
        trained(open_dataset(shards, size=16), CONFIG, tmp_path / "stopped", progress=stop)
    assert load_moment(tmp_path / "stopped" / "state.safetensors").step == 2
    again = open_dataset(shards, size=16)
    resumed = trained(again, CONFIG, tmp_path / "stopped", resume=True)
    assert torch.equal(weights(whole), weights(resumed))


def test_damage_is_told_while_training_and_stands_in_the_log(shards, tmp_path):
    hurt = shutil.copytree(shards, tmp_path / "hurt")
    for number in range(4):
        (hurt / f"train-0000{number}-of-00008.tar").unlink()
    told = []
    data = open_dataset(hurt, size=16)
    run = trained(data, CONFIG, tmp_path / "run", progress=lambda status: told.extend(status.notes))
    assert any("damaged shard" in note and "is missing" in note for note in told)
    assert "damaged shard" in json.dumps(run.log()[-1]["notes"])


def test_a_run_does_not_go_on_with_other_shards(shards, world, tmp_path):
    trained(open_dataset(shards, size=16), CONFIG, tmp_path / "run")
    write_shards(world.data, tmp_path / "others", rows=19)
    with pytest.raises(RunError, match="other images, labels or splits"):
        trained(open_dataset(tmp_path / "others", size=16), CONFIG, tmp_path / "run", resume=True)
