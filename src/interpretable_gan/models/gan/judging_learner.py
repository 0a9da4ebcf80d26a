"""What learners share that have a discriminator: what it sees of images, and what labels claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models import base
from interpretable_gan.models.gan.config import JudgingConfig
from interpretable_gan.models.gan.familiar import flat
from interpretable_gan.models.gan.judged import Judging
from interpretable_gan.models.gan.labels import Labels, frequencies
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.gan.step import Seen
from interpretable_gan.models.image_learner import ImageLearner, Named
from interpretable_gan.models.images import usual_rows
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images


class JudgingNetworks(Named, Judging, Protocol):
    """Networks by name that judge and read images."""


NetworksT = TypeVar("NetworksT", bound=JudgingNetworks)
ConfigT = TypeVar("ConfigT", bound=JudgingConfig)


class JudgingLearner(ImageLearner[NetworksT, ConfigT]):
    """An `ImageLearner` with a discriminator, whose encoder says how plainly labels are seen.

    Args:
        data, config, runtime, build: see `ImageLearner`.
    """

    def __init__(
        self,
        data: Dataset,
        config: ConfigT,
        runtime: base.Runtime,
        build: Callable[[Schema, Any, int], NetworksT],
    ) -> None:
        super().__init__(data, config, runtime, build)
        self.reading = Reading(self.schema).to(runtime.device)
        self.labels = Labels(self.schema, frequencies(data), config.typical).to(runtime.device)

    @torch.no_grad()
    def _look(self, images: Images) -> Seen:
        """What the encoder sees of images."""
        images = images.to(memory_format=torch.channels_last)
        with self.runtime.arithmetic():
            reading, features = self.networks.discriminator.encoder.seen(images)
        return Seen(features, reading.float())

    def _found(self, seen: Seen) -> Code:
        """The discovered part of what was read, as codes have it."""
        return seen.reading[:, self.schema.named_columns :].clamp(-1, 1)

    def _usual(self) -> tuple[Code, Tensor]:
        """Whole codes of training images, evenly chosen, and their features, in rows."""
        codes, features = [], []
        for rows in usual_rows(self.data):
            images, labels, _ = (e.to(self.runtime.device) for e in self.data.batch(rows))
            seen = self._look(images)
            named = self.labels.code(seen.reading, labels)
            codes.append(torch.cat([named, self._found(seen)], dim=1))
            features.append(flat(seen.features))
        return torch.cat(codes), torch.cat(features)
