"""Which way z moves for a value: boundaries of what is read, or directions found without labels."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.base import Model
from interpretable_gan.models.frozen.networks import FrozenGenerator
from interpretable_gan.shapes import NamedCode
from interpretable_gan.steer.trial import BATCH, Trial

RIDGE = 1e-3
"""Penalty of the fit, in mean variances of z: what hardly varies gets no slope by chance."""
COMPONENTS = 30
"""Directions that are looked at, of those that change images most."""
SIDE = 16
"""Pixels a side of the images whose principal components are taken."""

Directions = Float[Tensor, "values z"]


def boundaries(trial: Trial, model: Model) -> Directions:
    """The slope of a linear fit of each value's log-odds on z, from which those of the others are
    projected out (InterFaceGAN, Shen et al. 2020)."""
    slopes = ridge(trial.z, trial.odds)  # (z, read)
    return torch.stack(
        [
            conditional(value.side * slopes[:, value.column], slopes[:, others])
            for value, others in zip(trial.values, trial.others.cpu(), strict=True)
        ]
    )


def components(trial: Trial, model: Model) -> Directions:
    """Of the principal components of what is drawn, carried back to z by a linear fit (GANSpace,
    Härkönen et al. 2020), the one that goes best with each value."""
    pixels = torch.cat(
        [
            F.adaptive_avg_pool2d(model.draw(code, style), SIDE).flatten(1).cpu()
            for code, style in zip(
                torch.split(trial.code, BATCH), torch.split(trial.style, BATCH), strict=True
            )
        ]
    ).double()
    apart = pixels - pixels.mean(dim=0)
    _, axes = torch.linalg.eigh(apart.T @ apart)
    return best(trial, ridge(trial.z, apart @ axes[:, -COMPONENTS:]).T)


def closed_form(trial: Trial, model: Model) -> Directions:
    """Of the directions that the generator's first layer stretches most (SeFa, Shen & Zhou 2021),
    the one that goes best with each value.

    Raises:
        ConfigError: its weights are not known.
    """
    generator = getattr(model, "generator", None)
    if not isinstance(generator, FrozenGenerator) or (first := generator.program.first) is None:
        raise ConfigError(
            f"closed-form directions need the first layer's weights, which {model.name} does not "
            "tell: take boundaries or components."
        )
    _, axes = torch.linalg.eigh((first.T @ first).double())
    own = axes[:, -COMPONENTS:].T @ torch.linalg.inv(generator.rest.double().cpu())
    return best(trial, F.pad(own, (trial.z.shape[1] - own.shape[1], 0)))


DIRECTIONS: dict[str, Callable[[Trial, Model], Directions]] = {
    "boundaries": boundaries,
    "components": components,
    "closed-form": closed_form,
}
"""By the name that the command line gives them."""


def best(trial: Trial, found: Float[Tensor, "found z"]) -> Directions:
    """For each value the unit direction of those found, on its better side, along which its
    log-odds correlate most."""
    found = found / found.norm(dim=1, keepdim=True)
    along = _standard(trial.z.cpu().double() @ found.T)  # (samples, found)
    odds = _standard(trial.odds.cpu().double())  # (samples, read)
    alike = odds.T @ along / len(along)  # (read, found)
    chosen = []
    for value in trial.values:
        mine = value.side * alike[value.column]
        best = mine.abs().argmax()
        chosen.append(found[best] * mine[best].sign())
    return torch.stack(chosen)


def _standard(numbers: Tensor) -> Tensor:
    return (numbers - numbers.mean(dim=0)) / numbers.std(dim=0).clamp(min=1e-9)


def ridge(z: Float[Tensor, "batch z"], odds: NamedCode) -> Float[Tensor, "z named"]:
    """Slopes of the linear fit of log-odds on z, by ridge regression."""
    z, odds = (each.cpu().double() - each.cpu().double().mean(dim=0) for each in (z, odds))
    square = z.T @ z
    penalty = RIDGE * square.diagonal().mean() * torch.eye(len(square))
    return torch.linalg.solve(square + penalty, z.T @ odds)


def conditional(
    slope: Float[Tensor, " z"], others: Float[Tensor, "z others"]
) -> Float[Tensor, " z"]:
    """The unit direction of a slope from which those of others are projected out; 0 where that
    leaves nothing but rounding."""
    shares = torch.linalg.lstsq(others, slope[:, None], driver="gelsd").solution
    left = slope - (others @ shares)[:, 0]
    return left / left.norm() if left.norm() > 1e-6 * slope.norm() else torch.zeros_like(left)
