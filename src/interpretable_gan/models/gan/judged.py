"""What a model offers whose discriminator decides by attributes: an exact sum, and readings."""

from __future__ import annotations

import copy
from typing import Any, Protocol, Self

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan.config import JudgingConfig
from interpretable_gan.models.gan.discriminator import (
    Decision,
    Discriminator,
    OpaqueDiscriminator,
)
from interpretable_gan.models.gan.encoder import PLACES, Encoder
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.parts import CELLS, terms_of
from interpretable_gan.models.gan.style import StyleEncoder
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images


class Judging(Protocol):
    """Networks that judge and read images, among others."""

    @property
    def discriminator(self) -> Discriminator | OpaqueDiscriminator:
        """Decides, and has the encoder of attributes."""
        ...

    @property
    def style_encoder(self) -> StyleEncoder:
        """Reads what else an image holds."""
        ...


class JudgedModel(ImageModel):
    """A model of images with a discriminator, whose encoder reads attributes.

    A family says which of its ``networks`` a trained model consists of, ``KEPT``, and how its
    generator draws.

    Args:
        schema, config, usual: see `ImageModel`.
        networks: trained.
        frequencies: how often the training labels of each named column are on, ``(named,)``.
    """

    KEPT: tuple[str, ...]

    def __init__(
        self,
        schema: Schema,
        config: JudgingConfig,
        networks: Any,
        usual: Code,
        frequencies: Tensor,
    ) -> None:
        self.networks = networks
        super().__init__(schema, config, usual, Labels(schema, frequencies, config.typical))

    @property
    def judging(self) -> Judging:
        """The networks that judge and read."""
        networks: Judging = self.networks
        return networks

    @property
    def encoder(self) -> Encoder:
        """The network that reads attributes, a part of the discriminator."""
        return self.judging.discriminator.encoder

    @property
    def familiar(self) -> Familiar:
        """What tells how strange an image is, from what a style is read from."""
        return self.judging.style_encoder.familiar

    def kept(self) -> dict[str, nn.Module]:
        """The networks that it consists of, by the name under which they are saved."""
        return {name: getattr(self.networks, name) for name in self.KEPT}

    def to(self, device: torch.device | str) -> Self:
        """A copy of the model on another device; this one stays where it is."""
        return type(self)(
            self.schema,
            self.config,
            copy.deepcopy(self.networks),
            self.usual.to(device),
            self.labels.frequencies,
        )

    @torch.no_grad()
    def look(self, images: Images) -> tuple[Code, Tensor]:
        """Raw readings ``(batch, columns)``, and the likeliest styles ``(batch, style)`` as the
        style encoder gives them.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        readings, styles = [], []
        for some in torch.split(self.checked(images), BATCH):
            reading, features = self.encoder.seen(some)
            readings.append(reading)
            styles.append(self.judging.style_encoder(features).mean)
        return torch.cat(readings), torch.cat(styles)

    @torch.no_grad()
    def decide(self, images: Images, code: Code) -> Decision:
        """The discriminator's decision on images against codes, summed over places; `Decision` says
        its shapes. Scores count only in comparison: they have no zero and no range.

        Args:
            images: as `ImageModality.check` takes them.
            code: what is claimed of them, ``(batch, columns)`` or the named columns only, in
                [-1, 1]; 0 claims nothing.

        Raises:
            DataError: images that cannot be judged, see `ImageModality.check`.
            SchemaError: codes of another width, or not one per image.
        """
        images = self.checked(images)
        claimed = torch.split(whole(self.schema, code.to(self.device), len(images)), BATCH)
        batches = zip(torch.split(images, BATCH), claimed, strict=True)
        parts: list[Decision] = [self.judging.discriminator(*some) for some in batches]
        return Decision(
            agreement=torch.cat([part.agreement for part in parts]),
            realism=torch.cat([part.realism for part in parts]),
            residual=torch.cat([part.residual for part in parts]),
            bias=parts[0].bias,
            reading=torch.cat([part.reading for part in parts]),
        )

    @torch.no_grad()
    def terms(self, images: Images, code: Code | None = None) -> Terms:
        """The logit as an exact sum over attribute × place: one pass of the trunk, then products.

        Agreement and realism of named attributes, realism of discovered ones, and the residual. An
        attribute that the schema marks ``global`` claims no place.

        Args:
            images: as `ImageModality.check` takes them.
            code: as `decide` takes it; by default what the encoder reads in the same images.

        Raises:
            ConfigError: the model has the black-box discriminator.
            DataError, SchemaError: see `decide`.
        """
        discriminator = self.additive()
        images = self.checked(images)
        claimed: list[Code | None] = [None] * -(-len(images) // BATCH)
        if code is not None:
            code = whole(self.schema, code.to(self.device), len(images))
            claimed = list(torch.split(code, BATCH))
        batches = zip(torch.split(images, BATCH), claimed, strict=True)
        return Terms.joined([self._terms(discriminator, *some) for some in batches])

    def patches(self, part: Part) -> Bool[Tensor, "rows places channels height width"]:
        """Which pixels each term of a part can see: those of its place's patch, or all."""
        size, cells = self.config.size, len(CELLS)
        if not part.places:
            return torch.ones(1, 1, 1, size, size, dtype=torch.bool, device=self.device)
        seen = torch.zeros(cells, size, size, dtype=torch.bool, device=self.device)
        trunk = self.encoder.trunk
        for cell in range(cells):
            seen[cell, trunk.patch(cell // PLACES), trunk.patch(cell % PLACES)] = True
        return seen[None, :, None]

    def _terms(self, discriminator: Discriminator, images: Images, code: Code | None) -> Terms:
        """Terms of one batch; the total as ``forward`` computes it."""
        encoder = discriminator.encoder
        features = encoder.features(images)
        evidence = encoder.evidence(features)
        if code is None:
            code = self.code_from(encoder.reading(evidence))
        decision = discriminator.judge(features, evidence, code)
        return terms_of(self.schema, decision, *discriminator.placed(evidence, code))

    def scored(self, images: Images, code: Code) -> tuple[Terms, Code]:
        """What `decide` says as terms, and the raw readings, in one pass."""
        decision = self.decide(images, code)
        return self.as_terms(decision), decision.reading

    def as_terms(self, decision: Decision) -> Terms:
        """What `decide` says as terms that claim no place."""
        agreement, realism = (e[..., None, None] for e in (decision.agreement, decision.realism))
        return terms_of(self.schema, decision, agreement, realism)

    @property
    def explains(self) -> bool:
        """Whether the decision has parts: not that of the black-box twin."""
        return not isinstance(self.judging.discriminator, OpaqueDiscriminator)

    def additive(self) -> Discriminator:
        """The discriminator, whose decision has parts.

        Raises:
            ConfigError: it is the black-box twin.
        """
        discriminator = self.judging.discriminator
        if isinstance(discriminator, OpaqueDiscriminator):
            raise ConfigError(
                "this model was trained with the black-box discriminator, whose decision has no "
                "parts: train with discriminator=additive to have it explained."
            )
        return discriminator
