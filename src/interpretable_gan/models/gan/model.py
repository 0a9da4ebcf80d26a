"""A trained GAN that draws, reads and decides in the language of its attributes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.errors import ConfigError, RunError, SchemaError
from interpretable_gan.modalities.images import ImageModality
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.discriminator import (
    Decision,
    Discriminator,
    OpaqueDiscriminator,
)
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.networks import Networks, build, part
from interpretable_gan.models.gan.parts import CELLS, terms_of
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Scores, Style

KEPT = ("average", "discriminator", "style_encoder")
"""The networks that a trained model consists of."""


class InterpretableGAN:
    """A trained generator, discriminator and encoder that share one space of named attributes.

    Made by `interpretable_gan.train`, or read from a run with ``Run.open(folder).model()``. Codes
    and styles may lie on any device; what is returned lies on the model's.

    Args:
        schema: the named attributes, and those that training discovered.
        config: what it was trained with.
        networks: trained.
        usual: codes ``(rows, columns)`` of training images, from which `codes` draws; the model
            computes where they lie.
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
        self.schema, self.config, self.networks = schema, config, networks
        self.usual = usual
        self.labels = Labels(schema, frequencies, config.typical)
        self.modality = ImageModality(
            config.size, networks.average.to_image.convolution.out_channels
        )
        self.labels.to(usual.device)
        for network in networks.named().values():
            network.eval().requires_grad_(False)
            network.to(usual.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.networks.average.basis.device

    @property
    def typical(self) -> float:
        """Greatest strength, 0 to 1, at which a label enters a code; 1 where labels say all."""
        return self.config.typical

    def to(self, device: torch.device | str) -> InterpretableGAN:
        """A copy of the model on another device; this one stays where it is."""
        return InterpretableGAN(
            self.schema,
            self.config,
            copy.deepcopy(self.networks),
            self.usual.to(device),
            self.labels.frequencies,
        )

    def tensors(self) -> dict[str, Tensor]:
        """All that `of` makes the same model from, by name."""
        kept = {"codes": self.usual, "frequencies": self.labels.frequencies}
        for name in KEPT:
            for key, tensor in getattr(self.networks, name).state_dict().items():
                kept[f"{name}.{key}"] = tensor
        return kept

    @classmethod
    def of(
        cls, schema: Schema, config: GANConfig, tensors: Mapping[str, Tensor]
    ) -> InterpretableGAN:
        """The model that has these tensors.

        Raises:
            RunError: they are not those of such a model.
        """
        try:
            usual, frequencies = tensors["codes"], tensors["frequencies"]
            channels = tensors["average.to_image.convolution.weight"].shape[0]
        except (KeyError, IndexError) as missing:
            raise RunError(f"the weights hold no such model (no {missing})") from None
        if carried := part(tensors, pretrained.PUBLISHED):
            pretrained.adopt(carried)
        networks = build(schema, config, channels)
        try:
            for name in KEPT:
                getattr(networks, name).load_state_dict(part(tensors, name))
            if (width := usual.shape[1]) != schema.columns:
                raise RuntimeError(f"codes of {width} columns, not {schema.columns}")
        except (RuntimeError, IndexError) as error:
            reason = " ".join(line.strip() for line in str(error).splitlines()[:2])
            raise RunError(
                f"weights and config do not fit together ({reason.rstrip('. ')})"
            ) from None
        networks.generator.load_state_dict(networks.average.state_dict())
        return cls(schema, config, networks, usual, frequencies)

    def codes(self, n: int, *, seed: int = 0) -> Code:
        """Codes ``(n, columns)`` in [-1, 1] of training images.

        Raises:
            ConfigError: fewer than one.
        """
        luck = chance(seed, "codes", 0)
        rows = torch.randint(len(self.usual), (_some(n),), generator=luck)
        return self.usual[rows.to(self.device)]

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``, standard normal; those of real images are spread alike.

        Raises:
            ConfigError: fewer than one.
        """
        luck = chance(seed, "styles", 0)
        return torch.randn(_some(n), self.config.style, generator=luck).to(self.device)

    @torch.no_grad()
    def draw(self, code: Code, style: Style) -> Images:
        """Images ``(batch, channels, size, size)`` in [-1, 1] of the given codes and styles.

        Args:
            code: ``(batch, columns)`` in [-1, 1], such as `codes` and `code_of` give.
            style: ``(batch, style)``, such as `styles` and `encode` give.

        Raises:
            SchemaError: codes or styles of another width, or not as many of both.
        """
        columns, width = self.schema.columns, self.config.style
        if code.shape != (len(style), columns) or style.shape != (len(code), width):
            raise SchemaError(
                f"codes {tuple(code.shape)} and styles {tuple(style.shape)} do not make images: "
                f"give (batch, {columns}) and (batch, {width}), as many of both."
            )
        batches = zip(torch.split(code, BATCH), torch.split(style, BATCH), strict=True)
        return torch.cat([self.render(*some).clamp(-1, 1) for some in batches])

    def render(self, code: Code, style: Style) -> Images:
        """What `draw` draws of one batch, before it is cut to [-1, 1]; gradients pass."""
        drawn: Images = self.networks.average(code.to(self.device), style.to(self.device))
        return drawn

    def z_moves(self, columns: slice) -> Tensor:
        """How z, code and style side by side, moves when each of these columns of the code is set
        to +1 and to −1, ``(2 · columns, z)``."""
        own = torch.eye(self.schema.columns + self.config.style, device=self.device)[columns]
        return torch.cat([own, -own])

    @torch.no_grad()
    def read(self, images: Images) -> Code:
        """Raw readings ŝ ``(batch, columns)``: log-odds of binary attributes and levels, of any
        size; values of continuous and discovered ones, which may leave [-1, 1] a little.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self._by_batch(self.networks.discriminator.encoder, images)

    def read_code(self, images: Images) -> Code:
        """What the encoder reads as a code ``(batch, columns)`` in [-1, 1]; ``schema.read`` puts it
        into words. To draw or to decide by it, see `code_of`.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self._reading.as_code(self.read(images))

    @torch.no_grad()
    def encode(self, images: Images) -> tuple[Code, Style]:
        """The code, as `code_of` gives it, and the likeliest style ``(batch, style)`` of images:
        what they hold beside their attributes, around 0 and seldom beyond ±2.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        encoder, reader = self.networks.discriminator.encoder, self.networks.style_encoder
        readings, styles = [], []
        for some in torch.split(self.checked(images), BATCH):
            reading, features = encoder.seen(some)
            readings.append(reading)
            styles.append(self.networks.average.space.to_normal(reader(features).mean))
        return self.code_from(torch.cat(readings)), torch.cat(styles)

    @torch.no_grad()
    def strangeness(self, images: Images) -> Scores:
        """How far images ``(batch,)`` are from what training images are like, where 99 % of these
        are below 1. Above it, readings, edits and explanations of an image mean little.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        encoder, style_encoder = self.networks.discriminator.encoder, self.networks.style_encoder
        return self._by_batch(lambda some: style_encoder.familiar(encoder.seen(some)[1]), images)

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code:
        """The code ``(batch, columns)`` in [-1, 1] to draw or to decide by of real images: what is
        read there or, given their ``labels``, what these claim, which is nothing of discovered
        attributes. As in training, each claim is as strong as it is plain to see (`Labels`), where
        1 is asked in full.

        Args:
            images: as `ImageModality.check` takes them.
            labels: ``(batch, named columns)``: -1, 1 or a number between, 0 where unknown.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
            SchemaError: labels of another width, or not one row per image.
        """
        if labels is None:
            return self.code_from(self.read(images))
        named, reading = self.schema.named_columns, self.read(images)
        claimed = whole(self.schema, labels.to(self.device), len(reading))[:, :named]
        unclaimed = torch.zeros_like(reading[:, named:])
        return torch.cat([self.labels.code(reading, claimed), unclaimed], dim=1)

    def code_from(self, reading: Code) -> Code:
        """`code_of` images without labels, from what `read` said of them, ``(batch, columns)``."""
        code = self._reading.as_code(reading)
        code[:, : self.schema.named_columns] = self.labels.code(reading)
        return code

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
        trunk = self.networks.discriminator.encoder.trunk
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

    def as_terms(self, decision: Decision) -> Terms:
        """What `decide` says as terms that claim no place."""
        agreement, realism = (e[..., None, None] for e in (decision.agreement, decision.realism))
        return terms_of(self.schema, decision, agreement, realism)

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

    @property
    def _reading(self) -> Reading:
        return self.labels.reading

    def checked(self, images: Images) -> Images:
        """Images as the networks take them: checked by the modality, on the model's device.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self.modality.check(images).to(self.device)

    def _by_batch(self, network: nn.Module | Callable[[Tensor], Tensor], images: Images) -> Tensor:
        batches = torch.split(self.checked(images), BATCH)
        return torch.cat([network(some) for some in batches])


def _some(n: int) -> int:
    """A number of images to draw.

    Raises:
        ConfigError: fewer than one.
    """
    if n < 1:
        raise ConfigError(f"{n} images cannot be drawn: ask for one or more.")
    return n
