"""An optimiser goes on from what it saved as if nothing had happened."""

import pytest
import torch
from torch import nn

from interpretable_gan.models.gan.blocks import Convolution, kernels
from interpretable_gan.training.optimizer import Optimizer


def network(layout):
    torch.manual_seed(0)
    parts = nn.Module()
    parts.convolution = Convolution(4, 8)
    parts.basis = nn.Parameter(torch.randn(5, 6, 3, 3).contiguous(memory_format=layout))
    parts.bias = nn.Parameter(torch.randn(()))
    return parts


def steps(optimizer, numbers):
    for number in numbers:
        luck = torch.Generator().manual_seed(number)
        for parameter in optimizer.parameters:
            gradient = torch.randn(parameter.shape, generator=luck)
            parameter.grad = torch.empty_like(parameter).copy_(gradient)
        optimizer.step(0.01)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
def test_a_restored_optimiser_takes_the_same_steps_however_memory_is_laid_out(layout):
    whole, stopped, resumed = (network(layout) for _ in range(3))
    one, other, restored = (Optimizer(each, kernels(each)) for each in (whole, stopped, resumed))
    steps(one, range(6))
    steps(other, range(3))
    saved = {name: tensor.contiguous() for name, tensor in other.state_dict().items()}
    resumed.load_state_dict(stopped.state_dict())
    restored.load_state_dict(saved)
    steps(restored, range(3, 6))
    assert all(map(torch.equal, whole.parameters(), resumed.parameters()))
    assert all(map(torch.equal, one.state_dict().values(), restored.state_dict().values()))


def test_its_state_is_tensors_by_name():
    learning = network(torch.contiguous_format)
    optimizer = Optimizer(learning, kernels(learning))
    assert optimizer.state_dict() == {}
    steps(optimizer, range(1))
    kept = {f"adam.{n}.{key}" for n in range(3) for key in ("step", "exp_avg", "exp_avg_sq")}
    assert optimizer.state_dict().keys() == kept | {"muon.0.momentum_buffer"}
