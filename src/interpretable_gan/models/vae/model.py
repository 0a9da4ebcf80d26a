"""A trained VAE that draws, reads and scores in the language of its attributes."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.errors import ConfigError
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan.discriminator import Discriminator
from interpretable_gan.models.gan.encoder import Encoder
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.generator import Generator
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.images import ImageModel, image_channels, load
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.models.vae.bound import against_claims, bound_of, log_likelihood
from interpretable_gan.models.vae.config import VAEConfig
from interpretable_gan.models.vae.networks import Networks, Recogniser, Seen, build
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Style

KEPT = ("generator", "recogniser")
"""The networks that a trained model consists of."""

DRAWS = 4
"""Draws of z behind a bound, in antithetic pairs; they are the same for all images."""


class InterpretableVAE(ImageModel):
    """A trained generator and recogniser that share one space of named attributes.

    Its score is the evidence bound on log p(x|s) of an image x, given what a code s claims of its
    named attributes. Labels say all: they enter codes as they are.

    Args:
        schema, config, usual: see `ImageModel`.
        networks: trained.
        frequencies: how often the training labels of each named column are on, ``(named,)``.
    """

    name = "vae"
    typical = 1.0
    score = "evidence bound in nats"
    says = "is {} likely"
    no_discriminator = (
        "A VAE has no discriminator, so nothing decides between real and generated images."
    )
    explains = True

    def __init__(
        self,
        schema: Schema,
        config: VAEConfig,
        networks: Networks,
        usual: Code,
        frequencies: Tensor,
    ) -> None:
        self.networks = networks
        super().__init__(schema, config, usual, Labels(schema, frequencies, typical=1.0))

    @property
    def generator(self) -> Generator:
        """The network that draws."""
        return self.networks.generator

    @property
    def recogniser(self) -> Recogniser:
        """The network that reads posteriors."""
        return self.networks.recogniser

    @property
    def encoder(self) -> Encoder:
        """The part of the recogniser that reads attributes."""
        return self.recogniser.encoder

    @property
    def familiar(self) -> Familiar:
        """What tells how strange an image is, from the features of the recogniser."""
        return self.recogniser.familiar

    def kept(self) -> dict[str, nn.Module]:
        """The networks that it consists of, by the name under which they are saved."""
        return {name: getattr(self.networks, name) for name in KEPT}

    def to(self, device: torch.device | str) -> InterpretableVAE:
        """A copy of the model on another device; this one stays where it is."""
        networks = copy.deepcopy(self.networks)
        frequencies = self.labels.frequencies
        return InterpretableVAE(
            self.schema, self.config, networks, self.usual.to(device), frequencies
        )

    @classmethod
    def of(
        cls, schema: Schema, config: VAEConfig, tensors: Mapping[str, Tensor]
    ) -> InterpretableVAE:
        """The model that has these tensors.

        Raises:
            RunError: they are not those of such a model.
        """
        networks = build(schema, config, image_channels(tensors, "generator"))
        load({name: getattr(networks, name) for name in KEPT}, schema, tensors)
        return cls(schema, config, networks, tensors["codes"], tensors["frequencies"])

    def additive(self) -> Discriminator:
        """There is none.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(self.no_discriminator)

    @torch.no_grad()
    def encode(self, images: Images) -> tuple[Code, Style]:
        """The code, as `code_of` gives it, and the likeliest style ``(batch, style)`` of images.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        seen = [self._seen(some) for some in torch.split(self.checked(images), BATCH)]
        readings = torch.cat([each.reading for each in seen])
        means = torch.cat([each.posterior.mean for each in seen])
        return self.code_from(readings), means[:, self.schema.columns :]

    @torch.no_grad()
    def terms(self, images: Images, code: Code | None = None) -> Terms:
        """The evidence bound in nats as an exact sum: divergence by attribute and of the style,
        reconstruction by place.

        The expectation over z is the mean over a few draws that are the same for all images.

        Args:
            images: as `ImageModality.check` takes them.
            code: what is claimed of them, ``(batch, columns)`` or the named columns only, in
                [-1, 1], 0 where nothing is claimed; by default what is read in the same images.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
            SchemaError: codes of another width, or not one per image.
        """
        images = self.checked(images)
        claimed: list[Code | None] = [None] * -(-len(images) // BATCH)
        if code is not None:
            code = whole(self.schema, code.to(self.device), len(images))
            claimed = list(torch.split(code, BATCH))
        batches = zip(torch.split(images, BATCH), claimed, strict=True)
        return Terms.joined([self._terms(some, self._seen(some), each) for some, each in batches])

    @torch.no_grad()
    def scored(self, images: Images, code: Code) -> tuple[Terms, Code]:
        """The same terms, and the raw readings."""
        return self.terms(images, code), self.read(images)

    def patches(self, part: Part) -> Bool[Tensor, "rows places channels height width"]:
        """All pixels: every term of a bound sees the whole image, through the posterior."""
        return torch.ones(1, 1, 1, 1, 1, dtype=torch.bool, device=self.device)

    def _seen(self, images: Images) -> Seen:
        """What the recogniser makes of one batch."""
        seen: Seen = self.recogniser(images.contiguous(memory_format=torch.channels_last))
        return seen

    def _terms(self, images: Images, seen: Seen, code: Code | None) -> Terms:
        """Terms of one batch."""
        columns, named = self.schema.columns, self.schema.named_columns
        code = self.code_from(seen.reading) if code is None else code
        claimed: NamedCode = code[:, :named]
        divergences = against_claims(seen.posterior, claimed, self.labels.claimed(claimed), columns)
        half = torch.randn(
            DRAWS // 2, columns + self.config.style, generator=chance(0, "bound", 0)
        ).to(self.device)
        drawn = torch.stack(
            [
                self.render(
                    *seen.posterior.at(each.expand(len(images), -1)).tensor_split([columns], 1)
                )
                for each in torch.cat([half, -half])
            ]
        )
        places, bias = log_likelihood(images, drawn, self.config.noise)
        return bound_of(self.schema, divergences, places, bias)
