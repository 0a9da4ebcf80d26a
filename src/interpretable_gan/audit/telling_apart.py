"""What goes together is easily taken for one another: a loss for evaluators against it."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Known, NamedCode

WEIGHT = 0.3
"""Of telling apart, beside reading each attribute. More makes the single readings worse."""
SELDOM = 0.001
"""What fewer images than this share have is no more important for being rare."""


class TellingApart:
    """How badly readings tell which of two binary attributes an image has, if it has one of them::

        Σ_j r_kj² · E[softplus(s_j − s_k) | k and not j]      mean over attributes k

    with raw readings s and the correlation r of two attributes' labels, where it is positive: those
    that are independent are not taken for one another. Differences of readings as in RankNet
    (Burges et al. 2005), of attributes rather than images.

    Args:
        schema: the attributes.
        codes, known: labels of all training images, ``(rows, named columns)``.
    """

    def __init__(self, schema: Schema, codes: NamedCode, known: Known) -> None:
        self.columns = [
            schema.slices[each.name].start for each in schema.named if each.kind == "binary"
        ]
        on, off = self._labels(codes, known)
        together, apart = on.T @ on, on.T @ off  # images with both, and with the first alone
        neither = off.T @ off
        crossed = together * neither - apart * apart.T
        spread = (together + apart) * (apart.T + neither) * (together + apart.T) * (apart + neither)
        alike = crossed.clamp(min=0).square() / spread.clamp(min=1)  # the correlation, squared
        one = (apart + apart.T) / len(codes)
        self.weights = alike.fill_diagonal_(0) / one.clamp(min=SELDOM) / len(schema.named)

    def __call__(self, raw: Code, code: NamedCode, known: Known) -> Tensor:
        """Of a batch, ``(batch, columns)`` each."""
        on, off = self._labels(code, known)
        said = raw[:, self.columns]
        wrong = F.softplus(said[:, None, :] - said[:, :, None])  # (batch, has, has not)
        pairs = on[:, :, None] * off[:, None, :]
        return (wrong * pairs * self.weights.to(raw.device)).sum() / len(raw)

    def _labels(
        self, codes: NamedCode, known: Known
    ) -> tuple[Float[Tensor, "rows binary"], Float[Tensor, "rows binary"]]:
        """1 where an attribute is known to be on, and 1 where it is known to be off."""
        told = known[:, self.columns]
        on = (codes[:, self.columns] > 0) & told
        return on.float(), (told & ~on).float()
