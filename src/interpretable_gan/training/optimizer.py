"""What moves the weights: Muon turns the kernels, Adam moves all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from interpretable_gan.training.muon import Muon

ADAM_SHARE = 0.6
"""Adam's rate as a share of Muon's."""


class Optimizer:
    """`Muon` (Jordan et al. 2024) for kernels, whose steps are equally long in all directions; Adam
    (Kingma & Ba 2015) for what is no kernel.
    """

    def __init__(self, network: nn.Module, kernels: Sequence[nn.Parameter]) -> None:
        self.parameters = list(network.parameters())
        turned = {id(kernel) for kernel in kernels}
        others = [each for each in self.parameters if id(each) not in turned]
        self.adam = torch.optim.Adam(others, betas=(0.5, 0.99), fused=True)
        self.parts: dict[str, torch.optim.Optimizer] = {"adam": self.adam}
        if kernels:
            self.parts["muon"] = Muon(list(kernels), momentum=0.9)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for part in self.parts.values():
            part.zero_grad(set_to_none=True)

    def step(self, rate: float) -> None:
        """Move by ``rate`` against the gradients."""
        for name, part in self.parts.items():
            for group in part.param_groups:
                group["lr"] = rate * ADAM_SHARE if name == "adam" else rate
            part.step()

    def state_dict(self) -> dict[str, Tensor]:
        """What past steps left behind, such as ``adam.3.exp_avg`` of Adam's parameter number 3. All
        else follows from the config.
        """
        return {
            f"{name}.{number}.{key}": tensor
            for name, part in self.parts.items()
            for number, state in part.state_dict()["state"].items()
            for key, tensor in state.items()
        }

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state_dict` gave."""
        for name, tensor in state.items():
            part, number, key = name.split(".")
            own = self.parts[part].param_groups[0]["params"][int(number)]
            self.parts[part].state[own][key] = _laid_out_like(own, tensor)


def _laid_out_like(parameter: nn.Parameter, tensor: Tensor) -> Tensor:
    """Fused steps walk through memory, so a state lies there as its parameter does."""
    if tensor.shape != parameter.shape:
        return tensor.to(parameter.device)
    return torch.empty_like(parameter).copy_(tensor)
