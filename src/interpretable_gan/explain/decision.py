"""Why does the discriminator call it real? Its logit, term by term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from interpretable_gan.errors import ConfigError, SchemaError
from interpretable_gan.explain.explanation import (
    Explanation,
    Values,
    joined,
    relative_gap,
    share_of,
)
from interpretable_gan.explain.heat import heat_picture
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images

Patches = tuple[tuple[int, int], ...]
"""For each row of places the first pixel row it sees, and the first it no longer does."""

NOWHERE = {"row": None, "column": None}
"""Where a term without a place stands in a table."""

SAID = 3
"""Attributes that a sentence names on either side."""


@dataclass(frozen=True, eq=False)
class DecisionExplanation(Explanation):
    """The discriminator's logit as a sum over (attribute × place), for a batch of images.

        logit = bias + Σ agreement + Σ realism + Σ discovered + residual

    A term depends on the pixels of its place's patch alone; agreement also on the code, so its
    promise holds for a code that was given.

    Training compares scores and never looks at their level, so a term speaks for real where it is
    larger than that of other images. `against` subtracts the mean of these, term by term, and the
    sum stays exact.

    agreement: does the image show what the code claims?  (image, named attribute, row, column)
    realism: does what the image shows of it look real?  (image, named attribute, row, column)
    discovered: realism of discovered attributes  (image, discovered attribute, row, column)
    residual: everything without a name or a place  (image,)
    logit: what the network itself computed  (image,)
    code: what was claimed of the images  (image, columns)
    code_source: the code was ``given``, or it is the encoder's ``reading`` of the same images
    patches: pixel rows that each row of places sees; the same for columns
    compared_with: images whose mean was subtracted from every term; 0 as the network has it
    """

    schema: Schema
    agreement: Values
    realism: Values
    discovered: Values
    residual: Values
    bias: float
    logit: Values
    code: Values
    code_source: Literal["given", "reading"]
    patches: Patches
    compared_with: int

    def __len__(self) -> int:
        return len(self.logit)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, named, discovered, row, column."""
        places = tuple(range(len(self.patches)))
        return {
            "image": tuple(range(len(self))),
            "named": [attribute.name for attribute in self.schema.named],
            "discovered": [attribute.name for attribute in self.schema.discovered],
            "row": places,
            "column": places,
        }

    @property
    def whole_image(self) -> tuple[str, ...]:
        """Attributes that the schema marks ``global``: what they add is told as a sum, and neither
        a map nor a table nor a picture claims a place for it."""
        return tuple(each.name for each in self.schema.attributes if each.scope == "global")

    @property
    def contributions(self) -> dict[str, NDArray[np.float64]]:
        """Attribute → what it adds to the logit, agreement and realism together, ``(image,)``."""
        named = _over_places(self.agreement) + _over_places(self.realism)
        totals = np.concatenate([named, _over_places(self.discovered)], axis=1)
        return dict(zip(self.schema.names, totals.T, strict=True))

    @property
    def parts(self) -> dict[str, NDArray[np.float64]]:
        """agreement, realism, discovered, residual and bias: they add up to the logit,
        ``(image,)`` each."""
        maps = {
            "agreement": self.agreement,
            "realism": self.realism,
            "discovered": self.discovered,
        }
        sums = {name: _over_places(part).sum(axis=1) for name, part in maps.items()}
        bias = np.full(len(self), self.bias)
        return sums | {"residual": self.residual.astype(np.float64), "bias": bias}

    @property
    def sum_error(self) -> float:
        """Worst gap between the sum of all terms and the logit, relative to the logit where that
        is larger than 1. Lower is better; rounding of float32 leaves about 1e-6."""
        return relative_gap(np.sum(list(self.parts.values()), axis=0), self.logit)

    @property
    def shares(self) -> dict[str, NDArray[np.float64]]:
        """Shares of ``named``, ``discovered`` and ``residual``, ``(image,)`` each, of the sum of
        absolute contributions (agreement and realism counted apart, without the bias): 0 to 1,
        they add up to 1, and are nan where nothing contributes."""
        weights = {
            "named": np.abs(_over_places(self.agreement)).sum(axis=1)
            + np.abs(_over_places(self.realism)).sum(axis=1),
            "discovered": np.abs(_over_places(self.discovered)).sum(axis=1),
            "residual": np.abs(self.residual.astype(np.float64)),
        }
        total = np.sum(list(weights.values()), axis=0)
        return {name: share_of(weight, total) for name, weight in weights.items()}

    def against(self, reference: DecisionExplanation) -> DecisionExplanation:
        """The same decision compared with other images, such as generated ones: from each term,
        and from the logit, their mean is subtracted. The bias cancels.

        Raises:
            SchemaError: the reference comes from a model with another schema.
        """
        if reference.schema != self.schema:
            raise SchemaError("decisions can be compared only within one schema.")
        terms = {
            name: getattr(self, name) - getattr(reference, name).mean(axis=0, dtype=np.float64)
            for name in ("agreement", "realism", "discovered", "residual", "logit")
        }
        terms = {name: term.astype(np.float32) for name, term in terms.items()}
        return replace(self, **terms, bias=0.0, compared_with=len(reference))

    def without(self, part: Literal["named", "discovered", "residual"]) -> NDArray[np.float64]:
        """The logit when a part is deleted, ``(image,)``."""
        parts = self.parts
        gone = ("agreement", "realism") if part == "named" else (part,)
        return np.sum([terms for name, terms in parts.items() if name not in gone], axis=0)

    def map(self, attribute: str | None = None) -> Values:
        """What each place adds, ``(image, row, column)``: of one attribute, or of all that have
        places.

        Raises:
            UnknownAttributeError: the schema has no such attribute.
            SchemaError: the attribute is global.
        """
        if attribute is None:
            local = [name for name in self.schema.names if name not in self.whole_image]
            maps = [self._no_places(), *(self.map(name) for name in local)]
            return np.sum(maps, axis=0, dtype=np.float32)
        asked = self.schema[attribute]
        number = self.schema.names.index(asked.name)
        if asked.scope == "global":
            raise SchemaError(f"{attribute!r} is read from the whole image: it has no map.")
        if asked.source == "discovered":
            return self.discovered[:, number - len(self.schema.named)]
        return self.agreement[:, number] + self.realism[:, number]

    def _no_places(self) -> Values:
        """A map that says nothing."""
        side = len(self.patches)
        return np.zeros((len(self), side, side), np.float32)

    def strongest(self, image: int = 0, count: int = 5) -> list[tuple[str, float]]:
        """The attributes that move one image's logit most, with what they add."""
        found = [(name, float(total[image])) for name, total in self.contributions.items()]
        return sorted(found, key=lambda pair: -abs(pair[1]))[:count]

    def to_rows(self, *, places: bool = False) -> list[dict[str, Any]]:
        """One row per image, part and attribute, with its contribution; with ``places`` one per
        place, or one without a place of a global attribute. An image's rows add up to its logit."""
        named = [attribute.name for attribute in self.schema.named]
        found = [attribute.name for attribute in self.schema.discovered]
        rows: list[dict[str, Any]] = []
        for image in range(len(self)):
            for part, names in (("agreement", named), ("realism", named), ("discovered", found)):
                for name, terms in zip(names, getattr(self, part)[image], strict=True):
                    key = {"image": image, "part": part, "attribute": name}
                    if places and name not in self.whole_image:
                        rows += _placed(key, terms)
                    else:
                        rows.append(_row(key | (NOWHERE if places else {}), terms))
            for part, term in (("residual", self.residual[image]), ("bias", self.bias)):
                key = {"image": image, "part": part, "attribute": None}
                rows.append(key | (NOWHERE if places else {}))
                rows[-1]["contribution"] = float(term)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Terms (nan at the places of a global attribute), totals, shares and patches."""
        return {
            "logit": self.logit,
            "agreement": _placed_only(self.agreement, self.schema.named),
            "realism": _placed_only(self.realism, self.schema.named),
            "discovered": _placed_only(self.discovered, self.schema.discovered),
            "whole_image": self.whole_image,
            "residual": self.residual,
            "bias": self.bias,
            "code": self.code,
            "code_source": self.code_source,
            "compared_with": self.compared_with,
            "contributions": self.contributions,
            "shares": self.shares,
            "without": {p: self.without(p) for p in ("named", "discovered", "residual")},
            "sum_error": self.sum_error,
            "patches": self.patches,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """Which attributes pull the score up and down, what share has a name, whose code it is."""
        ranked = self.strongest(image, len(self.schema.names))
        sides = {
            "up": [self._told(name, term) for name, term in ranked if term > 0][:SAID],
            "down": [self._told(name, term) for name, term in ranked if term < 0][:SAID],
        }
        pulled = [f"{side} by {joined(names)}" for side, names in sides.items() if names]
        shares = {name: share[image] for name, share in self.shares.items()}
        return (
            f"{self._scored(image)} "
            + (f"It is pulled {joined(pulled)}. " if pulled else "")
            + f"Of all that moves it {shares['named']:.0%} has a name, "
            f"{shares['discovered']:.0%} was discovered and {shares['residual']:.0%} is residual; "
            f"without its named terms it would be {self.without('named')[image]:+.2f}. "
            + (
                "Agreement is with the code that was given."
                if self.code_source == "given"
                else "No code was given: agreement is with the encoder's own reading."
            )
        )

    def _scored(self, image: int) -> str:
        score = self.logit[image]
        if not self.compared_with:
            return f"The discriminator's score is {score:+.2f}, which counts only in comparison."
        return (
            f"The discriminator's score is {score:+.2f} against the mean of {self.compared_with} "
            f"other images: it looks {'more' if score > 0 else 'less'} real than these."
        )

    def _told(self, name: str, term: float) -> str:
        where = ", whole image" if name in self.whole_image else ""
        return f"{self.schema[name].label} ({term:+.2f}{where})"

    def plot(self, images: Images, image: int = 0, count: int = 5) -> Image.Image:
        """One image beside its heat maps: all terms, then the attributes that move it most.

        Orange pulls the score up and blue down; the attributes' maps share one scale. A global
        attribute has its sum beside it and no colour.
        """
        maps = {}
        for name, term in self.strongest(image, count):
            found = self._no_places() if name in self.whole_image else self.map(name)
            maps[self._told(name, term)] = found[image]
        return heat_picture(images[image], maps, whole=self.map()[image])


@torch.no_grad()
def explain_decision(
    model: InterpretableGAN, images: Images, code: Code | None = None
) -> DecisionExplanation:
    """Take the discriminator's decision apart: one pass of its trunk, then products.

    Args:
        model: trained, with the additive discriminator.
        images: ``(batch, channels, size, size)`` in [-1, 1].
        code: what is claimed of them, whole or named columns only, 0 where nothing is claimed;
            by default what the encoder reads in the same images.

    Raises:
        ConfigError: the model has a black-box discriminator.
        DataError: images that cannot be judged, see `InterpretableGAN.checked`.
        SchemaError: codes of another width, or not one per image.
    """
    discriminator = additive(model)
    given = None
    if code is not None:
        given = torch.split(whole(model.schema, code, len(images)), BATCH)
    batches = [
        _explained(model, discriminator, model.checked(some), given[i] if given else None)
        for i, some in enumerate(torch.split(images, BATCH))
    ]
    terms = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    starts = [model.schema.slices[attribute.name].start for attribute in model.schema.named]
    for part in ("agreement", "realism"):  # the columns of a categorical attribute are one term
        terms[part] = np.add.reduceat(terms[part], starts, axis=1)
    return DecisionExplanation(
        schema=model.schema,
        bias=discriminator.bias.item(),
        code_source="reading" if code is None else "given",
        patches=patches(model),
        compared_with=0,
        **terms,
    )


def _explained(
    model: InterpretableGAN, discriminator: Discriminator, images: Images, code: Code | None
) -> dict[str, Values]:
    """Terms of one batch by column, and the logit as ``forward`` computes it."""
    encoder, named = discriminator.encoder, discriminator.named
    features = encoder.trunk(images)
    evidence = encoder.evidence(features)
    if code is None:
        code = model.code_from(encoder.reading(evidence))
    decision = discriminator.judge(features, evidence, code)
    shown = discriminator.agreement.contributions(evidence[:, :named])
    realism = discriminator.realism.contributions(evidence)
    terms: dict[str, Tensor] = {
        "agreement": code[:, :named, None, None] * shown,
        "realism": realism[:, :named],
        "discovered": realism[:, named:],
        "residual": decision.residual,
        "logit": decision.logit,
        "code": code,
    }
    return {name: term.cpu().numpy() for name, term in terms.items()}


def additive(model: InterpretableGAN) -> Discriminator:
    """The model's discriminator, if it has parts.

    Raises:
        ConfigError: it is the black-box twin.
    """
    discriminator = model.networks.discriminator
    if isinstance(discriminator, OpaqueDiscriminator):
        raise ConfigError(
            "this model was trained with the black-box discriminator, whose decision has no parts: "
            "train with discriminator=additive to have it explained."
        )
    return discriminator


def patches(model: InterpretableGAN) -> Patches:
    """The pixels that each row of places can see."""
    trunk, size = model.networks.discriminator.encoder.trunk, model.config.size
    seen = [trunk.patch(place) for place in range(size // (2 * trunk.fold))]
    return tuple((patch.start, min(patch.stop, size)) for patch in seen)


def _placed_only(maps: Values, attributes: Sequence[Attribute]) -> Values:
    """Maps ``(image, attribute, row, column)``, with nan where no place may be claimed."""
    placed = np.array([each.scope == "local" for each in attributes], bool)
    return np.where(placed[:, None, None], maps, np.float32(np.nan))


def _over_places(maps: Values) -> NDArray[np.float64]:
    """Maps ``(image, attribute, row, column)`` summed to ``(image, attribute)``."""
    return maps.sum(axis=(2, 3), dtype=np.float64)


def _row(key: dict[str, Any], terms: Values) -> dict[str, Any]:
    return key | {"contribution": float(terms.sum(dtype=np.float64))}


def _placed(key: dict[str, Any], terms: Values) -> list[dict[str, Any]]:
    return [
        key | {"row": row, "column": column, "contribution": float(term)}
        for (row, column), term in np.ndenumerate(terms)
    ]
