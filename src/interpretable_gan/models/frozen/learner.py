"""How a frozen generator is explained: one update of those who read and judge what it draws."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models import base
from interpretable_gan.models.frozen.config import FrozenConfig
from interpretable_gan.models.frozen.model import FrozenModel
from interpretable_gan.models.frozen.networks import Networks, build
from interpretable_gan.models.gan.augment import Augmentation
from interpretable_gan.models.gan.blocks import kernels
from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.judging_learner import JudgingLearner
from interpretable_gan.models.gan.step import Batch, Seen, discriminator_loss
from interpretable_gan.shapes import Code, Images, NamedCode, Style

DRAWN = 8_192
"""Images by which codes are related to z: eighty for each number of a z of 100."""


class FrozenLearner(JudgingLearner[Networks, FrozenConfig]):
    """The networks around a generator that stays as it is, and what moves them.

    The discriminator learns from the data and from images that the generator draws, as that of a
    GAN does; what these show is read in them, so no pair shares a code. The style encoder learns
    the z that an image was drawn from, by likelihood.

    Args:
        data: images with labels, of the side that the generator draws: its own, labelled by
            somebody, or those it is meant to look like.
        config: of the run.
        runtime: where it runs.
        optimizer: makes what moves the weights of a network, told which of them are kernels.

    Raises:
        DataError: images of another size, or a generator that cannot be used.
    """

    def __init__(
        self,
        data: Dataset,
        config: FrozenConfig,
        runtime: base.Runtime,
        optimizer: base.MakesOptimizer,
    ) -> None:
        super().__init__(data, config, runtime, build)
        moved = ("discriminator", "style_encoder")
        networks = {name: self.networks.named()[name] for name in moved}
        self.optimizers = {name: optimizer(each, kernels(each)) for name, each in networks.items()}

    def step(self, batch: base.Batch, step: int) -> dict[str, Tensor]:
        """One update of each network on this process's share of a batch."""
        config, networks, rank = self.config, self.networks, self.runtime.rank
        images, labels, known = (part.to(self.runtime.device) for part in batch)
        z, drawn = self._draw(labels, step)
        seen, found = self._look(images), self._look(drawn)
        luck = torch.rand(len(images), generator=chance(config.seed, "names", step, rank))
        game = Batch(
            view=self._view(images, step),
            labels=labels,
            code=self.labels.code(seen.reading, labels),
            known=known,
            orders=self._claims(found, z),
            expected=labels,
            nameless=(luck >= config.names_only).float().to(images.device),
        )
        with self.runtime.arithmetic():
            judged, _ = discriminator_loss(
                networks.discriminator, self.reading, game, self._view(drawn, step), config, step
            )
            posterior = networks.style_encoder(found.features)
        surprise = posterior.surprise(z)
        self.update("discriminator", judged.total, config.discriminator_rate, step)
        self.update("style_encoder", surprise, config.style_rate, step)
        told = {**judged.report, "style": surprise}
        return {name: value.detach() for name, value in told.items() if name != "paired_accuracy"}

    def model(self) -> FrozenModel:
        """The model as of now, a copy that further steps leave as it is."""
        networks = copy.deepcopy(self.networks)
        codes, features = self._usual()
        networks.style_encoder.familiar.fit(features)
        networks.generator.fit(*self._related(codes))
        frequencies = self.labels.frequencies.clone()
        return FrozenModel(self.schema, self.config, networks, codes, frequencies)

    @torch.no_grad()
    def _draw(self, labels: NamedCode, step: int) -> tuple[Style, Images]:
        """Fresh z and what it draws, with the levels of labels."""
        luck = chance(self.config.seed, "z", step, self.runtime.rank)
        z = torch.randn(len(labels), self.config.style, generator=luck).to(labels.device)
        drawn = self.networks.generator.drawn(z, labels).clamp(-1, 1)
        return z, drawn.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def _view(self, images: Images, step: int) -> Tensor:
        """What the discriminator's trunk learns from of images, moved alike on both sides."""
        luck = chance(self.config.seed, "augment", step, self.runtime.rank)
        augment = Augmentation(self.schema, self.config.size, self.config.noise, luck)
        with self.runtime.arithmetic():
            return self.networks.discriminator.encoder.trunk.view(augment(images))

    def _claims(self, found: Seen, z: Style) -> Orders:
        """What drawn images claim: what is read in them. Nobody asked for it, so none is paired."""
        code, none = self.labels.code(found.reading), torch.zeros(0, dtype=torch.long)
        none = none.to(code.device)
        return Orders(code, z, self.labels.claimed(code), kept=0, twin_of=none, changed=none)

    @torch.no_grad()
    def _related(self, usual: Code) -> tuple[NamedCode, Style]:
        """Codes read in images that the generator draws, and their z."""
        luck = chance(self.config.seed, "related", 0)
        z = torch.randn(DRAWN, self.config.style, generator=luck).to(usual.device)
        levels = usual[torch.randint(len(usual), (DRAWN,), generator=luck).to(usual.device)]
        found = []
        for some, asked in zip(
            torch.split(z, base.BATCH), torch.split(levels, base.BATCH), strict=True
        ):
            seen = self._look(self.networks.generator.drawn(some, asked).clamp(-1, 1))
            found.append(self.labels.code(seen.reading))
        return torch.cat(found), z
