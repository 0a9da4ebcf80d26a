"""Where the styles of real images lie, so that fresh ones are drawn from there."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from interpretable_gan.shapes import Style

MEMORY = 4_000
"""Images after which what was seen of styles counts half."""


class StyleSpace(nn.Module):
    """Standard normal numbers to styles that are spread as those read from real images, and back.

    A style encoder that is held to independent normal numbers one by one still lets them depend on
    each other, so draws from there are like no image: backgrounds get marks, heads one pose. A
    normal distribution fitted to what was read mends that (Ghosh et al. 2020).

    Shape: (batch, style) both ways. ``mean`` (style,) and ``spread`` (style, style), the lower
    Cholesky factor of the covariance, follow what `follow` is given.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, style: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(style))
        self.register_buffer("spread", torch.eye(style))
        self.register_load_state_dict_pre_hook(_standard)  # type: ignore[no-untyped-call]

    def from_normal(self, numbers: Style) -> Style:
        """Styles from standard normal numbers."""
        return self.mean + numbers @ self.spread.T

    def to_normal(self, styles: Style) -> Style:
        """The numbers that styles come from."""
        apart = (styles.float() - self.mean).T
        return torch.linalg.solve_triangular(self.spread, apart, upper=False).T

    @torch.no_grad()
    def follow(self, styles: Style) -> None:
        """Take in styles that were read from real images."""
        forget = 1 - 0.5 ** (len(styles) / MEMORY)
        apart = styles.float() - self.mean
        seen = apart.T @ apart / len(styles)
        self.mean += forget * apart.mean(dim=0)
        covariance = torch.lerp(self.spread @ self.spread.T, seen, forget)
        self.spread.copy_(torch.linalg.cholesky_ex(covariance).L)  # the loop sees what diverged


def _standard(space: StyleSpace, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Runs that were begun before there was such a space drew styles as they are."""
    for name, value in (("mean", torch.zeros), ("spread", torch.eye)):
        state.setdefault(prefix + name, value(len(space.mean)))
