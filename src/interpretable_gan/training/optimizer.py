"""What moves the weights: Muon turns the kernels, Adam moves all else."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from interpretable_gan.models.blocks import Convolution

ADAM_SHARE = 0.6
"""Adam's rate as a share of Muon's."""


class Optimizer:
    """Muon (Jordan et al. 2024) for kernels, whose steps are equally long in all directions, so
    that little is lost to the few that shout; Adam (Kingma & Ba 2015) for what is no kernel.
    """

    def __init__(self, network: nn.Module) -> None:
        self.parameters = list(network.parameters())
        kernels = [each.weight for each in network.modules() if isinstance(each, Convolution)]
        turned = {id(kernel) for kernel in kernels}
        others = [each for each in self.parameters if id(each) not in turned]
        self.muon = torch.optim.Muon(kernels, momentum=0.9, weight_decay=0.0)
        self.adam = torch.optim.Adam(others, betas=(0.5, 0.99), fused=True)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for part in (self.muon, self.adam):
            part.zero_grad(set_to_none=True)

    def step(self, rate: float) -> None:
        """Move by ``rate`` against the gradients."""
        for part, own in ((self.muon, rate), (self.adam, rate * ADAM_SHARE)):
            for group in part.param_groups:
                group["lr"] = own
            part.step()  # type: ignore[no-untyped-call]

    def state_dict(self) -> dict[str, Any]:
        """Both states, for a checkpoint."""
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
