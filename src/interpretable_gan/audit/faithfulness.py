"""Do explanations name what the decision rests on? Curves of deletion and insertion.

Deletion takes the most relevant parts of the evidence away first and looks how fast the score
falls; insertion gives them back to an empty picture (Petsiuk, Das & Saenko 2018). Two yardsticks:

- `cell_faithfulness` deletes (attribute, place) cells of evidence. The discriminator's logit is a
  sum over them, so its own terms are the best ranking *by construction*; the test shows how far
  others are from it, and a deletion curve there mirrors the insertion curve.
- `pixel_faithfulness` deletes the pixels of places. No ranking is favoured by construction, and a
  discriminator without parts can be put to the same test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from interpretable_gan.audit.rankings import (
    STEPS,
    Relevance,
    attribute_terms,
    cell_contributions,
    gradient_times_input,
    integrated_gradients,
    usual_evidence,
)
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.uncertainty import bootstrap_interval
from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Scores

RESAMPLES = 1000
POINTS = 65
"""Points of a curve that are kept; areas use all of them."""
BATCH = 128

Direction = Literal["deletion", "insertion"]
Interval = tuple[float, float]
Curves = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """Curves of a score while its evidence is deleted, or inserted, by several rankings.

    yardstick: what is deleted: ``cells`` of evidence or ``pixels`` of places
    baseline: what stands in for what was deleted, in words
    fractions: share deleted or inserted, 0 to 1  (point,)
    deletion, insertion: ranking → score  (image, point)
    deletion_area, insertion_area: ranking → mean score along the way, in logits  (image,);
        the best ranking has the smallest area of deletion and the largest of insertion
    seed: of the random order and the intervals
    """

    yardstick: Literal["cells", "pixels"]
    baseline: str
    fractions: NDArray[np.float64]
    deletion: Curves
    insertion: Curves
    deletion_area: Curves
    insertion_area: Curves
    seed: int

    @property
    def rankings(self) -> tuple[str, ...]:
        """What was compared; ``random`` is always among them."""
        return tuple(self.deletion)

    def area(
        self, ranking: str, direction: Direction = "deletion"
    ) -> tuple[float, Interval | None]:
        """Mean area over images, in logits, and its 95 % interval over images."""
        return mean_interval(self._areas(direction)[ranking], self.seed)

    def advantage(
        self, other: str, direction: Direction = "deletion", *, of: str = "ours"
    ) -> tuple[float, Interval | None]:
        """How much better a ranking is than another, in logits, with its 95 % interval over
        images: above 0 where deletion falls deeper, or insertion rises higher, on the same images.
        """
        areas = self._areas(direction)
        gain = areas[other] - areas[of]
        return mean_interval(gain if direction == "deletion" else -gain, self.seed)

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per ranking and direction."""
        rows = []
        for ranking in self.rankings:
            for direction in ("deletion", "insertion"):
                area, interval = self.area(ranking, direction)
                low, high = interval or (np.nan, np.nan)
                rows.append(
                    {
                        "yardstick": self.yardstick,
                        "ranking": ranking,
                        "direction": direction,
                        "area": area,
                        "area_low": low,
                        "area_high": high,
                    }
                )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Areas and mean curves by ranking, and the circumstances."""
        return {
            "yardstick": self.yardstick,
            "baseline": self.baseline,
            "images": len(next(iter(self.deletion.values()))),
            "seed": self.seed,
            "fractions": self.fractions,
            "rankings": {
                ranking: {
                    direction: {
                        "area": self.area(ranking, direction)[0],
                        "interval": self.area(ranking, direction)[1],
                        "curve": getattr(self, direction)[ranking].mean(axis=0),
                    }
                    for direction in ("deletion", "insertion")
                }
                for ranking in self.rankings
            },
        }

    def _areas(self, direction: Direction) -> Curves:
        return self.deletion_area if direction == "deletion" else self.insertion_area


def cell_faithfulness(
    discriminator: Discriminator,
    schema: Schema,
    images: Images,
    code: Code,
    reference: Images,
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> Faithfulness:
    """Delete and insert (attribute, place) cells of evidence, by four rankings.

    A deleted cell has its evidence replaced by its mean over the reference images. ``ours`` ranks
    cells by their exact contributions, ``gradient_times_input`` and ``integrated_gradients`` by an
    attribute's term explained in the pixels of the place, ``random`` not at all. The residual has
    no cells and stays as it is.

    Args:
        discriminator: the additive one.
        images: to explain, (batch, channels, size, size) in [-1, 1]; two or more.
        code: what they are decided by, all columns.
        reference: what is usual, such as other held-out images; their mean is also where
            integrated gradients start.
        steps: of integrated gradients.
        seed: of the random order and the intervals.

    Raises:
        MetricError: fewer than two images, or a black-box discriminator.
    """
    if isinstance(discriminator, OpaqueDiscriminator):
        raise MetricError(
            "a black-box discriminator has no cells of evidence: use pixel_faithfulness."
        )
    check_enough(images)
    usual = usual_evidence(discriminator, reference)
    with torch.no_grad():
        logit = discriminator(images, code).logit.double().cpu().numpy()
    ours = cell_contributions(discriminator, schema, images, code, usual)
    terms = attribute_terms(discriminator, schema, code)
    mean = reference.mean(dim=0, keepdim=True)
    relevances = {
        "ours": ours,
        "gradient_times_input": gradient_times_input(terms, images),
        "integrated_gradients": integrated_gradients(terms, images, mean, steps=steps),
        "random": np.random.default_rng(seed).random(ours.shape),
    }
    deletion, insertion = {}, {}
    for ranking, relevance in relevances.items():
        gone = _running_sum(ours, relevance)
        deletion[ranking] = logit[:, None] - gone
        insertion[ranking] = logit[:, None] - gone[:, -1:] + gone
    return _faithfulness(
        "cells", f"mean evidence of {len(reference)} reference images", deletion, insertion, seed
    )


def pixel_faithfulness(
    score: Callable[[Images], Scores],
    images: Images,
    relevances: Mapping[str, NDArray[Any]],
    baseline: Images,
    *,
    described: str = "a baseline image",
    steps: int = 16,
    seed: int = 0,
) -> Faithfulness:
    """Delete and insert the pixels of places, by any rankings, beside a random order.

    Args:
        score: images to the number that is explained, (batch,), each of its own image; called with
            all images at once.
        images: to explain; two or more.
        relevances: ranking → (image, row, column) of places that divide the image evenly.
        baseline: what stands in for deleted pixels, such as `blurred` images or a mean image;
            one for all or one each.
        described: the baseline, in words.
        steps: how many groups of places are deleted one after the other.
        seed: of the random order and the intervals.

    Raises:
        MetricError: fewer than two images, or relevances of another shape.
    """
    check_enough(images)
    baseline = baseline.expand_as(images)
    shape = next(iter(relevances.values())).shape
    order = np.random.default_rng(seed).random(shape)
    deletion, insertion = {}, {}
    for ranking, relevance in {**relevances, "random": order}.items():
        if relevance.shape != shape or len(shape) != 3 or shape[0] != len(images):
            raise MetricError(
                f"ranking {ranking!r} has shape {relevance.shape}; all need (image, row, column), "
                f"with {len(images)} images."
            )
        rank = _ranks(relevance.reshape(len(images), -1)).reshape(shape)
        falling, rising = [], []
        for gone in np.linspace(0, shape[1] * shape[2], steps + 1).round():
            first = _as_pixels(rank < gone, images)
            falling.append(_scores(score, torch.where(first, baseline, images)))
            rising.append(_scores(score, torch.where(first, images, baseline)))
        deletion[ranking], insertion[ranking] = np.stack(falling, 1), np.stack(rising, 1)
    return _faithfulness("pixels", described, deletion, insertion, seed)


def blurred(images: Images, *, places: int = 8) -> Images:
    """Images in which each pixel is the mean of a window as wide as two places, twice over."""
    reach = images.shape[-1] // places
    window = nn.AvgPool2d(2 * reach + 1, stride=1)
    for _ in range(2):
        images = window(nn.functional.pad(images, (reach,) * 4, mode="replicate"))
    return images


def mean_interval(values: NDArray[np.float64], seed: int) -> tuple[float, Interval | None]:
    """Mean over images and its 95 % interval, by resampling images."""
    rows = np.random.default_rng([seed, 1]).integers(0, len(values), (RESAMPLES, len(values)))
    mean = float(values.mean())
    return mean, bootstrap_interval(mean, values[rows].mean(axis=1).tolist())


def check_enough(images: Images) -> None:
    """Raise a `MetricError` where there are too few images for an interval."""
    if len(images) < 2:
        raise MetricError(f"{len(images)} images are too few for an interval: give two or more.")


def _ranks(relevance: NDArray[Any]) -> NDArray[np.int64]:
    """0 for the most relevant of each row, 1 for the next; ties in the order of the columns."""
    return (-relevance).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")


def _running_sum(contributions: Relevance, relevance: Relevance) -> NDArray[np.float64]:
    """Contributions of the first 0, 1, … cells of a ranking, (image, cells + 1)."""
    flat = contributions.reshape(len(contributions), -1)
    order = (-relevance.reshape(len(flat), -1)).argsort(axis=1, kind="stable")
    gone = np.take_along_axis(flat, order, axis=1).cumsum(axis=1)
    return np.concatenate([np.zeros((len(flat), 1)), gone], axis=1)


def _faithfulness(
    yardstick: Literal["cells", "pixels"],
    baseline: str,
    deletion: Curves,
    insertion: Curves,
    seed: int,
) -> Faithfulness:
    """Areas from all points, curves at some of them."""
    count = next(iter(deletion.values())).shape[1]
    kept = np.unique(np.linspace(0, count - 1, min(POINTS, count)).round().astype(int))

    def areas(curves: Curves) -> Curves:
        return {
            name: np.trapezoid(curve, dx=1 / (count - 1), axis=1) for name, curve in curves.items()
        }

    def some(curves: Curves) -> Curves:
        return {name: curve[:, kept] for name, curve in curves.items()}

    return Faithfulness(
        yardstick,
        baseline,
        kept / (count - 1),
        some(deletion),
        some(insertion),
        areas(deletion),
        areas(insertion),
        seed,
    )


def _as_pixels(places: NDArray[np.bool_], images: Images) -> Tensor:
    """A mask (image, row, column) of places as one of pixels, (image, 1, height, width)."""
    mask = torch.from_numpy(places).to(images.device)
    rows, columns = (images.shape[2 + side] // places.shape[1 + side] for side in (0, 1))
    return mask.repeat_interleave(rows, 1).repeat_interleave(columns, 2)[:, None]


@torch.no_grad()
def _scores(score: Callable[[Images], Scores], images: Images) -> NDArray[np.float64]:
    return score(images).double().cpu().numpy()
