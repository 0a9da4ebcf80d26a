"""What a run keeps is tensors and a line of JSON, and what is damaged is named."""

import json

import pytest
import torch
from safetensors import safe_open

from interpretable_gan.errors import RunError, TrainingError
from interpretable_gan.models.gan.networks import part
from interpretable_gan.training.checkpoint import (
    Moment,
    load_moment,
    load_state,
    load_weights,
    save_state,
    save_weights,
)

MOMENT = Moment(step=7, seconds=1 / 3, world=2, data={"data": "faces", "training_images": 9})
TENSORS = {
    "average.a": torch.tensor([0.5, -2.0, 1.5]),
    "average.b": torch.ones(()),
    "obeyed": torch.tensor([1.0]),
}


@pytest.fixture
def state(tmp_path):
    save_state(tmp_path / "run" / "state.safetensors", MOMENT, TENSORS)
    return tmp_path / "run" / "state.safetensors"


def test_a_state_comes_back_in_the_same_bits(state):
    moment, tensors = load_state(state)
    assert moment == load_moment(state) == MOMENT
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_the_moment_is_json_in_the_header(state):
    with safe_open(state, framework="pt") as file:
        assert json.loads(file.metadata()["moment"])["step"] == 7


def test_a_part_has_the_tensors_of_its_name_alone():
    named = {"average.a": torch.zeros(1), "averaged.a": torch.ones(1), "optimizer.average.a": 2}
    assert part(named, "average") == {"a": torch.zeros(1)}


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", None])
def test_a_state_that_cannot_be_read_is_named(damage, state):
    if damage:
        state.write_bytes(damage(state.read_bytes()))
    else:
        torch.save({"step": 7}, state)  # what could carry code is not even opened
    with pytest.raises(RunError, match=r"state\.safetensors cannot be read as a training state"):
        load_state(state)


def test_without_weights_the_first_checkpoint_is_still_to_come(state):
    with pytest.raises(RunError, match=r"before its first checkpoint.*igan train --resume .*run$"):
        load_weights(state.with_name("weights.safetensors"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_good_weights_are_not_replaced_by_weights_that_no_model_loads(tmp_path, value):
    path = tmp_path / "weights.safetensors"
    save_weights(path, {"codes": torch.ones(3)})
    with pytest.raises(TrainingError, match=r"codes is not finite: .* stays as it was"):
        save_weights(path, {"codes": torch.tensor([1.0, value, 1.0])})
    assert torch.equal(load_weights(path)["codes"], torch.ones(3))
