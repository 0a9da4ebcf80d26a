"""The smallest edit that changes a mind: the discriminator's, or a reader's of one attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.explain.counterfactual_search import MOST, Search, Verdict
from interpretable_gan.explain.edits import DIFFERENCE
from interpretable_gan.explain.explanation import Explanation, Values, joined
from interpretable_gan.explain.readers import OWN, reader_of, worded
from interpretable_gan.explain.reconstruction import STEPS, reconstruct
from interpretable_gan.explain.threshold import DecisionThreshold, score
from interpretable_gan.metrics.readings import Judge, value
from interpretable_gan.modalities.pictures import Row, compose, to_pixels
from interpretable_gan.models.images import ImageModel
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images

DECISION = "decision"
"""What to flip, besides the attributes."""

SIDE = 160
"""Pixels that a picture is drawn wide, at least."""


@dataclass(frozen=True)
class Change:
    """One attribute of a counterfactual: natural values, and the share of its range between."""

    attribute: str
    before: Any
    after: Any
    length: float


@dataclass(frozen=True, eq=False)
class Counterfactual(Explanation):
    """The smallest edit that was found to flip a decision or a reading, for one image.

    flip: ``decision``, or the attribute
    flipped: whether it flips by the model's own account; if not, this is the closest attempt
    verdict: what an evaluator says, see `Verdict`
    changes: what was edited, the strongest first; few attributes, each as little as will do
    original, edited: in [-1, 1]  (channel, height, width)
    before, after: the score over the threshold (decision), or what is read (attribute), by the
        encoder where the reader cannot
    threshold: of the decision
    reader: name of the evaluator, or ``encoder``: there was none
    readable: the attributes on which its readings can be believed
    moved: changed named attribute → how far the reader's score moved the way that was asked
    tried: edits that the evaluator was shown
    """

    schema: Schema
    flip: str
    flipped: bool
    verdict: Verdict
    changes: tuple[Change, ...]
    original: Values
    edited: Values
    before: float | str
    after: float | str
    threshold: DecisionThreshold | None
    reader: str
    readable: tuple[str, ...]
    moved: Mapping[str, float]
    tried: int

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """change: the attributes."""
        return {"change": [change.attribute for change in self.changes]}

    @property
    def found(self) -> bool:
        """Whether it flips, and no evaluator contradicts."""
        return self.flipped and self.verdict != "contradicted"

    @property
    def verified(self) -> bool:
        """Whether an evaluator that training never saw could read what was to change, and saw it
        change."""
        return self.verdict == "verified"

    @property
    def unread(self) -> tuple[str, ...]:
        """What the reader would have to read and cannot: the attribute to flip, or the changed ones
        of a decision."""
        names = self.axes["change"] if self.flip == DECISION else [self.flip]
        return tuple(name for name in names if name not in self.readable)

    @property
    def length(self) -> float:
        """How large the edit is: shares of ranges, summed over attributes; 0 is no edit."""
        return sum(change.length for change in self.changes)

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per changed attribute."""
        return [
            asdict(change)
            | {
                "moved": self.moved.get(change.attribute),
                "readable": change.attribute in self.readable,
            }
            for change in self.changes
        ]

    def to_dict(self) -> dict[str, Any]:
        """All but the pictures."""
        return {
            "flip": self.flip,
            "found": self.found,
            "flipped": self.flipped,
            "verdict": self.verdict,
            "unread": self.unread,
            "changes": self.to_rows(),
            "length": self.length,
            "before": self.before,
            "after": self.after,
            "threshold": asdict(self.threshold) if self.threshold else None,
            "reader": self.reader,
            "tried": self.tried,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The edit, what it flips, and what an evaluator says of it."""
        edit = joined([self._told(change) for change in self.changes] or ["no edit at all"])
        if self.flip == DECISION:
            what = "the decision"
            result = f"{self.before:+.2f} to {self.after:+.2f} against the threshold"
        else:
            what = f"the reading of {self.schema[self.flip].label}"
            result = f"{self.before} to {self.after}"
        if self.found:
            said = f"The smallest edit found that flips {what} ({result}): {edit}."
        elif self.flipped:
            said = (
                f"No edit of up to {MOST} attributes was verified to flip {what}: by the model's "
                f"own account {edit} would, but {self.reader} does not see it."
            )
        else:
            said = (
                f"No edit of up to {MOST} attributes was found that flips {what}; "
                f"the closest, {edit}, takes it from {result}."
            )
        return " ".join([said, *self._circumstances()])

    def _circumstances(self) -> list[str]:
        told = []
        if self.threshold is not None:
            told.append(
                f"The threshold, {self.threshold.score:+.2f}, tells {self.threshold.accuracy:.0%} "
                f"of {self.threshold.images} real and as many generated images right; the score "
                "has no zero of its own."
            )
        unread = joined([self.schema[name].label for name in self.unread] or ["nothing"])
        if self.reader == OWN:
            told.append("No evaluator was given: nothing apart from the model has verified this.")
        elif self.verified:
            besides = f"; it cannot read {unread}" if self.unread else ""
            told.append(f"Verified by {self.reader}, which training never saw{besides}.")
        elif self.found:
            told.append(f"Not verified: {self.reader} cannot read {unread}.")
        return told

    def _told(self, change: Change) -> str:
        attribute = self.schema[change.attribute]
        if attribute.kind == "categorical":
            return f"{attribute.label} from {change.before} to {change.after}"
        return f"{attribute.label} from {change.before:.2g} to {change.after:.2g}"

    def plot(self) -> Image.Image:
        """The image before and after, and the difference: black for less, white for more."""
        pair = np.stack([self.original, self.edited, (self.edited - self.original) / 2])
        caption = "after" if self.found else "closest"
        row = Row(to_pixels(torch.tensor(pair)), labels=["before", caption, DIFFERENCE])
        return compose([row], scale=-(-SIDE // pair.shape[-1]))


def counterfactual(
    model: ImageModel,
    image: Images,
    flip: str = DECISION,
    *,
    evaluator: Judge | None = None,
    threshold: DecisionThreshold | None = None,
    among: Sequence[str] | None = None,
    composed: bool = True,
    steps: int = STEPS,
    progress: Progress = silent,
) -> Counterfactual:
    """Look for the smallest edit of an image's refined code that flips a decision or a reading.

    The search asks the model alone: of all attributes it takes the one whose change helps most,
    again and again until the flip, drops what is not needed, and weakens the rest together as far
    as the flip allows (after Wachter, Mittelstadt & Russell 2017, with greedy instead of penalised
    sparsity). The evaluator is then asked about the weakest such edits, and the first it verifies
    is returned: it must read the attribute otherwise than in the original, or, for a decision, see
    each changed attribute that it can read, and at least one, change as was asked. Where it can
    read none of what it would have to, nothing is verified and the explanation says so.

    Args:
        image: ``(1, channels, size, size)`` in [-1, 1].
        flip: ``"decision"``, or a named attribute.
        evaluator: verifies; without one nothing is.
        threshold: from `decision_threshold`; needed for a decision.
        among: attributes that may change; by default all named ones.
        composed: lay the edit over the original, as in `edit`.
        steps: of refining, see `reconstruct`.
        progress: told of refining, then of the search.

    Raises:
        UnknownAttributeError: a name that the schema does not have.
        ConfigError: a decision without a threshold, or a discovered attribute.
        DataError: more than one image, one that cannot be read (`ImageModel.checked`), or an
            evaluator of another schema.
    """
    if image.ndim != 4 or len(image) != 1:
        raise DataError(f"give one image as (1, channels, size, size), not {tuple(image.shape)}.")
    names = [a.name for a in model.schema.named] if among is None else list(among)
    allowed = [model.schema[name] for name in names]
    reader = reader_of(model, evaluator)
    attribute = _flipped(model.schema, flip, threshold)
    image = model.checked(image)
    found = reconstruct(model, image, steps=steps, progress=progress)
    original = image if composed else found.images
    search = Search(model, original, found, attribute, reader, threshold)
    return _searched(search, flip, allowed, progress)


def _searched(
    search: Search, flip: str, allowed: Sequence[Attribute], progress: Progress
) -> Counterfactual:
    """What a search finds among the attributes that may change."""
    target, flipped, verdict = search.run(allowed, progress)
    schema, edited = search.model.schema, search.draw(target)
    before, after = _minds(search, edited)
    return Counterfactual(
        schema=schema,
        flip=flip,
        flipped=flipped,
        verdict=verdict,
        changes=_changes(schema, search.found.code, target),
        original=search.original[0].cpu().numpy().copy(),
        edited=edited[0].cpu().numpy().copy(),
        before=before,
        after=after,
        threshold=search.threshold if search.flip is None else None,
        reader=search.reader.name,
        readable=search.reader.readable,
        moved=search.moved(target),
        tried=search.tried,
    )


def _flipped(schema: Schema, flip: str, threshold: DecisionThreshold | None) -> Attribute | None:
    """The attribute whose reading is to flip; None for the decision.

    Raises:
        UnknownAttributeError, ConfigError: see `counterfactual`.
    """
    if flip != DECISION:
        if (source := schema[flip].source) != "named":
            raise ConfigError(f"{flip!r} is {source}: no evaluator can verify that it flips.")
        return schema[flip]
    if threshold is None:
        raise ConfigError(
            "the score has no zero: give threshold=decision_threshold(model, data) as well."
        )
    return None


def _minds(search: Search, edited: Images) -> list[Any]:
    """The score over the threshold, or what is read, before and after."""
    if search.flip is None:
        assert search.threshold is not None, "counterfactual raises first"
        both = score(search.model, torch.cat([search.original, edited]))
        return [float(each) - search.threshold.score for each in both]
    columns = search.model.schema.slices[search.flip.name]
    readings = (search.teller.read(images) for images in (search.original, edited))
    shown = (value(search.flip, each[:, columns])[0] for each in readings)
    return [worded(search.flip, each) for each in shown]


def _changes(schema: Schema, code: Code, target: Code) -> tuple[Change, ...]:
    """What differs between two codes, the largest change first."""
    before, after = schema.read(code), schema.read(target)
    changes = []
    for name, columns in schema.slices.items():
        length = float((target - code)[0, columns].abs().max()) / 2
        if length > 0:
            ends = (_plain(before[name][0]), _plain(after[name][0]))
            changes.append(Change(name, *ends, length))
    return tuple(sorted(changes, key=lambda change: -change.length))


def _plain(number: Any) -> Any:
    return number.item() if isinstance(number, np.generic) else number
