"""The same picture with other attributes: what changed, wanted and unwanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.errors import ConfigError
from interpretable_gan.explain.explanation import Explanation, Values, joined
from interpretable_gan.explain.readers import OWN, reader_of, worded
from interpretable_gan.explain.reconstruction import STEPS, Reconstruction, reconstruct
from interpretable_gan.metrics.identity import similarity
from interpretable_gan.metrics.readings import Judge, value
from interpretable_gan.modalities.pictures import Row, compose
from interpretable_gan.models.images import ImageModel
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

if TYPE_CHECKING:
    from interpretable_gan.metrics.extractors import FeatureExtractor

SIDE = 128
"""Pixels that a picture is drawn wide, at least."""

DIFFERENCE = "difference\ngrey 0, white +100%"
"""Label of a difference of two pictures: half of it, in [-1, 1], so that black is −100 %."""

SAID = 4
"""Attributes that a sentence names besides those asked for."""


@dataclass(frozen=True, eq=False)
class Edit(Explanation):
    """Real images with some attributes changed, and what a reader sees in them.

        edited = original + overlay · (drawn − reconstruction), or drawn alone without an overlay

    schema: whose attributes
    wanted: the attributes that were to change
    original, reconstruction, drawn, edited: in [-1, 1]  (image, channel, height, width)
    code, target: refined code, and the same with the changes  (image, columns)
    style: refined  (image, style)
    before, rebuilt, after: what the reader sees in original, reconstruction and edited, on the
        scale of codes  (image, named columns, or all)
    reader: name of the evaluator, or ``encoder``, which is the model's own
    readable: the attributes on which its readings can be believed
    overlay: how strongly the change was laid over the original; None where it was not
    """

    schema: Schema
    wanted: tuple[str, ...]
    original: Values
    reconstruction: Values
    drawn: Values
    edited: Values
    code: Values
    target: Values
    style: Values
    before: Values
    rebuilt: Values
    after: Values
    reader: str
    readable: tuple[str, ...]
    overlay: float | None

    def __len__(self) -> int:
        return len(self.original)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, channel, height, width, attribute."""
        channels, height, width = self.original.shape[1:]
        return {
            "image": tuple(range(len(self))),
            "channel": tuple(range(channels)),
            "height": tuple(range(height)),
            "width": tuple(range(width)),
            "attribute": [attribute.name for attribute in self.read],
        }

    @property
    def read(self) -> tuple[Attribute, ...]:
        """The attributes that the reader reads: the named ones and, of the model's own encoder,
        those that it was taught."""
        columns, slices = self.before.shape[1], self.schema.slices
        attributes = (each for each in self.schema.attributes if each.source != "discovered")
        return tuple(each for each in attributes if slices[each.name].stop <= columns)

    @property
    def difference(self) -> Values:
        """What the edit changed in the generator's picture: drawn − reconstruction."""
        return self.drawn - self.reconstruction

    @property
    def error(self) -> NDArray[np.float64]:
        """Root mean square gap of the reconstruction, ``(image,)``: 0 is best, 1 is black for
        white."""
        gap = (self.reconstruction - self.original).astype(np.float64)
        return np.sqrt(np.square(gap).mean(axis=(1, 2, 3))) / 2

    @property
    def asked(self) -> dict[str, NDArray[Any]]:
        """Wanted attribute → its value in the edit, ``(image,)``."""
        values = self.schema.read(self.target)
        return {name: values[name] for name in self.wanted}

    @property
    def eligible(self) -> dict[str, NDArray[np.bool_]]:
        """Wanted attribute → whether the original did not show the value, ``(image,)``."""
        return {name: self._shows(name, self.before) != aim for name, aim in self._aims().items()}

    @property
    def reached(self) -> dict[str, NDArray[np.bool_]]:
        """Wanted attribute → whether the edited image shows the value, ``(image,)``. A
        strength below a half counts as off, as it does for every reading."""
        return {name: self._shows(name, self.after) == aim for name, aim in self._aims().items()}

    @property
    def unwanted(self) -> dict[str, NDArray[np.bool_]]:
        """Every other readable attribute → whether its reading changed, ``(image,)``."""
        return {
            name: self._shows(name, self.before) != self._shows(name, self.after)
            for name in self.readable
            if name not in self.wanted
        }

    def _aims(self) -> dict[str, NDArray[np.int64]]:
        read = [each.name for each in self.read if each.name in self.wanted]
        return {name: self._shows(name, self.target) for name in read}

    def _shows(self, name: str, columns: Values) -> NDArray[np.int64]:
        """What scores or codes say of one attribute, as in ``readings.value``."""
        return value(self.schema[name], columns[:, self.schema.slices[name]])

    def identity(self, extractor: FeatureExtractor) -> dict[str, NDArray[np.float64]]:
        """How much ``reconstruction``, ``drawn`` and ``edited`` resemble the original on a feature
        network: cosine similarity from −1 to 1, higher is better, ``(image,)`` each."""
        return {
            name: similarity(extractor, self.original.copy(), getattr(self, name).copy())
            for name in ("reconstruction", "drawn", "edited")
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per image and attribute that is read: what was asked, and what each picture
        shows.

        ``reached`` is None where nothing was asked, ``unwanted`` where something was or the reader
        cannot tell.
        """
        asked, reached, unwanted = self.asked, self.reached, self.unwanted
        shown = {
            part: {a.name: self._shows(a.name, getattr(self, part)) for a in self.read}
            for part in ("before", "rebuilt", "after")
        }
        return [
            {
                "image": image,
                "attribute": attribute.name,
                "asked": _plain(asked[attribute.name][image]) if attribute.name in asked else None,
                **{part: worded(attribute, shown[part][attribute.name][image]) for part in shown},
                "reached": _at(reached, attribute.name, image),
                "unwanted": _at(unwanted, attribute.name, image),
                "readable": attribute.name in self.readable,
            }
            for image in range(len(self))
            for attribute in self.read
        ]

    def to_dict(self) -> dict[str, Any]:
        """Codes, styles, readings and what became of them; pictures are had by ``plot``."""
        return {
            "asked": self.asked,
            "eligible": self.eligible,
            "reached": self.reached,
            "unwanted": self.unwanted,
            "error": self.error,
            "code": self.code,
            "target": self.target,
            "style": self.style,
            "before": self.before,
            "rebuilt": self.rebuilt,
            "after": self.after,
            "reader": self.reader,
            "readable": self.readable,
            "overlay": self.overlay,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """What was asked and seen, what changed besides, and how good the reconstruction is."""
        moved = [self._moved(name, image) for name, flips in self.unwanted.items() if flips[image]]
        more = f" and {len(moved) - SAID} more" if len(moved) > SAID else ""
        besides = joined(moved[:SAID]) + more if moved else "nothing that can be read"
        who = (
            "Read by the model's own encoder, which is easily convinced. An evaluator is a better "
            "judge: igan edit --data SOURCE, or evaluator=train_evaluator(data) in Python."
            if self.reader == OWN
            else f"Read by {self.reader}, which training never saw."
        )
        return (
            f"Asked for {joined([self._told(name, image) for name in self.wanted])}. "
            f"Besides, {besides} changed. The generator's own picture of the original differs from "
            f"it by {self.error[image]:.0%} of full scale per pixel. {who}"
        )

    def _told(self, name: str, image: int) -> str:
        """What was asked of an attribute and what came of it."""
        attribute, number = self.schema[name], self.asked[name][image]
        asked = f"{attribute.label} {_strength(attribute.kind, number)}"
        reached = self.reached.get(name)
        if reached is None:
            return f"{asked} ({attribute.source}: nobody reads it)"
        before, after = (
            worded(attribute, self._shows(name, columns)[image])
            for columns in (self.before, self.after)
        )
        seen = f"{before} before, {after} now" if before != after else f"{after} before and now"
        if not reached[image]:
            seen += ", not reached"
        hint = "" if name in self.readable else "; hard to read"
        return f"{asked} ({seen}{hint})"

    def _moved(self, name: str, image: int) -> str:
        attribute = self.schema[name]
        return f"{attribute.label} (now {worded(attribute, self._shows(name, self.after)[image])})"

    def rows(self) -> list[Row]:
        """One row of pictures per image, for `pictures.save_rows`."""
        grey: Values = self.difference / np.float32(2)  # black for less, white for more
        tiles: dict[str, Values] = {
            "original": self.original,
            "reconstruction": self.reconstruction,
            "drawn": self.drawn,
            DIFFERENCE: grey,
        }
        if self.overlay is not None:
            tiles["edited"] = self.edited
        pixels = {name: _pixels(images) for name, images in tiles.items()}
        return [
            Row(
                np.stack([images[image] for images in pixels.values()]),
                labels=() if image else list(pixels),
            )
            for image in range(len(self))
        ]

    def plot(self) -> Image.Image:
        """Original, reconstruction, edit as drawn, difference, and the edit over the original."""
        return compose(self.rows(), scale=-(-SIDE // self.original.shape[-1]))


def edit(
    model: ImageModel,
    images: Images,
    changes: Mapping[str, Any],
    *,
    evaluator: Judge | None = None,
    overlay: float | None = 1.0,
    steps: int = STEPS,
    progress: Progress = silent,
) -> Edit:
    """Change attributes of real images: encode, refine until the generator draws them, edit.

    For example ``edit(model, images, {"smiling": True, "hair_color": "blond"})``.

    Args:
        model: trained.
        images: ``(batch, channels, size, size)`` in [-1, 1].
        changes: name → natural value, as `sample` takes them: ``True``, ``False``, ``"blond"``, 35,
            a strength such as 0.4, or a list with one value per image; all are set together.
        evaluator: reads what changed; without one the model's encoder does, and the edit says so.
        overlay: how strongly the change is laid over the original, which keeps what the generator
            cannot draw; above 1 an edit shows more often, and changes more besides. None gives the
            generator's picture alone.
        steps: of refining, see `reconstruct`.
        progress: told how many images are refined.

    Raises:
        UnknownAttributeError, SchemaError: a name or value that the schema does not have.
        ConfigError: nothing to change, or an overlay below 0.
        DataError: images that cannot be read, see `ImageModel.checked`, or an evaluator of
            another schema.
    """
    wanted = {model.schema[name].name: value for name, value in changes.items()}
    if not wanted:
        raise ConfigError(
            "nothing to edit: name an attribute and its value, such as {'smiling': 1}."
        )
    if overlay is not None and not overlay >= 0:
        raise ConfigError(f"overlay {overlay}: give 0 or more, or None for no overlay.")
    reader, images = reader_of(model, evaluator), model.checked(images)
    model.schema.replace(model.read_code(images), wanted)  # a wrong value is told before the work
    found = reconstruct(model, images, steps=steps, progress=progress)
    return apply(model, images, found, wanted, reader=reader, overlay=overlay)


def apply(
    model: ImageModel,
    images: Images,
    found: Reconstruction,
    wanted: Mapping[str, Any],
    *,
    reader: Judge,
    overlay: float | None = 1.0,
) -> Edit:
    """Edit images that are reconstructed already, as one may for many edits of the same."""
    target = model.schema.replace(found.code, wanted)
    drawn = model.draw(target, found.style)
    edited = drawn
    if overlay is not None:
        edited = (images + overlay * (drawn - found.images)).clamp(-1, 1)
    tensors = {
        "original": images,
        "reconstruction": found.images,
        "drawn": drawn,
        "edited": edited,
        "code": found.code,
        "target": target,
        "style": found.style,
    }
    arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}
    return Edit(
        schema=model.schema,
        wanted=tuple(wanted),
        before=reader.read(images),
        rebuilt=reader.read(found.images),
        after=reader.read(edited),
        reader=reader.name,
        readable=reader.readable,
        overlay=overlay,
        **arrays,
    )


def _strength(kind: str, number: Any) -> str:
    if kind == "binary" and number in (0, 1):
        return "on" if number else "off"
    return str(number) if kind == "categorical" else f"{number:.3g}"


def _plain(number: Any) -> Any:
    return number.item() if isinstance(number, np.generic) else number


def _at(found: Mapping[str, NDArray[np.bool_]], name: str, image: int) -> bool | None:
    return bool(found[name][image]) if name in found else None


def _pixels(images: Values) -> NDArray[np.uint8]:
    """uint8 ``(image, height, width, channel)``."""
    return ((images.clip(-1, 1) + 1) * 127.5).round().astype(np.uint8).transpose(0, 2, 3, 1)
