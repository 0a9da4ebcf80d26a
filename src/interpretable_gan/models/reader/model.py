"""A reader: attributes of images, and a target as an exact sum over them and over places."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from interpretable_gan.errors import RunError, SchemaError
from interpretable_gan.modalities.images import ImageModality
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.networks import part
from interpretable_gan.models.gan.parts import CELLS
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.networks import ReaderNetwork, Seen, look, side_by_side
from interpretable_gan.models.terms import Part, Source, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Scores

TARGET = "target"
"""The kind of all terms."""


class Reader:
    """Reads attributes in images, and a target as an exact sum over the other attributes, named and
    discovered, over places, and over a residual. It draws nothing.

    Args:
        schema: the named attributes, of which one is the target, and the discovered ones.
        config: what it was fitted with.
        network: fitted.
        channels: of the images: 3 (RGB), or 1 (grey).
    """

    name = "reader"

    def __init__(
        self, schema: Schema, config: ReaderConfig, network: ReaderNetwork, channels: int
    ) -> None:
        self.schema, self.config, self.network = schema, config, network.eval()
        self.modality = ImageModality(config.size, channels)
        self.target: Attribute = schema[schema.target or ""]
        self.others = tuple(each for each in schema.named if each.name != self.target.name)
        self._scale = Reading(schema).to(self.device)

    @classmethod
    def fresh(cls, schema: Schema, config: ReaderConfig, channels: int) -> Reader:
        """One that has learned nothing yet."""
        targets = schema[schema.target or ""].width
        network = ReaderNetwork(
            width=config.width,
            columns=schema.named_columns - targets,
            discovered=len(schema.discovered),
            targets=targets,
        )
        return cls(schema, config, network, channels)

    @classmethod
    def of(cls, schema: Schema, config: ReaderConfig, tensors: Mapping[str, Tensor]) -> Reader:
        """The reader that has these tensors.

        Raises:
            RunError: they are not those of such a reader.
        """
        try:
            reader = cls.fresh(schema, config, int(tensors["channels"]))
            reader.network.load_state_dict(part(tensors, "network"))
        except (KeyError, RuntimeError, SchemaError) as error:
            reason = " ".join(str(error).split())
            raise RunError(f"weights and config do not fit together ({reason[:200]})") from None
        reader.network.requires_grad_(False)
        return reader

    def tensors(self) -> dict[str, Tensor]:
        """All that the same reader can be made from, by name, beside the published network."""
        own = {f"network.{name}": each for name, each in self.network.state_dict().items()}
        return own | {"channels": torch.tensor(self.modality.channels)}

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.bias.device

    def to(self, device: torch.device | str) -> Reader:
        """A copy of the reader on another device; this one stays where it is."""
        network = copy.deepcopy(self.network).to(device)
        return Reader(self.schema, self.config, network, self.modality.channels)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The levels of a categorical target, or the target itself."""
        return self.target.levels or (self.target.name,)

    def look(self, images: Images) -> Seen:
        """What the published network sees of images.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return look(self.modality.check(images).to(self.device))

    def read(self, images: Images) -> Code:
        """Raw readings ``(batch, columns)``: log-odds of binary attributes and levels, of any size;
        values of continuous and discovered ones. The target's columns hold its whole sum.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return torch.cat([self.read_seen(self.look(some)) for some in torch.split(images, BATCH)])

    @torch.no_grad()
    def read_seen(self, seen: Seen) -> Code:
        """`read`, from what `look` said."""
        scores = self.network(seen)
        named = self.joined(scores.readings, scores.total)
        return torch.cat([named, self.network.found(seen)], dim=1)

    def read_code(self, images: Images) -> Code:
        """What is read as a code ``(batch, columns)`` in [-1, 1]; ``schema.read`` puts it into
        words.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self._scale.as_code(self.read(images))

    @torch.no_grad()
    def strangeness(self, images: Images) -> Scores:
        """How far images ``(batch,)`` are from what training images are like, where 99 % of these
        are below 1.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        batches = [side_by_side(self.look(some)) for some in torch.split(images, BATCH)]
        return torch.cat([self.network.familiar(each) for each in batches])

    def joined(self, readings: Code, target: Tensor) -> Code:
        """Named columns in order, from those of the target and of all others."""
        span = self.schema.slices[self.target.name]
        return torch.cat([readings[:, : span.start], target, readings[:, span.start :]], dim=1)

    def apart(self, named: Tensor) -> Tensor:
        """Named columns without those of the target."""
        span = self.schema.slices[self.target.name]
        end = self.schema.named_columns
        return torch.cat([named[:, : span.start], named[:, span.stop : end]], dim=1)

    def terms(self, images: Images, level: str | None = None) -> Terms:
        """The score of the target as an exact sum over attributes, places and the residual.

        The score is the log-odds of a binary target and the number itself, as in codes, of a
        continuous one. Of a categorical one it is the logit of ``level`` less the mean of the
        others'. Each term is 0 on average over training images.

        Raises:
            SchemaError: the target has no such level, or has some and none is named.
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        batches = [self.terms_seen(self.look(some), level) for some in torch.split(images, BATCH)]
        return Terms.joined(batches)

    @torch.no_grad()
    def terms_seen(self, seen: Seen, level: str | None = None) -> Terms:
        """`terms`, from what `look` said."""
        side = self.contrast(level)
        sums = self.network.placed(seen)
        named, found = (torch.einsum("t,btclp->bclp", side, each) for each in sums[:2])
        residual = torch.einsum("t,btlp->blp", side, sums.residual)[:, None]
        widths = [each.width for each in self.others]
        by_attribute = (
            [each.sum(dim=1) for each in torch.split(named, widths, dim=1)] if widths else []
        )
        rows = {each.name: term for each, term in zip(self.others, by_attribute, strict=True)}
        discovered = dict(
            zip([each.name for each in self.schema.discovered], found.unbind(1), strict=True)
        )
        parts = [
            *_parts("named", rows),
            *_parts("discovered", discovered),
            *_parts("residual", {"residual": residual[:, 0]}),
        ]
        total = self.network(seen).total @ side
        return Terms(tuple(parts), self.network.bias @ side, total)

    @torch.no_grad()
    def by_place(self, seen: Seen) -> Float[Tensor, "batch targets places"]:
        """What each place adds to the target over all depths and attributes, against training
        images. Deep features see more than the place where they stand."""
        parts = self.network.placed(seen)
        return parts.named.sum((2, 3)) + parts.discovered.sum((2, 3)) + parts.residual.sum(2)

    def contrast(self, level: str | None) -> Tensor:
        """Weights of the target's columns in a score, ``(targets,)``.

        Raises:
            SchemaError: the target has no such level, or has some and none is named.
        """
        levels = self.target.levels
        if not levels:
            return torch.ones(1, device=self.device)
        if level not in levels:
            raise SchemaError(f"{self.target.name!r}: {self.target.accepts(level)}")
        side = torch.full((len(levels),), -1 / (len(levels) - 1), device=self.device)
        side[levels.index(level)] = 1
        return side

    def patches(self, part: Part) -> Bool[Tensor, "rows places channels height width"]:
        """Which pixels each term of a part can see."""
        size = self.config.size
        if not part.places:
            return torch.ones(len(part.rows), 1, 1, 1, 1, dtype=torch.bool)
        seen = torch.zeros(PLACES, size, dtype=torch.bool)
        for place in range(PLACES):
            seen[place, self.patch(place)] = True
        both = seen[:, None, :, None] & seen[None, :, None, :]
        return both.reshape(1, PLACES**2, 1, size, size).expand(len(part.rows), -1, -1, -1, -1)

    def patch(self, place: int) -> slice:
        """The rows (or columns) of pixels that a row (or column) of places can see."""
        tap = pretrained.TAPS[0]
        across = pretrained.ENLARGED * self.config.size // tap.stride // PLACES
        first, last = place * across, (place + 1) * across - 1
        seen = pretrained.lite0(self.device, pretrained.DEEPER).patch(tap, first, last)
        return slice(max(seen.start, 0), min(seen.stop, self.config.size))


def _parts(source: Source, rows: Mapping[str, Tensor]) -> list[Part]:
    """Terms (batch, levels, places) of some rows: at the places of the first level, and of the
    whole image, which deeper levels see wherever they stand."""
    if not rows:
        return []
    values = torch.stack(list(rows.values()), dim=1)
    whole = values[:, :, 1:].sum(dim=(2, 3))[..., None]
    names: Any = tuple(rows)
    return [Part(TARGET, source, values[:, :, 0], names, CELLS), Part(TARGET, source, whole, names)]
