"""Muon (Jordan et al. 2024), in numbers that the hardware multiplies."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from interpretable_gan.arithmetic import multiplies_bfloat16

QUINTIC = 3.4445, -4.7750, 2.0315
"""a, b, c of ax + bx³ + cx⁵, which brings a singular value x of [0, 1] near 1 in few rounds."""
ROUNDS = 5
TINY = 1e-7


class Muon(torch.optim.Optimizer):
    """Momentum, turned so that a step is equally long in all directions.

    To the bit what `torch.optim.Muon` does, which computes in bfloat16 even where that is emulated
    and takes two thirds of a step; there this computes in float32.

    Args:
        kernels: matrices, ``(rows, columns)``.
        momentum: share of it that a step keeps (Nesterov's).
    """

    def __init__(self, kernels: list[Tensor], momentum: float) -> None:
        super().__init__(kernels, {"lr": 0.0, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Move by ``lr`` against the gradients."""
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for kernel in group["params"]:
                if kernel.grad is None:
                    continue
                state = self.state[kernel]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(kernel.grad)
                buffer = state["momentum_buffer"].lerp_(kernel.grad, 1 - momentum)
                turned = orthogonal(kernel.grad.lerp(buffer, momentum))
                longer = math.sqrt(max(1, kernel.shape[0] / kernel.shape[1]))
                kernel.add_(turned, alpha=-rate * longer)


def orthogonal(matrix: Tensor) -> Tensor:
    """U S Vᵀ for a matrix U Σ Vᵀ, S near 1 (about 0.7 to 1.2), by Newton–Schulz iteration."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    fast = torch.bfloat16 if multiplies_bfloat16(matrix.device.type) else torch.float32
    x = matrix.to(fast, copy=True)
    x = x.T if tall else x
    x.div_(x.norm().clamp(min=TINY))
    for _ in range(ROUNDS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x
