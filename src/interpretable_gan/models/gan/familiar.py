"""Whether an image is like those that a model learned from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from interpretable_gan.shapes import Features, Scores

COMPONENTS = 64
"""Principal components that training images are described by."""

WITHIN = 0.99
"""Share of training images, others than those it was fitted on, that are taken as usual."""


class Familiar(nn.Module):
    """How much of an image's features the principal components of training images leave over, as
    novelty detection by reconstruction has it. It sees what the style encoder sees.

    Shape: features (batch, seen, 8, 8) to strangeness (batch,): 1 is what 99 % of training images
    keep below, and 0 what everything is before `fit`.
    """

    mean: Tensor
    axes: Tensor
    scale: Tensor

    def __init__(self, seen: int) -> None:
        super().__init__()
        numbers = seen * 4 * 4
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("axes", torch.zeros(numbers, COMPONENTS))
        self.register_buffer("scale", torch.zeros(()))
        self.register_load_state_dict_pre_hook(_unfitted)  # type: ignore[no-untyped-call]

    def forward(self, features: Features) -> Scores:
        return self.scale * self._left(flat(features))

    @torch.no_grad()
    def fit(self, features: Tensor) -> None:
        """Learn what is usual from rows as `flat` gives them: components from one half of them,
        how far from these is usual from the other."""
        half = len(features) // 2
        self.mean.copy_(features[:half].mean(dim=0))
        apart = (features[:half] - self.mean).double()
        found, turned = torch.linalg.eigh(apart @ apart.T)  # fewer rows than numbers
        kept = slice(-min(COMPONENTS, half), None)
        axes = apart.T @ turned[:, kept] / found[kept].clamp(min=1e-9).sqrt()
        self.axes.zero_()
        self.axes[:, : axes.shape[1]] = axes.float()
        self.scale.copy_(1 / self._left(features[half:]).quantile(WITHIN).clamp(min=1e-9))

    def _left(self, rows: Tensor) -> Scores:
        """Norm of what the components leave of rows."""
        apart = rows - self.mean
        along = apart @ self.axes
        return (apart.square().sum(dim=1) - along.square().sum(dim=1)).clamp(min=0).sqrt()


def flat(features: Features) -> Tensor:
    """Features (batch, seen, 8, 8) at 4×4 places, in a row (batch, seen · 16)."""
    return F.avg_pool2d(features.float(), 2).flatten(1)


def _unfitted(module: Familiar, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Runs of earlier versions take nothing as strange."""
    for name, buffer in module.named_buffers():
        state.setdefault(prefix + name, torch.zeros_like(buffer))
