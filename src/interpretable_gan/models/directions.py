"""What asking in full takes along: for every attribute a direction through all of z."""

from __future__ import annotations

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.shapes import Code, Style


class Directions(nn.Module):
    """Moves z = (s, v, u) where a named column is asked for beyond what labels claim::

        z + Σ_k h(s_k) · d[k, side]        h(s) = max(0, |s| − typical) / (1 − typical)

    with one direction d for either side, ``off`` and ``on``. h is 0 for the codes of real images
    and 1 for ±1, so nothing but what is asked for moves; of ``measured`` columns, whose values are
    no claims, it is 0 always. All of z enters every layer of the generator linearly: an attribute's
    influence on a layer remains one additive term.

    Directions start at 0, where asking for an attribute moves its own column alone.

    Shape: code (batch, columns) and style (batch, style) to the same.
    """

    claims: Tensor

    def __init__(
        self, measured: Bool[Tensor, "named"], *, columns: int, style: int, typical: float
    ) -> None:
        super().__init__()
        self.typical, self.columns = typical, columns
        self.off = nn.Parameter(torch.zeros(len(measured), columns + style))
        self.on = nn.Parameter(torch.zeros(len(measured), columns + style))
        self.register_buffer("claims", (~measured).float(), persistent=False)

    def forward(self, code: Code, style: Style) -> tuple[Code, Style]:
        if self.typical == 1:  # labels say all, and nothing is asked for beyond them
            return code, style
        named = code[:, : len(self.on)]
        beyond = self.claims * (named.abs() - self.typical).clamp(min=0) / (1 - self.typical)
        moved = (beyond * (named > 0)) @ self.on + (beyond * (named < 0)) @ self.off
        return code + moved[:, : self.columns], style + moved[:, self.columns :]
