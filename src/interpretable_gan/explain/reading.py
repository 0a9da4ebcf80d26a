"""What does the encoder see, and where? A reading as a sum over places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.special import softmax
from torch import Tensor

from interpretable_gan.errors import SchemaError
from interpretable_gan.explain.calibration import Calibration, as_logits
from interpretable_gan.explain.explanation import (
    Explanation,
    Values,
    relative_gap,
    share_of,
)
from interpretable_gan.explain.heat import heat_picture
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan.encoder import PLACES, Evidence
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.taught import Taught
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Code, Images

Patches = tuple[tuple[int, int], ...]
"""For each row of places the first pixel row it sees, and the first it no longer does."""


@dataclass(frozen=True, eq=False)
class ReadingExplanation(Explanation):
    """One attribute's reading as a sum over places, for a batch of images.

        reading = offset + unplaced + Σ evidence

    The reading is the log-odds of a binary attribute or of a level, and the value of a continuous
    or discovered one. A place's evidence depends on the pixels of its patch alone.

    offset: what is read from an image without evidence  (level,)
    unplaced: what deep features of the whole image add, which have no place; 0 where the trunk has
        none  (image, level)
    evidence: what each place adds  (image, level, row, column)
    reading: what the network itself computed  (image, level)
    values: the same as a value: probability of being on, the strongest level, or a number  (image,)
    probability: of each level, or of being on, after calibration; None of a continuous one
        (image, level)
    temperature: what log-odds are divided by; None where the probability is not calibrated
    error, error_before: expected calibration error of such probabilities on held-out images, 0 is
        best and 1 worst, with this temperature and without; None where it was not measured
    patches: pixel rows that each row of places sees; the same for columns
    """

    attribute: Attribute
    offset: Values
    unplaced: Values
    evidence: Values
    reading: Values
    values: NDArray[Any]
    probability: NDArray[np.float64] | None
    temperature: float | None
    error: float | None
    error_before: float | None
    patches: Patches

    def __len__(self) -> int:
        return len(self.reading)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, level (the attribute itself, where it has none), row, column."""
        places = tuple(range(len(self.patches)))
        levels = self.attribute.levels or (self.attribute.name,)
        return {"image": tuple(range(len(self))), "level": levels, "row": places, "column": places}

    @property
    def sum_error(self) -> float:
        """Worst gap between the sum and the reading, relative to the reading where that is larger
        than 1. Lower is better; rounding of float32 leaves about 1e-6."""
        total = self.offset.astype(np.float64) + self.unplaced
        total = total + self.evidence.sum(axis=(2, 3), dtype=np.float64)
        return relative_gap(total, self.reading)

    @property
    def shares(self) -> dict[str, NDArray[np.float64]]:
        """Shares of ``places``, ``unplaced`` and ``offset`` in the sum of absolute terms,
        ``(image, level)`` each: 0 to 1, and they add up to 1. A reading that is all offset has seen
        nothing."""
        sizes = {
            "places": np.abs(self.evidence.astype(np.float64)).sum(axis=(2, 3)),
            "unplaced": np.abs(self.unplaced.astype(np.float64)),
        }
        sizes["offset"] = np.broadcast_to(
            np.abs(self.offset.astype(np.float64)), sizes["places"].shape
        )
        total = sum(sizes.values(), np.zeros_like(sizes["places"]))
        return {name: share_of(size, total) for name, size in sizes.items()}

    @property
    def whole_image(self) -> bool:
        """Whether the schema marks the attribute ``global``: no place is then claimed for it."""
        return self.attribute.scope == "global"

    def map(self, level: str | None = None) -> Values:
        """Evidence of each place, ``(image, row, column)``.

        Of a categorical attribute: for ``level``, or for the level that was read, against the mean
        of the others.

        Raises:
            SchemaError: the attribute has no such level, or is global.
        """
        if self.whole_image:
            raise SchemaError(
                f"{self.attribute.name!r} is read from the whole image: it has no map."
            )
        if not self.attribute.levels:
            return self.evidence[:, 0]
        if level is not None and level not in self.attribute.levels:
            raise SchemaError(f"{self.attribute.name!r}: {self.attribute.accepts(level)}")
        wanted = [level] * len(self) if level else list(self.values)
        chosen = [self.attribute.levels.index(name) for name in wanted]
        mine = self.evidence[np.arange(len(self)), chosen]
        others = (self.evidence.sum(axis=1) - mine) / (len(self.attribute.levels) - 1)
        return mine - others

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per image, level and place (only their sum, of a global attribute), and one per
        offset and for what has no place; the evidence of an image and level adds up to its
        reading."""
        rows = []
        for image in range(len(self)):
            for number, level in enumerate(self.axes["level"]):
                key = {"image": image, "level": level}
                offset = {"row": None, "column": None, "evidence": float(self.offset[number])}
                rows.append(key | offset)
                unplaced = float(self.unplaced[image, number])
                if unplaced:
                    rows.append(key | {"row": None, "column": None, "evidence": unplaced})
                if self.whole_image:
                    total = float(self.evidence[image, number].sum(dtype=np.float64))
                    rows.append(key | {"row": None, "column": None, "evidence": total})
                    continue
                for (row, column), term in np.ndenumerate(self.evidence[image, number]):
                    rows.append(key | {"row": row, "column": column, "evidence": float(term)})
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Terms (of a global attribute the sum over places), values, probabilities, patches."""
        summed = self.evidence.sum(axis=(2, 3), dtype=np.float64)
        return {
            "attribute": self.attribute.name,
            "values": self.values,
            "probability": self.probability,
            "temperature": self.temperature,
            "calibration_error": {"before": self.error_before, "after": self.error},
            "reading": self.reading,
            "offset": self.offset,
            "unplaced": self.unplaced,
            "evidence": summed if self.whole_image else self.evidence,
            "whole_image": self.whole_image,
            "shares": self.shares,
            "sum_error": self.sum_error,
            "patches": self.patches,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """What is read, how sure that is, and which pixels speak most for it, unless it is read
        from all of them."""
        if self.whole_image:
            return f"{self._read(image)} It is read from the whole image: no place is claimed."
        row, column = self._strongest(image)
        (top, bottom), (left, right) = self.patches[row], self.patches[column]
        return (
            f"{self._read(image)} The strongest evidence lies in rows {top} to {bottom - 1} and "
            f"columns {left} to {right - 1} of the pixels."
        )

    def _read(self, image: int) -> str:
        label, value = self.attribute.label, self.values[image]
        if self.probability is None:
            return f"{label} is read as {value:.3g} {self.attribute.unit}".rstrip() + "."
        word = "probability" if self.temperature else "uncalibrated probability"
        sure = self.probability[image].max()
        if self.attribute.levels:
            return f"{label} is read as {value}, {word} {sure:.2f}.{self._trusted()}"
        return f"{label}: {word} {sure:.2f} of being on.{self._trusted()}"

    def _trusted(self) -> str:
        """How far such probabilities are off on held-out images, where that was measured."""
        if self.error is None or self.error_before is None:
            return ""
        without = (
            "no temperature is used"
            if self.error == self.error_before
            else f"{self.error_before:.1%} without its temperature"
        )
        return f" On held-out images such probabilities are {self.error:.1%} off, {without}."

    def _strongest(self, image: int) -> tuple[int, int]:
        strongest = np.abs(self.map()[image])
        row, column = np.unravel_index(strongest.argmax(), strongest.shape)
        return int(row), int(column)

    def plot(self, images: Images, image: int = 0) -> Image.Image:
        """One image beside its map of evidence: orange speaks for the attribute (or the level that
        was read), blue against. A global attribute gets no colour."""
        name = self.attribute.label
        caption = f"{name}={self.values[image]}" if self.attribute.levels else name
        if self.whole_image:
            blank = np.zeros(self.evidence.shape[2:], np.float32)
            return heat_picture(images[image], {f"{caption}, whole image": blank})
        return heat_picture(images[image], {caption: self.map()[image]})


@torch.no_grad()
def explain_reading(
    model: ImageModel,
    images: Images,
    attribute: str,
    calibration: Calibration | None = None,
) -> ReadingExplanation:
    """Take one reading of the encoder apart.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].
        attribute: named, discovered or taught.
        calibration: from `calibrate`; without it the probability is the encoder's own, and the
            explanation says so. With it, it says how far such probabilities are off.

    Raises:
        UnknownAttributeError: the schema has no such attribute.
        DataError: images that cannot be read, see `ImageModel.checked`.
        RunError: the calibration was made for other weights.
    """
    asked = model.schema[attribute]
    name, columns = asked.name, model.schema.slices[asked.name]
    if calibration is not None:
        calibration.check(model)
    encoder, scale = model.encoder, Reading(model.schema)
    evidence, unplaced, readings, codes = [], [], [], []
    for some in torch.split(images, BATCH):
        shown = encoder.evidence(encoder.features(model.checked(some)))
        offset, levels, reading = _terms(model, asked, shown)
        evidence.append(levels[:, :, 0])
        unplaced.append(levels[:, :, 1:].sum(dim=(2, 3, 4)))
        readings.append(reading[:, columns])
        codes.append(scale.as_code(reading)[:, columns])
    raw = torch.cat(readings).cpu().numpy()
    values = asked.decode(torch.cat(codes).cpu().numpy())
    temperature = calibration.of(name) if calibration else None
    probability = None
    if asked.kind != "continuous":
        probability = softmax(as_logits(asked, raw) / (temperature or 1.0), axis=1)
        if asked.kind == "binary":
            probability = probability[:, 1:]  # of being on
            values = probability[:, 0].copy()
    return ReadingExplanation(
        attribute=asked,
        offset=offset.cpu().numpy().copy(),
        unplaced=torch.cat(unplaced).cpu().numpy(),
        evidence=torch.cat(evidence).cpu().numpy(),
        reading=raw,
        values=values,
        probability=probability,
        temperature=temperature,
        error=calibration.error.get(name) if calibration else None,
        error_before=calibration.error_before.get(name) if calibration else None,
        patches=_patches(model),
    )


def _terms(model: ImageModel, asked: Attribute, evidence: Evidence) -> tuple[Tensor, Tensor, Code]:
    """The offset of an attribute's columns, what each place of each level adds to them, (batch,
    columns, levels, row, column), and the readings of all attributes."""
    encoder, columns = model.encoder, model.schema.slices[asked.name]
    reading = encoder.reading(evidence)
    if isinstance(model, Taught):
        reading = torch.cat([reading, model.words_in(evidence)], dim=1)
        if asked.source == "taught":
            return *model.word_terms(evidence, asked.name), reading
    return encoder.offset[columns], encoder.read.by_level(evidence)[:, columns], reading


def _patches(model: ImageModel) -> Patches:
    """The pixels that each row of places can see."""
    trunk, size = model.encoder.trunk, model.config.size
    seen = [trunk.patch(place) for place in range(PLACES)]
    return tuple((patch.start, min(patch.stop, size)) for patch in seen)
