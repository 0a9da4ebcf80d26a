"""What asking in full takes along: for every attribute a direction through all of z."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from interpretable_gan.shapes import Code, Style

TRAITS = 8
"""So many principal components of what is claimed."""


class Directions(nn.Module):
    """Moves z = (s, v, u) where a named column is asked for beyond what labels claim::

        z + Σ_k h(s_k) · (d[k, side] + g[k, side] ⊙ z + Σ_t f_t · e[k, side, t])

        h(s) = max(0, |s| − typical) / (1 − typical)    f = traits · (claims − usual)

    with a shift d for all images, a gain g that holds what is there more firmly or lets it go, and
    a shift e for each trait of who is edited: a beard takes less where there is a man. Each value,
    a side ``off`` or ``on``, has its own. Claims are s, at most ± typical, and traits their first
    principal components in training, of variance 1. h is 0 for the codes of real images and 1 for
    ±1, so nothing but what is asked for moves; of ``measured`` columns, whose values are no claims,
    it is 0 always. All of z enters every layer of the generator linearly: an attribute's influence
    on a layer remains one additive term.

    Directions start at 0, where asking for an attribute moves its own column alone.

    Shape: code (batch, columns) and style (batch, style) to the same.
    """

    claims: Tensor
    usual: Tensor
    traits: Tensor

    def __init__(
        self, measured: Bool[Tensor, " named"], *, columns: int, style: int, typical: float
    ) -> None:
        super().__init__()
        self.typical, self.columns = typical, columns
        named, z = len(measured), columns + style
        self.off, self.on = (nn.Parameter(torch.zeros(named, z)) for _ in range(2))
        self.gain_off, self.gain_on = (nn.Parameter(torch.zeros(named, z)) for _ in range(2))
        self.off_traits, self.on_traits = (
            nn.Parameter(torch.zeros(named, TRAITS, z)) for _ in range(2)
        )
        self.register_buffer("claims", (~measured).float(), persistent=False)
        self.register_buffer("usual", torch.zeros(named))
        self.register_buffer("traits", torch.zeros(TRAITS, named))

    def forward(self, code: Code, style: Style) -> tuple[Code, Style]:
        if self.typical == 1:  # labels say all, and nothing is asked for beyond them
            return code, style
        named = code[:, : len(self.on)]
        beyond = self.claims * (named.abs() - self.typical).clamp(min=0) / (1 - self.typical)
        on, off = beyond * (named > 0), beyond * (named < 0)
        traits = self.traits_of(code)
        z = torch.cat([code, style], dim=1)
        z = (
            z
            + (on @ self.on + off @ self.off)
            + (on @ self.gain_on + off @ self.gain_off) * z
            + torch.einsum("bk,bt,ktz->bz", on, traits, self.on_traits)
            + torch.einsum("bk,bt,ktz->bz", off, traits, self.off_traits)
        )
        return z[:, : self.columns], z[:, self.columns :]

    def learn_traits(self, codes: Code) -> None:
        """From the codes of training."""
        claimed = self._claimed(codes)
        self.usual.copy_(claimed.mean(dim=0))
        _, lengths, components = torch.linalg.svd(claimed - self.usual, full_matrices=False)
        spread = lengths[:TRAITS, None] / len(codes) ** 0.5
        real = spread > 1e-4  # what nobody has is no trait
        self.traits[: len(spread)] = torch.where(real, components[:TRAITS] / spread, 0)

    def traits_of(self, code: Code) -> Float[Tensor, "batch traits"]:
        """f, of what codes claim."""
        return (self._claimed(code) - self.usual) @ self.traits.T

    def _claimed(self, code: Code) -> Float[Tensor, "batch named"]:
        return code[:, : len(self.on)].clamp(-self.typical, self.typical)
