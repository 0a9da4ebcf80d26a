"""Why this target? Its score as an exact sum over attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.special import softmax

from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.calibration import as_logits
from interpretable_gan.explain.explanation import (
    Explanation,
    joined,
    relative_gap,
    share_of,
)
from interpretable_gan.explain.target_head import TargetHead
from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

Array = NDArray[np.float64]

SAID = 3
"""Attributes that a sentence names on either side."""


@dataclass(frozen=True, eq=False)
class TargetExplanation(Explanation):
    """The score of a target as a sum over the other attributes, for a batch of images.

        score = offset + Σ contributions

    The score is the log-odds of a binary target, one logit per level of a categorical one, and the
    value itself of a continuous one. A contribution is 0 on average over the training images.

    names: the attributes that contribute, in the order of the arrays
    contributions: what each adds  (image, attribute, output)
    offset: the score to which they add  (output,)
    score: what the head itself computed  (image, output)
    values: what the target is predicted to be: probability of being on, a level, or a number
        (image,)
    code: what the encoder read  (image, columns)
    """

    schema: Schema
    target: str
    names: tuple[str, ...]
    contributions: Array
    offset: Array
    score: Array
    values: NDArray[Any]
    code: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.score)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, attribute, output (the target itself, where it has no levels)."""
        outputs = self.schema[self.target].levels or (self.target,)
        return {"image": tuple(range(len(self))), "attribute": self.names, "output": outputs}

    @property
    def sum_error(self) -> float:
        """Worst gap between the sum and the score, relative to the score where that is larger than
        1. Lower is better; rounding leaves about 1e-15."""
        return relative_gap(self.offset + self.contributions.sum(axis=1), self.score)

    @property
    def shares(self) -> dict[str, Array]:
        """Shares of ``named`` and ``discovered`` attributes in the sum of absolute contributions,
        ``(image,)`` each: 0 to 1, and they add up to 1."""
        sizes = np.abs(self.contributions).sum(axis=2)
        named = np.array([self.schema[name].source == "named" for name in self.names])
        total = sizes.sum(axis=1)
        return {
            "named": share_of(sizes[:, named].sum(axis=1), total),
            "discovered": share_of(sizes[:, ~named].sum(axis=1), total),
        }

    def totals(self, image: int = 0) -> dict[str, float]:
        """What each attribute adds to one image's score; of a categorical target, to the predicted
        level against the mean of the others."""
        terms = self.contributions[image]
        chosen = int(self.score[image].argmax())
        moved = terms[:, chosen]
        if terms.shape[1] > 1:
            moved = moved - (terms.sum(axis=1) - moved) / (terms.shape[1] - 1)
        return dict(zip(self.names, moved.tolist(), strict=True))

    def strongest(self, image: int = 0, count: int = 8) -> list[tuple[str, float]]:
        """The attributes that move one image's prediction most, with what they add."""
        return sorted(self.totals(image).items(), key=lambda pair: -abs(pair[1]))[:count]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per image, attribute and output, and one per offset; those of an image and
        output add up to its score."""
        rows = []
        for image in range(len(self)):
            for number, output in enumerate(self.axes["output"]):
                key = {"image": image, "output": output}
                rows.append(key | {"attribute": None, "contribution": float(self.offset[number])})
                for name, terms in zip(self.names, self.contributions[image], strict=True):
                    rows.append(key | {"attribute": name, "contribution": float(terms[number])})
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Terms, predictions and shares."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        del told["schema"]
        return told | {
            "sum_error": self.sum_error,
            "shares": self.shares,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """What is predicted, what pulls it up and down, and what share of that has a name."""
        ranked = self.strongest(image, len(self.names))
        sides = {
            "up": [self._told(name, term) for name, term in ranked if term > 0][:SAID],
            "down": [self._told(name, term) for name, term in ranked if term < 0][:SAID],
        }
        pulled = [f"{side} by {joined(names)}" for side, names in sides.items() if names]
        named, found = (self.shares[part][image] for part in ("named", "discovered"))
        return (
            f"{self._predicted(image)} "
            + (f"It is pulled {joined(pulled)}, against a typical image. " if pulled else "")
            + f"Of all that moves it {named:.0%} has a name and {found:.0%} was discovered."
        )

    def plot(self, image: int = 0, count: int = 8) -> Image.Image:
        """Bars of the attributes that move one image's prediction most."""
        strongest = self.strongest(image, count)
        return bar_picture({self.schema[name].label: term for name, term in strongest})

    def _predicted(self, image: int) -> str:
        target, value = self.schema[self.target], self.values[image]
        if target.kind == "binary":
            return f"{target.label}: probability {value:.2f} of being on."
        if target.kind == "categorical":
            sure = softmax(self.score[image]).max()
            return f"{target.label} is probably {value} (probability {sure:.2f})."
        return f"{target.label} is put at {value:.3g} {target.unit}".rstrip() + "."

    def _told(self, name: str, term: float) -> str:
        return f"{self.schema[name].label} ({term:+.2f})"


def explain_target(model: ImageModel, images: Images, head: TargetHead) -> TargetExplanation:
    """Say why images get their predicted target: read them, and add up.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].
        head: from `fit_target`, or loaded.

    Raises:
        DataError: images that cannot be read, see `ImageModel.checked`.
        RunError: the head was fitted on the readings of other weights.
    """
    head.check(model)
    code = model.read_code(images)[:, : head.schema.columns].cpu().numpy()
    score, target = head.scores(code), head.schema[head.target]
    if target.kind == "continuous":
        values: NDArray[Any] = score[:, 0]
    else:
        chances = softmax(as_logits(target, score), axis=1)
        levels = np.array(target.levels)
        values = levels[chances.argmax(axis=1)] if target.levels else chances[:, 1]
    return TargetExplanation(
        schema=head.schema,
        target=head.target,
        names=head.names,
        contributions=head.contributions(code),
        offset=head.offset,
        score=score,
        values=values,
        code=code,
    )
