"""From the features of a published network to attributes, and from these to a target.

Evidence is read place by place, from features f of four depths ℓ of the fixed network::

    h(ℓ,p) = max(0, W_ℓ f(ℓ,p) + b_ℓ)                  evidence that readings share
    s_c = o_c + mean_p Σ_ℓ v_c(ℓ) · h(ℓ,p)             named column c
    d_j = mean_p Σ_ℓ max(0, w_j(ℓ) · f(ℓ,p) + b_j(ℓ))   discovered attribute j
    t = b + Σ_c A_c s_c + Σ_j B_j d_j + mean_p Σ_ℓ u(ℓ) · h(ℓ,p)     target, with its residual

Every line is a sum over places, so the target is an exact sum over attributes and places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.shapes import Code, Features, Images, Known

LEVELS = len(pretrained.DEEPER)

Placed = Float[Tensor, "batch columns levels places"]
"""What each place of each level adds to some columns."""

Seen = tuple[Tensor, ...]
"""The fixed network's features at 8×8 places, level by level: (batch, places, channels)."""


@torch.no_grad()
def look(images: Images) -> Seen:
    """What the published network sees of images, as float16; grey ones enter as colours do.

    Raises:
        MissingExtraError: the network is not installed.
    """
    colours = images.expand(-1, 3, -1, -1)
    levels = pretrained.lite0(images.device, pretrained.DEEPER)(colours)
    return tuple(F.adaptive_avg_pool2d(each, PLACES).flatten(2).mT.half() for each in levels)


def side_by_side(seen: Seen) -> Features:
    """All levels as one, (batch, channels, 8, 8)."""
    whole = torch.cat([each.float() for each in seen], dim=2).mT
    return whole.reshape(len(whole), -1, PLACES, PLACES)


class Sums(NamedTuple):
    """What places add: to named columns but the target's, to discovered attributes, and to the
    residual of each of the target's columns."""

    named: Tensor
    discovered: Tensor
    residual: Tensor


class Evidence(nn.Module):
    """Features to evidence, and evidence to sums.

    Args:
        width: channels of shared evidence per level.
        columns: of named attributes that are no target.
        discovered: attributes that training finds.
        targets: columns of the target.

    Shape: `Seen` of a batch to `Sums`, each (batch, columns, levels, places).
    """

    def __init__(self, *, width: int, columns: int, discovered: int, targets: int) -> None:
        super().__init__()
        self.shared, self.found = (
            nn.ModuleList(nn.Linear(tap.channels, units) for tap in pretrained.DEEPER)
            for units in (width, discovered)
        )
        scale = (width * LEVELS) ** -0.5
        self.named = nn.Parameter(torch.randn(columns, LEVELS, width) * scale)
        self.residual = nn.Parameter(torch.zeros(targets, LEVELS, width))

    def forward(self, seen: Seen) -> Sums:
        """What each place adds, divided by the number of places."""
        shared, found = active(self.shared, seen), active(self.found, seen)
        named = torch.einsum("blpw,clw->bclp", shared, self.named)
        residual = torch.einsum("blpw,clw->bclp", shared, self.residual)
        return Sums(*(each / PLACES**2 for each in (named, found.movedim(3, 1), residual)))

    def sums(self, seen: Seen) -> Sums:
        """The same over all places and levels, (batch, columns) each, in less time."""
        shared, found = self.shared_means(seen), active(self.found, seen).mean(dim=2)
        return Sums(
            torch.einsum("blw,clw->bc", shared, self.named),
            found.sum(dim=1),
            torch.einsum("blw,clw->bc", shared, self.residual),
        )

    def shared_means(self, seen: Seen) -> Tensor:
        """Shared evidence, mean over places, (batch, levels, width)."""
        return active(self.shared, seen).mean(dim=2)

    def found_sums(self, seen: Seen) -> Tensor:
        """How much there is of each discovered attribute, (batch, discovered)."""
        return active(self.found, seen).mean(dim=2).sum(dim=1)


def active(units: nn.ModuleList, seen: Seen) -> Tensor:
    """max(0, W f + b) of each level, (batch, levels, places, units)."""
    levels = [unit(each.float()) for unit, each in zip(units, seen, strict=True)]
    return F.relu(torch.stack(levels, dim=1))


class Scores(NamedTuple):
    """Readings of named columns but the target's, and the target by what may explain it: names
    alone; what was discovered as well; the residual as well. Each (batch, columns)."""

    readings: Code
    named: Tensor
    discovered: Tensor
    total: Tensor


class ReaderNetwork(nn.Module):
    """Readings and the target of images.

    The target's weights act on readings less their mean over training images, so that each
    contribution is 0 on average. ``typical`` are mean readings of training images whose label says
    that a column is off (0) and on (1), (2, column, column).

    Shape: `Seen` of a batch to `Scores`.
    """

    means: Tensor
    found_means: Tensor
    residual_means: Tensor
    found_spread: Tensor
    typical: Tensor

    def __init__(self, *, width: int, columns: int, discovered: int, targets: int) -> None:
        super().__init__()
        self.evidence = Evidence(
            width=width, columns=columns, discovered=discovered, targets=targets
        )
        self.familiar = Familiar(sum(tap.channels for tap in pretrained.DEEPER))
        self.offset = nn.Parameter(torch.zeros(columns))
        self.bias = nn.Parameter(torch.zeros(targets))
        self.by_name = nn.Parameter(torch.zeros(targets, columns))
        self.by_found = nn.Parameter(torch.randn(targets, discovered) * 0.1)
        for name, width in (("means", columns), ("found_means", discovered)):
            self.register_buffer(name, torch.zeros(width, LEVELS, PLACES**2))
        self.register_buffer("residual_means", torch.zeros(targets, LEVELS, PLACES**2))
        self.register_buffer("found_spread", torch.ones(discovered))
        self.register_buffer("typical", torch.zeros(2, columns, columns))

    def forward(self, seen: Seen) -> Scores:
        sums = self.evidence.sums(seen)
        named = self.by_names(sums.named)
        found = named + self.by_discovered(sums.discovered)
        total = found + sums.residual - self.residual_means.sum(dim=(1, 2))
        return Scores(self.offset + sums.named, named, found, total)

    def by_names(self, sums: Tensor) -> Tensor:
        """The target by names alone, from what places add to readings, (batch, targets)."""
        return self.bias + (sums - self.means.sum(dim=(1, 2))) @ self.by_name.T

    def by_discovered(self, sums: Tensor) -> Tensor:
        """What discovered attributes add, (batch, targets)."""
        return (sums - self.found_means.sum(dim=(1, 2))) @ self.by_found.T

    def placed(self, seen: Seen) -> Sums:
        """What each place adds to the target, against training images, by the columns of each
        source: named (batch, target, column, level, place) and so on; of the residual without the
        third."""
        sums = self.evidence(seen)
        apart = [
            each - mean
            for each, mean in zip(
                sums, (self.means, self.found_means, self.residual_means), strict=True
            )
        ]
        named = torch.einsum("bclp,tc->btclp", apart[0], self.by_name)
        found = torch.einsum("bclp,tc->btclp", apart[1], self.by_found)
        return Sums(named, found, apart[2])

    @torch.no_grad()
    def centre(self, batches: Iterable[Seen]) -> None:
        """Let contributions be 0 on average over these images; scores stay as they are."""
        before = (self.means, self.found_means, self.residual_means)
        totals, found_sums = [torch.zeros_like(each) for each in before], []
        for seen in batches:
            sums = self.evidence(seen)
            for total, each in zip(totals, sums, strict=True):
                total += each.sum(dim=0)
            found_sums.append(sums.discovered.sum(dim=(2, 3)))
        every = torch.cat(found_sums)
        count = len(every)
        self.found_spread.copy_((3 * every.std(dim=0)).clamp(min=1e-6))
        moved = [total / count - mean for total, mean in zip(totals, before, strict=True)]
        named, found, residual = (each.sum(dim=(1, 2)) for each in moved)
        self.bias.add_(self.by_name @ named + self.by_found @ found + residual)
        for mean, move in zip(before, moved, strict=True):
            mean += move

    def found(self, seen: Seen) -> Tensor:
        """How much there is of each discovered attribute against training images, (batch,
        discovered), in standard deviations over 3, so that nearly all lie in [-1, 1]."""
        sums = self.evidence.found_sums(seen) - self.found_means.sum(dim=(1, 2))
        return sums / self.found_spread

    @torch.no_grad()
    def usual(self, readings: Code, codes: Code, known: Known) -> None:
        """Note what is read of images with each label, all (images, columns)."""
        for side, labelled in enumerate((codes < 0, codes > 0)):
            told = (labelled & known).float()
            self.typical[side] = told.T @ readings / told.sum(dim=0)[:, None].clamp(min=1)
