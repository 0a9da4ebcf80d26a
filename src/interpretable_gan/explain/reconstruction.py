"""The code and style from which the generator draws a given image best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan.encoder import Evidence
from interpretable_gan.models.images import ImageModel
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.shapes import Code, Images, Scores, Style

STEPS = 150
"""Steps of Adam; twice as many bring an image of 32×32 closer by a twentieth."""

RATE = 0.05
"""Step size on codes; styles, which have no ends, go twice as far."""

EVIDENCE = 0.05
"""Weight of the discriminator's evidence beside that of pixels."""

LIKELY = 0.01
"""Weight of the style's prior: far from the origin the generator draws what it never learned."""

FAITHFUL = 0.05
"""Weight of staying with the encoder's named reading, so that values keep their meaning."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Images as the generator draws them, and from what.

    code: refined from the encoder's reading, in [-1, 1]  (batch, columns)
    style: refined  (batch, style)
    images: drawn from both  (batch, channels, size, size)
    """

    code: Code
    style: Style
    images: Images

    def error(self, originals: Images) -> NDArray[np.float32]:
        """Root mean square gap to the originals, ``(batch,)``: 0 is best, 1 is black for white."""
        gap = (self.images - originals).square().mean(dim=(1, 2, 3)).sqrt() / 2
        return gap.cpu().numpy().astype(np.float32)


def reconstruct(
    model: ImageModel,
    images: Images,
    *,
    steps: int = STEPS,
    progress: Progress = silent,
) -> Reconstruction:
    """Read images, then refine code and style until the frozen generator draws them (Zhu et al.,
    "Generative Visual Manipulation on the Natural Image Manifold", ECCV 2016).

    Minimises, image by image, squared error of pixels, of the discriminator's evidence (in units
    of each attribute's spread over places), of the named code from the encoder's reading, and the
    style's norm.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].
        steps: of Adam; 0 draws from the first reading.
        progress: told how many images are refined; a half-done image counts in part.

    Raises:
        DataError: no images, or some that cannot be read, see `ImageModel.checked`.
        ConfigError: a negative number of steps.
    """
    if not len(images):
        raise DataError("there is no image to reconstruct.")
    if steps < 0:
        raise ConfigError(f"{steps} steps: give 0 or more.")
    found = []
    for start in range(0, len(images), BATCH):
        part = images[start : start + BATCH]

        def report(step: int, start: int = start, count: int = len(part)) -> None:
            done = start + count * step // max(steps, 1)
            progress(Status(done, len(images), "refining images"))

        found.append(_refined(model, model.checked(part), steps, report))
    code, style = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Reconstruction(code, style, model.draw(code, style))


def _refined(
    model: ImageModel, images: Images, steps: int, report: Callable[[int], None]
) -> tuple[Code, Style]:
    """Code and style of one batch."""
    read, first = model.encode(images)
    code, style = read.clone().requires_grad_(), first.clone().requires_grad_()
    seen = _evidence(model, images)
    spread = seen.std(dim=(2, 3, 4), keepdim=True, correction=0).clamp(min=1e-3)
    adam = torch.optim.Adam([{"params": [code]}, {"params": [style]}], lr=RATE, betas=(0.9, 0.99))
    named = model.schema.named_columns
    report(0)
    for step in range(steps):
        pace = RATE * min(1.0, 2 * (1 - step / steps))  # constant, then down to nothing
        for group, factor in zip(adam.param_groups, (1, 2), strict=True):
            group["lr"] = pace * factor
        with torch.enable_grad():
            drawn = model.render(code, style)
            evidence = (_evidence(model, drawn) - seen) / spread
            loss: Scores = (
                _mean_square(drawn - images)
                + EVIDENCE * _mean_square(evidence)
                + FAITHFUL * _mean_square((code - read)[:, :named])
                + LIKELY * _mean_square(style)
            )
            code.grad, style.grad = torch.autograd.grad(loss.sum(), (code, style))
        adam.step()
        with torch.no_grad():
            code.clamp_(-1, 1)
        report(step + 1)
    return code.detach(), style.detach()


def _evidence(model: ImageModel, images: Images) -> Evidence:
    encoder = model.encoder
    return encoder.evidence(encoder.features(images.contiguous(memory_format=torch.channels_last)))


def _mean_square(gaps: Tensor) -> Scores:
    """Mean over all but the batch."""
    return gaps.square().flatten(1).mean(dim=1)
