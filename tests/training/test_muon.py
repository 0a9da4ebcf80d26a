"""Muon's steps are equally long in all directions, in whichever numbers the hardware multiplies."""

import pytest
import torch
from torch import nn

from interpretable_gan.training import muon
from interpretable_gan.training.muon import Muon, orthogonal

SHAPES = [(8, 24), (24, 8), (16, 16)]


@pytest.fixture(params=[True, False], ids=["bfloat16", "float32"])
def fast(request, monkeypatch):
    """Whether the hardware multiplies bfloat16."""
    monkeypatch.setattr(muon, "multiplies_bfloat16", lambda device: request.param)
    return request.param


def kernels():
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape)) for shape in SHAPES]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_directions_become_about_equally_long(fast, shape):
    torch.manual_seed(1)
    turned = orthogonal(1e-3 * torch.randn(shape)).float()
    assert turned.shape == shape
    assert torch.linalg.svdvals(turned).sub(1).abs().max() < 0.4


def test_a_gradient_of_nothing_moves_nothing(fast):
    assert not orthogonal(torch.zeros(8, 24)).any()


def test_steps_are_those_of_torch(fast):
    ours, theirs = kernels(), kernels()
    one = Muon(ours, momentum=0.9)
    other = torch.optim.Muon(theirs, lr=0.02, momentum=0.9, weight_decay=0.0)
    one.param_groups[0]["lr"] = 0.02
    for _ in range(5):
        for mine, its in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            its.grad = mine.grad.clone()
        one.step()
        other.step()
    for mine, its in zip(ours, theirs, strict=True):
        assert torch.equal(mine, its) if fast else torch.allclose(mine, its, atol=5e-3)


def test_the_numbers_are_those_that_the_hardware_multiplies(fast):
    assert orthogonal(torch.randn(4, 4)).dtype == (torch.bfloat16 if fast else torch.float32)
