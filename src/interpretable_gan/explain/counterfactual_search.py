"""How the smallest edit is looked for: one attribute after the other, then weaker and weaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.explain.explanation import Values
from interpretable_gan.explain.readers import OWN, EncoderReader
from interpretable_gan.explain.reconstruction import Reconstruction
from interpretable_gan.explain.threshold import DecisionThreshold, score
from interpretable_gan.metrics.readings import THIRD, Judge, value
from interpretable_gan.models.images import ImageModel
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Code, Images

MOST = 4
"""Attributes that an edit may change before it counts as none."""

STRENGTHS = 20
"""Strengths at which an edit is tried, in equal steps."""

SEEN = {"binary": 1.0, "continuous": 0.25}
"""How far an evaluator's score must move before an attribute counts as seen to change: in log-odds,
or, of a number, an eighth of its range. Noise of one grey level moves log-odds by 0.05."""

Verdict = Literal["verified", "contradicted", "not verified"]
"""What an evaluator says of an edit: what was to change is seen to; something of it is not; or it
cannot tell, since there is no evaluator or it cannot read what changed."""

Guide = Callable[[Images], NDArray[np.float32]]
"""Images to how far beyond the flip the model itself sees them: above 0 is flipped."""


class Search:
    """One image, what is to flip, and how edits of it look and are read.

    Args:
        original: the image ``(1, channels, size, size)`` that edits are laid over.
        found: how the generator draws it.
        flip: the attribute whose reading is to change; None for the decision.
        reader: verifies; where it cannot read ``flip``, the encoder tells what is read.
        threshold: of the decision.
    """

    def __init__(
        self,
        model: ImageModel,
        original: Images,
        found: Reconstruction,
        flip: Attribute | None,
        reader: Judge,
        threshold: DecisionThreshold | None,
    ) -> None:
        self.model, self.original, self.found = model, original, found
        self.flip, self.reader, self.threshold = flip, reader, threshold
        self.seen = reader.read(original)
        believed = flip is None or flip.name in reader.readable
        self.teller = reader if believed else EncoderReader(model)
        self.guide = self._decision() if flip is None else self._reading(flip)
        self.tried = 0

    def run(
        self, allowed: Sequence[Attribute], progress: Progress = silent
    ) -> tuple[Code, bool, Verdict]:
        """Add attributes until the flip; drop what is not needed; weaken; verify.

        Returns:
            the code of the edit, whether it flips by the model's account, and what the evaluator
            says. Where it verifies none, the first of which it cannot tell; where it contradicts
            all, the strongest that flips; where none flips, the closest.
        """
        target, changed = self.found.code, list[Attribute]()
        flipping: dict[Verdict, list[Code]] = {"not verified": [], "contradicted": []}
        while len(changed) < MOST:
            progress(Status(len(changed), MOST, "looking for the smallest edit"))
            step = self._next(target, [each for each in allowed if each not in changed])
            if step is None:
                break
            attribute, target = step
            changed.append(attribute)
            if self._margins(target)[0] > 0:
                for each in self._weakened(self._pruned(target, changed))[:, None]:
                    verdict = self.verdict(each)
                    if verdict == "verified" or self._hopeless:
                        return each, True, verdict
                    flipping[verdict].append(each)
        if flipping["not verified"]:
            return flipping["not verified"][0], True, "not verified"
        if flipping["contradicted"]:
            return flipping["contradicted"][-1], True, "contradicted"
        return target, False, "not verified"

    def verdict(self, target: Code) -> Verdict:
        """What the evaluator says of an edit.

        A reading flips where it says another value than of the original. A decision nobody else can
        judge: of that edit every changed attribute that the evaluator can read, and at least one,
        must be seen to change as was asked.
        """
        if self._hopeless:
            return "not verified"
        self.tried += 1
        after = self.reader.read(self.draw(target))
        if self.flip is not None:
            seen = [self._said(self.flip, after) != self._said(self.flip, self.seen)]
        else:
            readable = [each for each in self._changed(target) if each.name in self.reader.readable]
            seen = [self._sees(each, target, after) for each in readable]
        if not seen:
            return "not verified"
        return "verified" if all(seen) else "contradicted"

    def draw(self, codes: Code) -> Images:
        """Edits of the image, one per code."""
        drawn = self.model.draw(codes, self.found.style.expand(len(codes), -1))
        return (self.original + drawn - self.found.images).clamp(-1, 1)

    def moved(self, target: Code) -> dict[str, float]:
        """Changed named attribute → movement of the reader's score along the change."""
        after = self.reader.read(self.draw(target))
        return {each.name: self._move(each, target, after) for each in self._changed(target)}

    @property
    def _hopeless(self) -> bool:
        """Whether nobody could verify an edit, however strong."""
        unreadable = self.flip is not None and self.flip.name not in self.reader.readable
        return self.reader.name == OWN or unreadable

    def _changed(self, target: Code) -> list[Attribute]:
        """The named attributes that an edit changes."""
        change, slices = (target - self.found.code)[0], self.model.schema.slices
        return [each for each in self.model.schema.named if change[slices[each.name]].any()]

    def _sees(self, attribute: Attribute, target: Code, after: Values) -> bool:
        """Whether the reader sees an attribute change as was asked: to another level; or to the
        side that was asked (a number has none) and by `SEEN`."""
        asked = self._said(attribute, target.cpu().numpy())
        was, now = (self._said(attribute, columns) for columns in (self.seen, after))
        if attribute.kind == "categorical":
            return was != now == asked
        there = attribute.kind == "continuous" or now == asked
        return there and self._move(attribute, target, after) >= SEEN[attribute.kind]

    def _move(self, attribute: Attribute, target: Code, after: Values) -> float:
        """How far the reader's score moved the way that was asked; mean over levels."""
        columns = self.model.schema.slices[attribute.name]
        change = (target - self.found.code)[0, columns].cpu().numpy()
        return float((after - self.seen)[0, columns] @ np.sign(change)) / len(change)

    def _said(self, attribute: Attribute, columns: Values) -> int:
        """What scores or a code say of one attribute, as in ``readings.value``."""
        return int(value(attribute, columns[:, self.model.schema.slices[attribute.name]])[0])

    def _next(self, target: Code, attributes: Sequence[Attribute]) -> tuple[Attribute, Code] | None:
        """The change of one more attribute that helps most; None where none helps."""
        schema = self.model.schema
        moves = [(a, schema.replace(target, {a.name: end})) for a in attributes for end in ends(a)]
        if not moves:
            return None
        margins = self._margins(torch.cat([code for _, code in moves]))
        best = int(margins.argmax())
        return moves[best] if margins[best] > self._margins(target)[0] else None

    def _pruned(self, target: Code, changed: Sequence[Attribute]) -> Code:
        """Without the changes that the flip does not need."""
        for attribute in changed[:-1]:  # the last one brought the flip
            columns = self.model.schema.slices[attribute.name]
            without = target.clone()
            without[:, columns] = self.found.code[:, columns]
            target = without if self._margins(without)[0] > 0 else target
        return target

    def _weakened(self, target: Code) -> Code:
        """The same edit at every strength that still flips, the weakest first."""
        strengths = torch.linspace(1 / STRENGTHS, 1, STRENGTHS)[:, None]
        codes = self.found.code + strengths * (target - self.found.code)
        return codes[torch.from_numpy(self._margins(codes) > 0)]

    def _margins(self, codes: Code) -> NDArray[np.float32]:
        return self.guide(self.draw(codes))

    def _decision(self) -> Guide:
        assert self.threshold is not None, "counterfactual raises first"
        cut = self.threshold.score
        side = -1 if score(self.model, self.original)[0] > cut else 1
        return lambda images: side * (score(self.model, images) - cut)

    def _reading(self, attribute: Attribute) -> Guide:
        columns, own = self.model.schema.slices[attribute.name], EncoderReader(self.model)
        now = self._said(attribute, self.teller.read(self.original))
        return lambda images: away(attribute, now, own.read(images)[:, columns])


def ends(attribute: Attribute) -> tuple[Any, ...]:
    """The values that an edit may go to: both ends, or each level."""
    return attribute.levels or attribute.range or (0, 1)


def away(attribute: Attribute, now: int, columns: Values) -> NDArray[np.float32]:
    """How far readings are from saying ``now``, ``(rows,)``: above 0 they say something else.

    Args:
        now: as in ``readings.value``.
        columns: readings of the attribute on the scale of codes, ``(rows, width)``.
    """
    if attribute.kind == "categorical":
        return np.delete(columns, now, axis=1).max(axis=1) - columns[:, now]
    if attribute.kind == "binary":
        return -columns[:, 0] if now else columns[:, 0]
    low, high = [(-np.inf, -THIRD), (-THIRD, THIRD), (THIRD, np.inf)][now]
    return np.maximum(low - columns[:, 0], columns[:, 0] - high)
