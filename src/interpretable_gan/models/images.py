"""What all models of images share: a code of labels, a reader, a generator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Bool
from numpy.typing import NDArray
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, DataError, RunError, SchemaError
from interpretable_gan.modalities.images import ImageModality
from interpretable_gan.models.base import BATCH, whole
from interpretable_gan.models.gan.discriminator import Discriminator
from interpretable_gan.models.gan.encoder import Encoder
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.networks import part
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Scores, Style

KEPT_CODES = 2048
"""Training codes that travel with the weights, so that a model knows what is usual."""

LOOKED_AT = 256
"""Images whose codes are found at a time."""


class Draws(Protocol):
    """A generator: from a code and a style to images of so many channels."""

    channels: int

    def __call__(self, code: Code, style: Style) -> Images: ...


class ImageModel(ABC):
    """A trained model that draws images from a code and a style, reads attributes in them, and
    gives its score as an exact sum.

    Explanations, edits, the card and the report are written against this. Codes and styles may lie
    on any device; what is returned lies on the model's.

    Args:
        schema: the named attributes, and those that training discovered.
        config: what it was trained with.
        usual: codes ``(rows, columns)`` of training images, from which `codes` draws; the model
            computes where they lie.
        labels: how labels enter codes.
    """

    name: str
    score: str = "discriminator's score"
    """What its score is called."""
    says: str = "looks {} real"
    """What a score says of an image that is ``more`` or ``less`` so."""
    no_discriminator: str = ""
    """Why nothing decides between real and generated images; empty where something does."""

    def __init__(self, schema: Schema, config: Any, usual: Code, labels: Labels) -> None:
        self.schema, self.config, self.usual = schema, config, usual
        self.labels = labels.to(usual.device)
        self.modality = ImageModality(config.size, self.generator.channels)
        for network in self.kept().values():
            network.eval().requires_grad_(False)
            network.to(usual.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    @abstractmethod
    def generator(self) -> Draws:
        """The network that draws."""

    @property
    @abstractmethod
    def encoder(self) -> Encoder:
        """The network that reads attributes."""

    @property
    @abstractmethod
    def familiar(self) -> Familiar:
        """What tells how strange an image is, from what a style is read from."""

    @abstractmethod
    def kept(self) -> dict[str, nn.Module]:
        """The networks that it consists of, by the name under which they are saved."""

    @abstractmethod
    def to(self, device: torch.device | str) -> ImageModel:
        """A copy of the model on another device; this one stays where it is."""

    @abstractmethod
    def encode(self, images: Images) -> tuple[Code, Style]:
        """Code and style from which `draw` makes images like these."""

    @abstractmethod
    def terms(self, images: Images, code: Code | None = None) -> Terms:
        """The score of images against a code as an exact sum; without one, against what is read."""

    @abstractmethod
    def scored(self, images: Images, code: Code) -> tuple[Terms, Code]:
        """The same terms summed over places, and the raw readings, in one pass; of a black box all
        is residual."""

    @property
    @abstractmethod
    def explains(self) -> bool:
        """Whether its score is a sum of parts: not of a black box."""

    @abstractmethod
    def additive(self) -> Discriminator:
        """The discriminator, whose decision has parts.

        Raises:
            ConfigError: there is none, or it is a black box.
        """

    @abstractmethod
    def patches(self, part: Part) -> Bool[Tensor, "rows places channels height width"]:
        """Which pixels each term of a part can see."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.usual.device

    def tensors(self) -> dict[str, Tensor]:
        """All that the same model can be made from, by name."""
        found = {"codes": self.usual, "frequencies": self.labels.frequencies}
        for name, network in self.kept().items():
            found |= {f"{name}.{key}": tensor for key, tensor in network.state_dict().items()}
        return found

    @property
    def typical(self) -> float:
        """Greatest strength, 0 to 1, at which a label enters a code; 1 where labels say all."""
        return self.config.typical

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
        drawn: Images = self.generator(code.to(self.device), style.to(self.device))
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
        return self._by_batch(self.encoder, images)

    def read_code(self, images: Images) -> Code:
        """What the encoder reads as a code ``(batch, columns)`` in [-1, 1]; ``schema.read`` puts it
        into words. To draw or to decide by it, see `code_of`.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self._reading.as_code(self.read(images))

    @torch.no_grad()
    def strangeness(self, images: Images) -> Scores:
        """How far images ``(batch,)`` are from what training images are like, where 99 % of these
        are below 1. Above it, readings, edits and explanations of an image mean little.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        return self._by_batch(lambda some: self.familiar(self.encoder.seen(some)[1]), images)

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


def load(networks: Mapping[str, nn.Module], schema: Schema, tensors: Mapping[str, Tensor]) -> None:
    """Give networks the tensors that are saved under their names.

    Raises:
        RunError: they do not fit the networks, or the codes among them the schema.
    """
    try:
        for name, network in networks.items():
            network.load_state_dict(part(tensors, name))
        if (width := tensors["codes"].shape[1]) != schema.columns:
            raise RuntimeError(f"codes of {width} columns, not {schema.columns}")
    except (RuntimeError, IndexError) as error:
        reason = " ".join(line.strip() for line in str(error).splitlines()[:2])
        raise RunError(f"weights and config do not fit together ({reason.rstrip('. ')})") from None


def image_channels(tensors: Mapping[str, Tensor], generator: str) -> int:
    """The channels of the images that saved weights draw.

    Raises:
        RunError: they are of no such model.
    """
    try:
        for needed in ("codes", "frequencies"):
            tensors[needed]
        return tensors[f"{generator}.to_image.convolution.weight"].shape[0]
    except (KeyError, IndexError) as missing:
        raise RunError(f"the weights hold no such model (no {missing})") from None


def refuse_other_size(data: Dataset, size: int) -> None:
    """Raise a `DataError` where images have another side than a config wants."""
    if data.size != size:
        raise DataError(
            f"data set {data.name!r} has images of side {data.size}, the config wants {size}: "
            f"open it with size={size} or set size={data.size}."
        )


def usual_rows(data: Dataset) -> Iterator[NDArray[np.int64]]:
    """Rows of training images, evenly chosen, some at a time."""
    rows = data.rows("train")
    rows = rows[:: max(len(rows) // KEPT_CODES, 1)][:KEPT_CODES]
    for start in range(0, len(rows), LOOKED_AT):
        yield rows[start : start + LOOKED_AT]
