"""What does an attribute do in the generator? Drawn, measured, and read from the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.errors import DataError
from interpretable_gan.explain.bars import bar_picture, stacked
from interpretable_gan.explain.explanation import Explanation, joined, share_of
from interpretable_gan.explain.footprint import Channels, channel_footprint
from interpretable_gan.explain.heat import overlay
from interpretable_gan.explain.strips import draw_strips, strip_values
from interpretable_gan.metrics.readings import Judge, value
from interpretable_gan.metrics.targets import FEWEST, Target, set_target, targets
from interpretable_gan.metrics.uncertainty import seed_interval, wilson
from interpretable_gan.modalities.pictures import Row, compose, to_pixels
from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Code, Style

SHOWN = 6
"""Samples of which strips are kept."""

SIDE = 96
"""Pixels that a tile is drawn wide, at least."""

BESIDES = 5
"""Side effects that a picture shows."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Effect:
    """What setting the attribute to ``target`` did to one attribute, in an evaluator's eyes.

    Measured on the ``edited`` samples that did not show the target before. ``flipped``: share that
    then showed another value; of the attribute itself, the share that showed the target. ``shift``:
    mean change of the share that is on, or of a continuous code; None for levels. Intervals are
    95 %; all are None with fewer than 5 samples. ``readable``: whether the evaluator can be
    believed.
    """

    target: str
    attribute: str
    edited: int
    flipped: float | None
    flipped_interval: Interval | None
    shift: float | None
    shift_interval: Interval | None
    readable: bool


@dataclass(frozen=True, eq=False)
class AttributeExplanation(Explanation):
    """What one attribute does in the generator.

    captions: the values along a strip
    strips: the same samples at each value  uint8 (sample, value, height, width, channel)
    effects: on itself and on every other named attribute, per target; empty without an evaluator
    footprint: layer → norm of the attribute's additive terms, straight from the weights; empty
        where codes do not enter by such terms
    footprint_share: layer → the same as a share of all code columns' squared norms, 0 to 1
    channels: layer → the same channel by channel; their norm is the layer's  (channel,)
    change: how far a pixel moves between the attribute's values, mean over samples and channels,
        0 to 1  (height, width)
    samples, seed, evaluator: the circumstances
    """

    attribute: Attribute
    captions: tuple[str, ...]
    strips: NDArray[np.uint8]
    effects: tuple[Effect, ...]
    footprint: Mapping[str, float]
    footprint_share: Mapping[str, float]
    channels: Mapping[str, NDArray[np.float64]]
    change: NDArray[np.float32]
    samples: int
    seed: int
    evaluator: str | None

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """value, layer, height, width."""
        height, width = self.change.shape
        return {
            "value": self.captions,
            "layer": tuple(self.footprint),
            "height": tuple(range(height)),
            "width": tuple(range(width)),
        }

    @property
    def own(self) -> tuple[Effect, ...]:
        """Effects on the attribute itself: does it show when asked for?"""
        return tuple(each for each in self.effects if each.attribute == self.attribute.name)

    @property
    def side_effects(self) -> tuple[Effect, ...]:
        """Effects on readable others, the most frequent flips first."""
        others = [
            each
            for each in self.effects
            if each.attribute != self.attribute.name and each.readable and each.flipped is not None
        ]
        return tuple(sorted(others, key=lambda each: -(each.flipped or 0.0)))

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per target and attribute: the effects."""
        return [asdict(effect) for effect in self.effects]

    def footprint_rows(self) -> list[dict[str, Any]]:
        """One row per layer and channel: how strongly the attribute acts there, by the weights."""
        return [
            {"layer": layer, "channel": channel, "footprint": strength}
            for layer, strengths in self.channels.items()
            for channel, strength in enumerate(strengths.tolist())
        ]

    def to_dict(self) -> dict[str, Any]:
        """All but the strips, which are pictures."""
        return {
            "attribute": self.attribute.name,
            "effects": self.to_rows(),
            "footprint": self.footprint,
            "footprint_share": self.footprint_share,
            "channels": self.channels,
            "change": self.change,
            "samples": self.samples,
            "seed": self.seed,
            "evaluator": self.evaluator,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """How often it shows, what flips besides, which layer it acts on, and where."""
        shares = self.footprint_share
        acts = (
            f"acts most on the layer {max(shares, key=shares.__getitem__)}, and " if shares else ""
        )
        row, column = np.unravel_index(self.change.argmax(), self.change.shape)
        return " ".join(
            [
                *self._measured(),
                f"{self.attribute.label} {acts}changes the image most at row {row}, "
                f"column {column} of the pixels.",
            ]
        )

    def _measured(self) -> Iterator[str]:
        """A sentence on success and one on side effects, where there was an evaluator."""
        shown = [
            f"{each.target} in {each.flipped:.0%}{_told(each.flipped_interval)}"
            for each in self.own
            if each.flipped is not None
        ]
        if shown:
            yield f"Of the images edited, {self.attribute.label} then shows: {', '.join(shown)}."
        besides = [
            f"{each.attribute} ({each.flipped:.0%}{_told(each.flipped_interval)} of edits to "
            f"{each.target})"
            for each in self.side_effects[:3]
        ]
        if besides:
            yield f"What flips most besides: {joined(besides)}."

    def rows_of_strips(self) -> list[Row]:
        """The strips as rows for `pictures.save_rows`."""
        return [
            Row(images, labels=() if number else self.captions)
            for number, images in enumerate(self.strips)
        ]

    def plot(self) -> Image.Image:
        """Strips, and in orange where pixels change; how often the attribute shows when asked for
        and what flips most besides, where there was an evaluator; and its share of each layer."""
        sheet = [compose(self._strips_and_change(), scale=-(-SIDE // self.strips.shape[2]))]
        told = {
            f"{each.target}: {each.attribute} {'shows' if each in self.own else 'flips'}": each
            for each in [*self.own, *self.side_effects[:BESIDES]]
            if each.flipped is not None
        }
        if told:
            shares = {name: each.flipped or 0.0 for name, each in told.items()}
            ends = {name: each.flipped_interval or () for name, each in told.items()}
            title = "share of edits, with 95 % interval"
            sheet.append(bar_picture(shares, ends, title=title, form=".0%"))
        if self.footprint_share:
            title = f"share of {self.attribute.label} in each layer"
            sheet.append(bar_picture(self.footprint_share, title=title, form=".1%"))
        return stacked(sheet)

    def _strips_and_change(self) -> list[Row]:
        """The strips, and behind the first the middle image with what changes."""
        first, *others = self.strips
        first = np.broadcast_to(first, (*first.shape[:3], 3))
        middle = first[len(first) // 2]
        where = overlay(middle, self.change, float(self.change.max()))
        tiles = np.concatenate([first, where[None]])
        return [Row(tiles, labels=[*self.captions, "change"]), *(Row(each) for each in others)]


def explain_attribute(
    model: ImageModel,
    name: str,
    evaluator: Judge | None = None,
    *,
    samples: int = 256,
    seed: int = 0,
) -> AttributeExplanation:
    """Find out what an attribute does in the generator.

    Args:
        name: named or discovered.
        evaluator: judges effects; training must not have seen it. Without one none are measured.
        samples: how many to edit; their codes are as in the training data.
        seed: of the samples.

    Raises:
        UnknownAttributeError: the schema has no such attribute.
        DataError: no samples, or an evaluator of another schema.
    """
    attribute = model.schema[name]
    name = attribute.name
    if samples < 1:
        raise DataError(f"nothing can be seen on {samples} samples; give one or more.")
    if evaluator is not None and evaluator.schema.named != model.schema.named:
        raise DataError("the evaluator reads another schema than the model's.")
    code, style = model.codes(samples, seed=seed), model.styles(samples, seed=seed)
    strips = draw_strips(model, name, code[:SHOWN], style[:SHOWN])
    ends = draw_strips(model, name, code, style, steps=2)
    moved = (ends.amax(dim=1) - ends.amin(dim=1)) / 2  # (sample, channel, height, width)
    channels = channel_footprint(model, model.schema.slices[name])
    effects = _effects(model, attribute, evaluator, code, style) if evaluator else ()
    return AttributeExplanation(
        attribute=attribute,
        captions=tuple(strip_values(attribute)),
        strips=np.stack([to_pixels(strip) for strip in strips]),
        effects=tuple(effects),
        footprint={layer: float(np.linalg.norm(each)) for layer, each in channels.items()},
        footprint_share=_shares(model, channels),
        channels=channels,
        change=moved.mean(dim=(0, 1)).cpu().numpy(),
        samples=samples,
        seed=seed,
        evaluator=evaluator.name if evaluator else None,
    )


def _shares(model: ImageModel, channels: Channels) -> dict[str, float]:
    """A footprint's square as a share of those of all attributes, by layer."""
    everything = channel_footprint(model, slice(model.schema.columns))
    shares = {}
    for layer, strengths in channels.items():
        whole = np.square(everything[layer]).sum()
        shares[layer] = float(share_of(np.square(strengths).sum(), whole))
    return shares


def _effects(
    model: ImageModel, attribute: Attribute, evaluator: Judge, code: Code, style: Style
) -> Iterator[Effect]:
    """Set the attribute to each target where the target does not show, and read everything."""
    schema = evaluator.schema
    before = evaluator.read(model.draw(code, style))
    for target in _targets(model, attribute):
        rows = np.arange(len(code))
        if attribute.source == "named":  # an evaluator can tell who shows the target already
            mine = value(attribute, before[:, schema.slices[attribute.name]])
            rows = np.flatnonzero(mine != target.reads)
        if not len(rows):
            continue
        edited = set_target(model.schema, code[rows], target)
        after = evaluator.read(model.draw(edited, style[rows]))
        for other in schema.named:
            columns = schema.slices[other.name]
            yield _effect(
                target,
                other,
                before[rows, columns],
                after[:, columns],
                readable=other.name in evaluator.readable,
            )


def _targets(model: ImageModel, attribute: Attribute) -> list[Target]:
    """The values to set; one without labels goes to its ends, which no evaluator reads."""
    if attribute.source == "named":
        return [target for target in targets(model.schema) if target.attribute == attribute.name]
    low, high = ("off", "on") if attribute.kind == "binary" else ("low", "high")
    ends = {low: -1.0, high: 1.0}
    return [
        Target(attribute.name, label, np.array([end], np.float32), -1)
        for label, end in ends.items()
    ]


def _effect(
    target: Target,
    other: Attribute,
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    *,
    readable: bool,
) -> Effect:
    """Flips and shift of one attribute, from an evaluator's columns ``(edited, width)``."""
    edited, was, now = len(before), value(other, before), value(other, after)
    if edited < FEWEST:
        return Effect(target.label, other.name, edited, None, None, None, None, readable)
    flips = int(
        (now == target.reads).sum() if other.name == target.attribute else (now != was).sum()
    )
    shift, interval = None, None
    if other.kind != "categorical":
        moved = now - was if other.kind == "binary" else (after - before)[:, 0]
        shift, interval = float(moved.mean()), seed_interval(moved.tolist())
    ends = wilson(flips, edited)
    return Effect(target.label, other.name, edited, flips / edited, ends, shift, interval, readable)


def _told(interval: Interval | None) -> str:
    return f" [{interval[0]:.0%}, {interval[1]:.0%}]" if interval else ""
