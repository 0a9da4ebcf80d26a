"""How the smallest edit is looked for: one attribute after the other, then weaker and weaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.evaluate.readings import THIRD, value
from interpretable_gan.explain.explanation import Values
from interpretable_gan.explain.readers import EncoderReader, Reader
from interpretable_gan.explain.reconstruction import Reconstruction
from interpretable_gan.explain.threshold import DecisionThreshold, score
from interpretable_gan.model import InterpretableGAN
from interpretable_gan.semantics.attribute import Attribute
from interpretable_gan.shapes import Code, Images

MOST = 4
"""Attributes that an edit may change before it counts as none."""

STRENGTHS = 20
"""Strengths at which an edit is tried, in equal steps."""

Guide = Callable[[Images], NDArray[np.float32]]
"""Images to how far beyond the flip the model itself sees them: above 0 is flipped."""


class Search:
    """One image, what is to flip, and how edits of it look and are read.

    Args:
        original: the image ``(1, channels, size, size)`` that edits are laid over.
        found: how the generator draws it.
        flip: the attribute whose reading is to change; None for the decision.
        reader: verifies.
        threshold: of the decision.
    """

    def __init__(
        self,
        model: InterpretableGAN,
        original: Images,
        found: Reconstruction,
        flip: Attribute | None,
        reader: Reader,
        threshold: DecisionThreshold | None,
    ) -> None:
        self.model, self.original, self.found = model, original, found
        self.flip, self.reader, self.threshold = flip, reader, threshold
        self.seen = reader.read(original)
        self.guide = self._decision() if flip is None else self._reading(flip)
        self.tried = 0

    def run(self, allowed: Sequence[Attribute]) -> tuple[Code, bool, bool]:
        """Add attributes until the flip; drop what is not needed; weaken; verify.

        Returns:
            the code of the edit, whether it flips by the model's account, and whether the reader
            confirmed it. Where none is confirmed, the strongest that flips; where none flips, the
            closest.
        """
        target, changed, flipping = self.found.code, list[Attribute](), list[Code]()
        while len(changed) < MOST:
            step = self._next(target, [each for each in allowed if each not in changed])
            if step is None:
                break
            attribute, target = step
            changed.append(attribute)
            if self._margins(target)[0] > 0:
                weaker = self._weakened(self._pruned(target, changed))
                flipping += list(weaker[:, None])
                for each in weaker[:, None]:
                    if self._verified(each):
                        return each, True, True
        return (flipping[-1], True, False) if flipping else (target, False, False)

    def draw(self, codes: Code) -> Images:
        """Edits of the image, one per code."""
        drawn = self.model.draw(codes, self.found.style.expand(len(codes), -1))
        return (self.original + drawn - self.found.images).clamp(-1, 1)

    def moved(self, target: Code) -> dict[str, float]:
        """Changed named attribute → movement of the reader's score along the change."""
        after, moved = self.reader.read(self.draw(target)), {}
        for attribute in self.model.schema.named:
            columns = self.model.schema.slices[attribute.name]
            change = (target - self.found.code)[0, columns].cpu().numpy()
            if change.any():
                shift = (after - self.seen)[0, columns]
                moved[attribute.name] = float(shift @ np.sign(change)) / len(shift)
        return moved

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
        now = int(value(attribute, self.seen[:, columns])[0])
        return lambda images: away(attribute, now, own.read(images)[:, columns])

    def _verified(self, target: Code) -> bool:
        """Whether the reader confirms the edit."""
        self.tried += 1
        if self.flip is None:
            moved = self.moved(target)
            return all(moved[name] > 0 for name in moved if name in self.reader.readable)
        columns = self.model.schema.slices[self.flip.name]
        readings = (self.seen, self.reader.read(self.draw(target)))
        before, after = (int(value(self.flip, each[:, columns])[0]) for each in readings)
        return before != after


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
