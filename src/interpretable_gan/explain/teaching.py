"""What a model learned of a word from examples, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.explain.bars import bar_picture, stacked
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.explain.linear_read import Recall
from interpretable_gan.modalities.pictures import Row, compose
from interpretable_gan.models.taught import Taught, Word

Array = NDArray[np.float64]

SAID = 3
"""Attributes that a sentence names."""

SHOWN = 8
"""Examples in a row of a picture, and attributes in bars."""

SIDE = 64
"""Pixels that an example is drawn wide, at least."""


@dataclass(frozen=True, eq=False)
class Teaching(Explanation):
    """A word that a model was taught, and what examples say of it.

    word: what the model now knows
    model: which reads, maps and draws it
    examples: names of the examples, those with the word first
    pictures: the examples as uint8  (example, height, width, channel)
    yes: whether an example shows the word  (example,)
    probability: of the word in each example, by reads that had not seen it  (example,)
    recall: shares of examples told rightly, cross-validated
    curve: examples on either side that a read learned from → its balanced accuracy
    alone: attribute or ``attribute=level`` → how well its own reading tells the same examples apart
    rests_on: attribute → share of the difference between the examples' mean log-odds, with and
        without the word, that lies in its evidence; they add up to 1
    seen: share of images, drawn without the word or with it, in which the model's own encoder sees
        it ``on`` or ``off`` when that is asked for; None where it cannot be drawn
    repeated: pictures that were left out since others are the same
    """

    word: Word
    model: Taught
    examples: tuple[str, ...]
    pictures: NDArray[np.uint8]
    yes: NDArray[np.bool_]
    probability: Array
    recall: Recall
    curve: Mapping[int, float]
    alone: Mapping[str, Recall]
    rests_on: Mapping[str, float]
    seen: Mapping[str, float | None]
    repeated: int

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """example."""
        return {"example": self.examples}

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The examples that are read as the opposite, the surest first."""
        wrong = np.flatnonzero((self.probability > 0.5) != self.yes)
        order = wrong[np.argsort(-np.abs(self.probability[wrong] - 0.5), kind="stable")]
        return tuple(self.examples[row] for row in order)

    @property
    def closest(self) -> str:
        """The attribute that tells the examples apart best by itself."""
        return max(self.alone, key=lambda name: self.alone[name].accuracy)

    @property
    def gain(self) -> float:
        """What twice as many examples would add to the balanced accuracy, where the error falls
        with their number; at least 0."""
        sizes = sorted(self.curve)
        if len(sizes) < 2:
            return 0.0
        rise = self.curve[sizes[-1]] - self.curve[sizes[-2]]
        return max(rise / 2, 0.0)

    def order(self, shows: bool) -> NDArray[np.intp]:
        """Places of the examples that show the word, or do not; those that are read as the opposite
        first."""
        sure = self.probability if shows else 1 - self.probability
        order = np.argsort(sure, kind="stable")
        return order[self.yes[order] == shows]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per example: the side it was given, and what reads without it say."""
        rows = zip(self.examples, self.yes.tolist(), self.probability.tolist(), strict=True)
        return [{"example": name, "shows": shows, "probability": p} for name, shows, p in rows]

    def to_dict(self) -> dict[str, Any]:
        """All but the model and its weights."""
        return {
            "word": self.word.attribute.name,
            "accuracy": self.recall.accuracy,
            "interval": self.recall.interval,
            "recall": self.recall._asdict(),
            "curve": {str(size): accuracy for size, accuracy in self.curve.items()},
            "gain": self.gain,
            "alone": {name: found.accuracy for name, found in self.alone.items()},
            "closest": self.closest,
            "rests_on": self.rests_on,
            "seen": self.seen,
            "doubtful": self.doubtful,
            "repeated": self.repeated,
            "examples": self.to_rows(),
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """How well the word is read, what more examples would give, what it rests on and resembles,
        and whether it can be drawn."""
        name, found = self.word.attribute.name, self.recall
        return (
            f"{name!r} is read with a balanced accuracy of {percent(found)}, cross-validated on "
            f"{found.yes} images with it and {found.no} without; chance is 50%. "
            f"{self._learned()} {self._rests()} {self._drawn()}"
        )

    def _learned(self) -> str:
        sizes = sorted(self.curve)
        if len(sizes) < 2:
            return "There are too few examples for a learning curve."
        half = f"Learned from {sizes[-2]} on either side it is {self.curve[sizes[-2]]:.0%}"
        if self.gain < 0.005:
            return f"{half}: more examples would hardly help."
        more, points = min(self.recall.yes, self.recall.no), round(100 * self.gain)
        return f"{half}: {more} more each way would add about {points} points."

    def _rests(self) -> str:
        strongest = sorted(self.rests_on, key=lambda name: -self.rests_on[name])[:SAID]
        told = joined([f"{name} ({self.rests_on[name]:.0%})" for name in strongest])
        close = self.alone[self.closest]
        return (
            f"It rests most on the evidence of {told}. By itself {self.closest} tells these "
            f"examples apart with {percent(close)}."
        )

    def _drawn(self) -> str:
        sides = [
            f"{share:.0%} for {side}" for side, share in self.seen.items() if share is not None
        ]
        if not self.word.steered or not sides:
            return (
                "It cannot be drawn: no move of the generator's input shows it within the budget."
            )
        return (
            f"Asked for, it is seen in images that did not show it: {joined(sides)}, by the "
            "model's own encoder, which is easily convinced."
        )

    def plot(self) -> Image.Image:
        """Examples with and without the word, those that are read as the opposite first, above what
        the read rests on."""
        shares = sorted(self.rests_on.items(), key=lambda pair: -abs(pair[1]))[:SHOWN]
        bars = bar_picture(dict(shares), title="the difference rests on", form=".0%")
        rows = []
        for caption, side in (("with", True), ("without", False)):
            order = self.order(side)[:SHOWN]
            labels = [f"{each:.0%}" for each in self.probability[order]]
            title = f"how surely {self.word.attribute.name} is read" if side else ""
            rows.append(Row(self.pictures[order], caption, labels, title))
        return stacked([compose(rows, scale=-(-SIDE // self.pictures.shape[1])), bars])


def percent(found: Recall) -> str:
    """``84% [75%, 91%]``."""
    low, high = found.interval
    return f"{found.accuracy:.0%} [{low:.0%}, {high:.0%}]"
