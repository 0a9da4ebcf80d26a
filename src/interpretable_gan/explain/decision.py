"""Why does a model score an image as it does? Its score, term by term."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from interpretable_gan.errors import SchemaError
from interpretable_gan.explain.explanation import Explanation, Values, joined
from interpretable_gan.explain.heat import heat_picture
from interpretable_gan.models.base import Explains, whole
from interpretable_gan.models.terms import Source, Terms, arrays
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images

SAID = 3
"""Attributes that a sentence names on either side."""


@dataclass(frozen=True, eq=False)
class DecisionExplanation(Explanation):
    """A model's score as a sum over (attribute × place), for a batch of images: of a GAN the
    discriminator's logit,

        logit = bias + Σ agreement + Σ realism + Σ discovered + residual,

    and of a VAE the evidence bound, whose terms are divergences of attributes and the
    reconstruction of places. What follows is of the GAN.

    A term depends on the pixels of its place's patch alone; agreement also on the code, so its
    promise holds for a code that was given.

    Training compares scores and never looks at their level, so a term speaks for real where it is
    larger than that of other images. `against` subtracts the mean of these, term by term, and the
    sum stays exact.

    terms: agreement (does the image show what the code claims?) and realism (does what the image
        shows of it look real?) of named attributes, realism of discovered ones, and the residual
    code: what was claimed of the images  (image, columns)
    code_source: the code was ``given``, or it is the encoder's ``reading`` of the same images
    compared_with: images whose mean was subtracted from every term; 0 as the network has it
    reference: what these images are, such as ``generated images``; empty where there are none
    score, says: what the score is called, and what it says of an image, see `ImageModel`
    """

    schema: Schema
    terms: Terms
    code: Values
    code_source: Literal["given", "reading"]
    compared_with: int
    reference: str
    score: str = "discriminator's score"
    says: str = "looks {} real"

    def __len__(self) -> int:
        return len(self.terms)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """image, named, discovered, row, column."""
        places = tuple(range(self.side))
        return {
            "image": tuple(range(len(self))),
            "named": [attribute.name for attribute in self.schema.named],
            "discovered": [attribute.name for attribute in self.schema.discovered],
            "row": places,
            "column": places,
        }

    @property
    def side(self) -> int:
        """Rows, and columns, of the grid of places; 0 where no attribute claims one."""
        return max((math.isqrt(len(part.places)) for part in self.terms.parts), default=0)

    @property
    def logit(self) -> NDArray[np.float64]:
        """What the network itself computed, ``(image,)``."""
        return arrays({"total": self.terms.total})["total"]

    @property
    def whole_image(self) -> tuple[str, ...]:
        """Attributes that claim no place: what they add is told as a sum."""
        placed = {row for part in self.terms.parts if part.places for row in part.rows}
        return tuple(name for name in self.schema.names if name not in placed)

    @property
    def contributions(self) -> dict[str, NDArray[np.float64]]:
        """Attribute → what it adds to the logit, agreement and realism together, ``(image,)``."""
        found = arrays(self.terms.by_row())
        return {name: found[name] for name in self.schema.names}

    @property
    def parts(self) -> dict[str, NDArray[np.float64]]:
        """agreement, realism, discovered, residual and bias: they add up to the logit,
        ``(image,)`` each."""
        sums: dict[str, Tensor] = {}
        for part in self.terms.parts:
            name, added = part.label, part.values.double().sum(dim=(1, 2))
            sums[name] = sums[name] + added if name in sums else added
        bias = np.full(len(self), self.terms.bias.item())
        return arrays(sums) | {"bias": bias}

    @property
    def sum_error(self) -> float:
        """Worst gap between the sum of all terms and the logit, relative to the logit where that
        is larger than 1. Lower is better; rounding of float32 leaves about 1e-6."""
        return self.terms.error().item()

    @property
    def shares(self) -> dict[Source, NDArray[np.float64]]:
        """Shares of ``named``, ``discovered`` and ``residual``, ``(image,)`` each, of the sum of
        absolute contributions (agreement and realism counted apart, without the bias): 0 to 1,
        they add up to 1, and are nan where nothing contributes."""
        return arrays(self.terms.shares())

    def against(
        self, reference: DecisionExplanation, called: str = "other images"
    ) -> DecisionExplanation:
        """The same decision compared with other images, such as generated ones: from each term,
        and from the logit, their mean is subtracted. The bias cancels. ``called`` says in the
        sentence what they are.

        Raises:
            SchemaError: the reference comes from a model with another schema.
        """
        if reference.schema != self.schema:
            raise SchemaError("decisions can be compared only within one schema.")
        terms = self.terms.minus(reference.terms.mean())
        return replace(self, terms=terms, compared_with=len(reference), reference=called)

    def without(self, source: Source) -> NDArray[np.float64]:
        """The logit when the terms of a source are deleted, ``(image,)``."""
        return arrays({source: self.terms.without(source)})[source]

    def map(self, attribute: str | None = None) -> Values:
        """What each place adds, ``(image, row, column)``: of one attribute, or of all that have
        places.

        Raises:
            UnknownAttributeError: the schema has no such attribute.
            SchemaError: the attribute claims no place.
        """
        name = None if attribute is None else self.schema[attribute].name
        if name in self.whole_image:
            raise SchemaError(f"{attribute!r} is read from the whole image: it has no map.")
        found = np.zeros((len(self), self.side**2), np.float32)
        for part in self.terms.parts:
            if len(part.places) == self.side**2:
                rows = [n for n, row in enumerate(part.rows) if name in (None, row)]
                found += part.values[:, rows].sum(dim=1).cpu().numpy()
        return found.reshape(-1, self.side, self.side)

    def strongest(self, image: int = 0, count: int = 5) -> list[tuple[str, float]]:
        """The attributes that move one image's logit most, with what they add."""
        found = [(name, float(total[image])) for name, total in self.contributions.items()]
        return sorted(found, key=lambda pair: -abs(pair[1]))[:count]

    def to_rows(self, *, places: bool = False) -> list[dict[str, Any]]:
        """One row per image, part and attribute, with its contribution; with ``places`` one per
        place, which is None where no place is claimed. An image's rows add up to its logit."""
        rows: list[dict[str, Any]] = []
        for image in range(len(self)):
            for part in self.terms.parts:
                for name, values in zip(part.rows, part.values[image].tolist(), strict=True):
                    known = None if part.source == "residual" else name
                    key = {"image": image, "part": part.label, "attribute": known}
                    if not places:
                        rows.append(key | {"contribution": math.fsum(values)})
                        continue
                    for place, value in zip(part.places or (None,), values, strict=True):
                        rows.append(key | {"place": place, "contribution": value})
            key = {"image": image, "part": "bias", "attribute": None}
            bias = {"contribution": self.terms.bias.item()}
            rows.append(key | ({"place": None} if places else {}) | bias)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Terms, totals and shares."""
        return {
            "logit": self.logit,
            "terms": [
                {
                    "part": part.label,
                    "rows": part.rows,
                    "places": part.places,
                    "values": part.values.cpu().numpy(),
                }
                for part in self.terms.parts
            ],
            "whole_image": self.whole_image,
            "bias": self.terms.bias.item(),
            "code": self.code,
            "code_source": self.code_source,
            "compared_with": self.compared_with,
            "reference": self.reference,
            "contributions": self.contributions,
            "shares": self.shares,
            "without": {p: self.without(p) for p in ("named", "discovered", "residual")},
            "sum_error": self.sum_error,
            "sentence": [self.sentence(image) for image in range(len(self))],
        }

    def sentence(self, image: int = 0) -> str:
        """Which attributes pull the score up and down, what share has a name, whose code it is."""
        ranked, least = self.strongest(image, len(self.schema.names)), self.rounding(image)
        sides = {
            "up": [self._told(name, image) for name, term in ranked if term > least][:SAID],
            "down": [self._told(name, image) for name, term in ranked if term < -least][:SAID],
        }
        pulled = [f"{side} by {joined(names)}" for side, names in sides.items() if names]
        shares = {name: share[image] for name, share in self.shares.items()}
        return (
            f"{self._scored(image)} "
            + (f"It is pulled {joined(pulled)}. " if pulled else "")
            + f"Of all that moves it {shares['named']:.0%} has a name, "
            f"{shares['discovered']:.0%} was discovered and {shares['residual']:.0%} is residual; "
            f"without its named terms the score would be {self.without('named')[image]:+.2f}. "
            + self._claim()
        )

    def _claim(self) -> str:
        """Whose code the terms of named attributes are measured against."""
        kind = self.terms.parts[0].kind
        measured = f"{kind} is {'with' if kind == 'agreement' else 'from'}"
        if self.code_source == "given":
            return f"{measured.capitalize()} the code that was given."
        return f"No code was given: {measured} the encoder's own reading."

    def _scored(self, image: int) -> str:
        score = self.logit[image]
        if not self.compared_with:
            return f"The {self.score} is {score:+.2f}, which counts only in comparison."
        said = self.says.format("more" if score > 0 else "less")
        return (
            f"The {self.score} is {score:+.2f} against the mean of {self.compared_with} "
            f"{self.reference}: the image {said} than these."
        )

    def rounding(self, image: int = 0) -> float:
        """What rounds to 0 where an image's terms are told: half of the last decimal. There are two
        decimals, and more where the strongest attribute has no two digits in them."""
        (_, strongest), *_ = self.strongest(image, 1)
        decimals = 1 - math.floor(math.log10(abs(strongest))) if strongest else 0
        return 0.5 * 10.0 ** -max(decimals, 2)

    def told(self, term: float, image: int = 0) -> str:
        """A term of an image in digits, with its sign; what rounds to 0 has none."""
        least = self.rounding(image)
        decimals = round(-math.log10(2 * least))
        return f"{term:+.{decimals}f}" if abs(term) > least else f"{0:.{decimals}f}"

    def _told(self, name: str, image: int) -> str:
        return f"{self.schema[name].label} ({self._added(name, image)})"

    def _added(self, name: str, image: int) -> str:
        """What an attribute adds, and whether that has no place."""
        where = ", whole image" if name in self.whole_image else ""
        return f"{self.told(float(self.contributions[name][image]), image)}{where}"

    def plot(self, images: Images, image: int = 0, count: int = 5) -> Image.Image:
        """One image beside its heat maps: all terms, then the attributes that move it most.

        Orange pulls the score up and blue down; the attributes' maps share one scale. An attribute
        that claims no place has its sum beside it and no colour.
        """
        nowhere = np.zeros((self.side, self.side), np.float32)
        maps = {}
        for name, _ in self.strongest(image, count):
            found = nowhere if name in self.whole_image else self.map(name)[image]
            maps[f"{self.schema[name].label}\n{self._added(name, image)}"] = found
        return heat_picture(images[image], maps, whole=self.map()[image])


@torch.no_grad()
def explain_decision(
    model: Explains, images: Images, code: Code | None = None
) -> DecisionExplanation:
    """Take a score apart, such as the discriminator's decision.

    Args:
        model: whose score is an exact sum.
        images: ``(batch, channels, size, size)`` in [-1, 1].
        code: what is claimed of them, whole or named columns only, 0 where nothing is claimed;
            by default what the encoder reads in the same images.

    Raises:
        ConfigError: the model has a black-box discriminator.
        DataError: images that cannot be judged.
        SchemaError: codes of another width, or not one per image.
    """
    claimed = model.encode(images)[0] if code is None else whole(model.schema, code, len(images))
    schema = model.schema.trained  # the decision uses no words
    return DecisionExplanation(
        schema=schema,
        terms=model.terms(images, claimed).to("cpu"),
        code=claimed[:, : schema.columns].cpu().numpy(),
        code_source="reading" if code is None else "given",
        compared_with=0,
        reference="",
        **{name: getattr(model, name) for name in ("score", "says") if hasattr(model, name)},
    )
