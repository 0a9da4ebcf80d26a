"""Why this target? A reader's score as an exact sum over attributes and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.special import softmax

from interpretable_gan.explain.calibration import Calibration, as_logits
from interpretable_gan.explain.explanation import Explanation, joined, relative_gap, share_of
from interpretable_gan.explain.heat import heat_picture
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.terms import SOURCES, Source, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

Array = NDArray[np.float64]

SAID = 3
"""Attributes that a sentence names on either side."""

SHOWN = 4
"""Attributes that a picture shows."""


class Flip(NamedTuple):
    """The fewest readings that would change a prediction if they were wrong.

    values: attribute → what it would have to show instead
    becomes: what would then be predicted
    """

    values: dict[str, str]
    becomes: str


@dataclass(frozen=True, eq=False)
class TargetSum(Explanation):
    """The score of a target as a sum over attributes and places, for a batch of images.

        score = bias + Σ unplaced + Σ placed

    The score is the log-odds of a binary target and the value of a continuous one, as codes have
    it; of a categorical one, the logit of the predicted level less the mean of the others'. Each
    term is 0 on average over training images. A placed term depends on the pixels of its patch
    alone.

    rows: the other named attributes, discovered ones, and ``residual``
    sources: where each row comes from
    placed: what each place adds  (image, row, 8, 8)
    unplaced: what deep features of the whole image add  (image, row)
    bias: the score of an average training image  (image,)
    score: what the network itself computed  (image,)
    values: what is predicted: probability of being on, a level, or a number  (image,)
    probability: of the prediction, calibrated where that was asked for; nan of a number  (image,)
    calibrated: whether it is
    flips: the fewest wrong readings that would change it; None where none would
    """

    schema: Schema
    target: str
    rows: tuple[str, ...]
    sources: tuple[Source, ...]
    placed: Array
    unplaced: Array
    bias: Array
    score: Array
    values: NDArray[Any]
    probability: Array
    calibrated: bool
    flips: tuple[Flip | None, ...]

    def __len__(self) -> int:
        return len(self.score)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, attribute, row, column."""
        places = tuple(range(PLACES))
        images = tuple(range(len(self)))
        return {"image": images, "attribute": self.rows, "row": places, "column": places}

    @property
    def contributions(self) -> Array:
        """What each row adds in all, (image, row)."""
        return self.unplaced + self.placed.sum(axis=(2, 3))

    @property
    def sum_error(self) -> float:
        """Worst gap between the sum and the score, relative to the score where that is larger than
        1. Lower is better; rounding of float32 leaves about 1e-6."""
        return relative_gap(self.bias + self.contributions.sum(axis=1), self.score)

    @property
    def shares(self) -> dict[str, Array]:
        """Shares of named, discovered and residual rows in the sum of absolute contributions,
        ``(image,)`` each: 0 to 1, and they add up to 1."""
        sizes, of = np.abs(self.contributions), np.array(self.sources)
        total = sizes.sum(axis=1)
        return {each: share_of(sizes[:, of == each].sum(axis=1), total) for each in SOURCES}

    def strongest(self, image: int = 0, count: int = 8) -> list[tuple[str, float]]:
        """The rows that move one image's score most, with what they add."""
        terms = dict(zip(self.rows, self.contributions[image].tolist(), strict=True))
        return sorted(terms.items(), key=lambda pair: -abs(pair[1]))[:count]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per image, attribute and place, and one for what has no place; one per bias.
        Those of an image add up to its score."""
        told: list[dict[str, Any]] = []
        nowhere = {"row": None, "column": None}
        for image in range(len(self)):
            key = {"image": image}
            told.append(
                key | {"attribute": None} | nowhere | {"contribution": float(self.bias[image])}
            )
            for number, name in enumerate(self.rows):
                mine = key | {"attribute": name}
                told.append(mine | nowhere | {"contribution": float(self.unplaced[image, number])})
                for (row, column), term in np.ndenumerate(self.placed[image, number]):
                    place = {"row": row, "column": column}
                    told.append(mine | place | {"contribution": float(term)})
        return told

    def to_dict(self) -> dict[str, Any]:
        """Terms, predictions, shares and sentences."""
        return {
            "target": self.target,
            "rows": self.rows,
            "sources": self.sources,
            "placed": self.placed,
            "unplaced": self.unplaced,
            "bias": self.bias,
            "score": self.score,
            "values": self.values,
            "probability": self.probability,
            "calibrated": self.calibrated,
            "flips": [each and each._asdict() for each in self.flips],
            "sum_error": self.sum_error,
            "shares": self.shares,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """What is predicted, what pulls it up and down, what share has a name, and which readings
        would change it if they were wrong."""
        ranked = self.strongest(image, len(self.rows))
        sides = {
            "up": [self._told(name, term) for name, term in ranked if term > 0][:SAID],
            "down": [self._told(name, term) for name, term in ranked if term < 0][:SAID],
        }
        pulled = [f"{side} by {joined(names)}" for side, names in sides.items() if names]
        named, found, left = (self.shares[source][image] for source in SOURCES)
        return (
            f"{self._predicted(image)} It is pulled {joined(pulled)}, against an average training "
            f"image. Of all that moves it {named:.0%} has a name, {found:.0%} was discovered and "
            f"{left:.0%} is residual.{self._flipped(image)}"
        )

    def plot(self, images: Images, image: int = 0) -> Image.Image:
        """One image beside what its strongest rows add at each place, and what all rows add."""
        chosen = sorted(range(len(self.rows)), key=lambda n: -np.abs(self.placed[image, n]).sum())[
            :SHOWN
        ]
        maps = {
            self._label(self.rows[number]): self.placed[image, number].astype(np.float32)
            for number in chosen
        }
        whole = self.placed[image].sum(axis=0).astype(np.float32)
        return heat_picture(images[image], maps, whole)

    def _predicted(self, image: int) -> str:
        target, value = self.schema[self.target], self.values[image]
        word = "probability" if self.calibrated else "uncalibrated probability"
        if target.kind == "binary":
            return f"{target.label}: {word} {float(value):.2f} of being on."
        if target.kind == "categorical":
            return f"{target.label} is read as {value}, {word} {self.probability[image]:.2f}."
        return f"{target.label} is put at {float(value):.3g} {target.unit}".rstrip() + "."

    def _flipped(self, image: int) -> str:
        flip = self.flips[image]
        if flip is None:
            return ""
        told = [f"{self._label(name)} = {value}" for name, value in flip.values.items()]
        return f" It would be {flip.becomes} if the image really showed {joined(told)}."

    def _told(self, name: str, term: float) -> str:
        return f"{self._label(name)} ({term:+.2f})"

    def _label(self, name: str) -> str:
        return self.schema[name].label if name in self.schema.names else name


@torch.no_grad()
def explain_target_sum(
    reader: Reader, images: Images, calibration: Calibration | None = None
) -> TargetSum:
    """Say why images get their predicted target: the reader's own sum.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].
        calibration: from `calibrate`; without it probabilities are the reader's own.

    Raises:
        DataError: images that cannot be read, see `ImageModality.check`.
        RunError: the calibration was made for other weights.
    """
    if calibration is not None:
        calibration.check(reader)
    seen = [reader.look(some) for some in torch.split(images, BATCH)]
    features = tuple(torch.cat(level) for level in zip(*seen, strict=True))
    scores = reader.network(features)
    raw = scores.total.double().cpu().numpy()
    levels = [reader.outputs[number] for number in raw.argmax(axis=1)]
    chosen = [reader.terms_seen(tuple(each[n : n + 1] for each in features), _level(reader, level))
              for n, level in enumerate(levels)]  # fmt: skip
    rows, sources = _rows(chosen[0])
    temperature = calibration.of(reader.target.name) if calibration else None
    values, probability = _values(reader, raw, temperature or 1.0)
    return TargetSum(
        schema=reader.schema,
        target=reader.target.name,
        rows=rows,
        sources=sources,
        placed=np.concatenate([_placed(terms) for terms in chosen]),
        unplaced=np.concatenate([_unplaced(terms) for terms in chosen]),
        bias=np.array([float(terms.bias) for terms in chosen]),
        score=np.concatenate([terms.total.double().cpu().numpy() for terms in chosen]),
        values=values,
        probability=probability,
        calibrated=calibration is not None,
        flips=tuple(
            find_flip(reader, reading, total)
            for reading, total in zip(scores.readings, scores.total, strict=True)
        ),
    )


def find_flip(reader: Reader, reading: torch.Tensor, total: torch.Tensor) -> Flip | None:
    """The fewest readings of one image that would change its prediction if they were wrong.

    A wrong reading is replaced by the mean reading of training images with another value. The
    target is a sum, so the fewest are found by taking those that move it most.

    Args:
        reading: of named columns but the target's  (columns,).
        total: of the target's columns  (targets,).
    """
    target = reader.target
    if target.kind == "continuous" or not reader.others:
        return None
    moves = _moves(reader, reading)
    if target.levels:
        now = int(total.argmax())
        sides = {
            level: (number, total[now] - total[number])
            for number, level in enumerate(target.levels)
            if number != now
        }
        found = [
            _fewest(float(margin), [(n, v, float(m[number] - m[now])) for n, v, m in moves], level)
            for level, (number, margin) in sides.items()
        ]
    else:
        sign = 1 if total[0] > 0 else -1
        becomes = target.values[0 if sign > 0 else 1]
        gains = [(n, v, -sign * float(m[0])) for n, v, m in moves]
        found = [_fewest(abs(float(total[0])), gains, becomes)]
    usable = [each for each in found if each is not None]
    return min(usable, key=lambda each: len(each.values), default=None)


def _moves(reader: Reader, reading: torch.Tensor) -> list[tuple[str, str, torch.Tensor]]:
    """How the target's columns move if an attribute showed another value: (attribute, value,
    (targets,)), for all values but the one that is read."""
    network, found, start = reader.network, [], 0
    for attribute in reader.others:
        span = slice(start, start + attribute.width)
        start = span.stop
        if attribute.kind == "continuous":
            continue
        if attribute.levels:
            read = int(reading[span].argmax())
            typical = network.typical[1, span, span]
        else:
            read = int(reading[span.start] > 0)
            typical = network.typical[:, span.start, span]
        for number, value in enumerate(attribute.values):
            if number != read:
                moved = network.by_name[:, span] @ (typical[number] - reading[span])
                found.append((attribute.name, value, moved))
    return found


def _fewest(margin: float, gains: list[tuple[str, str, float]], becomes: str) -> Flip | None:
    """The fewest attributes whose gains together exceed a margin; None where all do not."""
    best: dict[str, tuple[float, str]] = {}
    for name, value, gain in gains:
        best[name] = max(best.get(name, (0.0, "")), (gain, value))
    changed, left = {}, margin
    for name, (gain, value) in sorted(best.items(), key=lambda pair: -pair[1][0]):
        if gain <= 0:
            break
        changed[name], left = value, left - gain
        if left < 0:
            return Flip(changed, becomes)
    return None


def _level(reader: Reader, level: str) -> str | None:
    return level if reader.target.levels else None


def _rows(terms: Terms) -> tuple[tuple[str, ...], tuple[Source, ...]]:
    """Names and sources of rows, each once."""
    found = {row: part.source for part in terms.parts for row in part.rows}
    return tuple(found), tuple(found.values())


def _placed(terms: Terms) -> Array:
    values = torch.cat([part.values for part in terms.parts if part.places], dim=1)
    return values.double().cpu().numpy().reshape(len(values), -1, PLACES, PLACES)


def _unplaced(terms: Terms) -> Array:
    values = torch.cat([part.values for part in terms.parts if not part.places], dim=1)
    return values[:, :, 0].double().cpu().numpy()


def _values(reader: Reader, raw: Array, temperature: float) -> tuple[NDArray[Any], Array]:
    """What is predicted, and how probable that is."""
    target = reader.target
    if target.kind == "continuous":
        return target.decode(raw.clip(-1, 1).astype(np.float32)), np.full(len(raw), np.nan)
    chances = softmax(as_logits(target, raw) / temperature, axis=1)
    if target.levels:
        return np.array(target.levels)[chances.argmax(axis=1)], chances.max(axis=1)
    return chances[:, 1], chances.max(axis=1)
