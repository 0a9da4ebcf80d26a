"""A trained GAN that draws, reads and decides in the language of its attributes."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.discriminator import (
    Decision,
    Discriminator,
    OpaqueDiscriminator,
)
from interpretable_gan.models.gan.encoder import PLACES, Encoder
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.generator import Generator
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.networks import Networks, build, part
from interpretable_gan.models.gan.parts import CELLS, terms_of
from interpretable_gan.models.images import ImageModel, image_channels, load
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style

KEPT = ("average", "discriminator", "style_encoder")
"""The networks that a trained model consists of."""


class InterpretableGAN(ImageModel):
    """A trained generator, discriminator and encoder that share one space of named attributes.

    Made by `interpretable_gan.train`, or read from a run with ``Run.open(folder).model()``.

    Args:
        schema, config, usual: see `ImageModel`.
        networks: trained.
        frequencies: how often the training labels of each named column are on, ``(named,)``.
    """

    name = "gan"

    def __init__(
        self,
        schema: Schema,
        config: GANConfig,
        networks: Networks,
        usual: Code,
        frequencies: Tensor,
    ) -> None:
        self.networks = networks
        super().__init__(schema, config, usual, Labels(schema, frequencies, config.typical))

    @property
    def generator(self) -> Generator:
        """The moving average of the generator that learned."""
        return self.networks.average

    @property
    def encoder(self) -> Encoder:
        """The network that reads attributes, a part of the discriminator."""
        return self.networks.discriminator.encoder

    @property
    def familiar(self) -> Familiar:
        """What tells how strange an image is, from what a style is read from."""
        return self.networks.style_encoder.familiar

    def kept(self) -> dict[str, nn.Module]:
        """The networks that it consists of, by the name under which they are saved."""
        return {name: getattr(self.networks, name) for name in KEPT}

    def to(self, device: torch.device | str) -> InterpretableGAN:
        """A copy of the model on another device; this one stays where it is."""
        return InterpretableGAN(
            self.schema,
            self.config,
            copy.deepcopy(self.networks),
            self.usual.to(device),
            self.labels.frequencies,
        )

    @classmethod
    def of(
        cls, schema: Schema, config: GANConfig, tensors: Mapping[str, Tensor]
    ) -> InterpretableGAN:
        """The model that has these tensors.

        Raises:
            RunError: they are not those of such a model.
        """
        channels = image_channels(tensors, "average")
        if carried := part(tensors, pretrained.PUBLISHED):
            pretrained.adopt(carried)
        networks = build(schema, config, channels)
        load({name: getattr(networks, name) for name in KEPT}, schema, tensors)
        networks.generator.load_state_dict(networks.average.state_dict())
        return cls(schema, config, networks, tensors["codes"], tensors["frequencies"])

    @torch.no_grad()
    def encode(self, images: Images) -> tuple[Code, Style]:
        """The code, as `code_of` gives it, and the likeliest style ``(batch, style)`` of images:
        what they hold beside their attributes, around 0 and seldom beyond ±2.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        reader = self.networks.style_encoder
        readings, styles = [], []
        for some in torch.split(self.checked(images), BATCH):
            reading, features = self.encoder.seen(some)
            readings.append(reading)
            styles.append(self.generator.space.to_normal(reader(features).mean))
        return self.code_from(torch.cat(readings)), torch.cat(styles)

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
        parts: list[Decision] = [self.networks.discriminator(*some) for some in batches]
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
        return not isinstance(self.networks.discriminator, OpaqueDiscriminator)

    def additive(self) -> Discriminator:
        """The discriminator, whose decision has parts.

        Raises:
            ConfigError: it is the black-box twin.
        """
        discriminator = self.networks.discriminator
        if isinstance(discriminator, OpaqueDiscriminator):
            raise ConfigError(
                "this model was trained with the black-box discriminator, whose decision has no "
                "parts: train with discriminator=additive to have it explained."
            )
        return discriminator
