"""How a GAN learns: one update of the discriminator, then one of the generator (design §4)."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models import base
from interpretable_gan.models.gan.augment import Augmentation
from interpretable_gan.models.gan.averaging import follow
from interpretable_gan.models.gan.blocks import kernels
from interpretable_gan.models.gan.codes import Orders, order
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.judging_learner import JudgingLearner
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import Networks, build
from interpretable_gan.models.gan.step import (
    Batch,
    Memory,
    Seen,
    discriminator_loss,
    frozen,
    generator_loss,
)
from interpretable_gan.shapes import Images, Known, NamedCode

UNKNOWN = -1.0
"""How a share of which nothing is known is saved, since all that is saved is finite."""

MEMORY = 0.97
"""How much of the obedience of an attribute remains after one more change of it."""


class GANLearner(JudgingLearner[Networks, GANConfig]):
    """The networks of a GAN, what moves them, and what is remembered between steps.

    ``obeyed``: per named attribute, the share of changes that the encoder sees, the last ones most;
    nan before the first.

    Args:
        data: what is learned from; images of side ``config.size``.
        config: of the run.
        runtime: where it runs.
        optimizer: makes what moves the weights of a network, told which of them are kernels.

    Raises:
        DataError: images of another size.
    """

    def __init__(
        self,
        data: Dataset,
        config: GANConfig,
        runtime: base.Runtime,
        optimizer: base.MakesOptimizer,
    ) -> None:
        super().__init__(data, config, runtime, build)
        drawing = nn.ModuleList([self.networks.generator, self.networks.style_encoder])
        self.optimizers = {
            "generator": optimizer(drawing, kernels(drawing)),
            "discriminator": optimizer(
                self.networks.discriminator, kernels(self.networks.discriminator)
            ),
        }
        self.obeyed = torch.full((len(self.schema.named),), math.nan, device=runtime.device)

    def step(self, batch: base.Batch, step: int) -> dict[str, Tensor]:
        """One update of each network on this process's share of a batch."""
        config, networks = self.config, self.networks
        images, labels, known = (part.to(self.runtime.device) for part in batch)
        images = images.to(memory_format=torch.channels_last)
        exact = self.labels.exact
        seen = self._look(images[: self._recalled] if exact else images)
        code = labels if exact else self.labels.code(seen.reading, labels)
        game = self._batch(images, labels, known, code, step)
        luck = chance(config.seed, "augment", step, self.runtime.rank)
        augment = Augmentation(self.schema, config.size, config.noise, luck)

        with self.runtime.arithmetic():
            memory = self._recall(images, seen, step)
            orders = game.orders.recalling(memory.found, memory.style)
            drawn = networks.generator(orders.code, orders.style).float()
            view = networks.discriminator.encoder.trunk.view
            fakes = view(augment(drawn))
            with torch.no_grad():
                game = replace(game, view=view(augment(images)), orders=orders)
            judged, won = discriminator_loss(
                networks.discriminator, self.reading, game, fakes.detach(), config, step
            )
        self.update("discriminator", judged.total, config.discriminator_rate, step)

        with frozen(networks.discriminator), self.runtime.arithmetic():
            shown = generator_loss(
                networks.discriminator,
                self.reading,
                game,
                fakes,
                won,
                memory,
                drawn,
                config,
                config.opened(step),
            )
            self.update("generator", shown.total, config.generator_rate, step)
        space = networks.generator.space
        space.follow(space.from_normal(memory.style.detach()))
        self.runtime.average([space.mean, space.spread])
        follow(
            networks.average,
            networks.generator,
            images=step * config.batch,
            batch=config.batch,
            half=config.averaging,
        )
        report = judged.report | shown.report
        self._remember(orders, report.pop("obeyed"))
        told = {name: value.detach() for name, value in report.items()}
        return told | {"obeyed": F.pad(self.obeyed, (0, self.config.discovered), value=math.nan)}

    def state(self) -> dict[str, Tensor]:
        """Networks, what their optimisers remember, and what was obeyed, by name."""
        return super().state() | {"obeyed": self.obeyed.nan_to_num(UNKNOWN)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        super().restore(state)
        obeyed = state["obeyed"].to(self.runtime.device)
        self.obeyed = torch.where(obeyed == UNKNOWN, math.nan, obeyed)

    def model(self) -> InterpretableGAN:
        """The model as of now, a copy that further steps leave as it is."""
        networks = copy.deepcopy(self.networks)
        codes, features = self._usual()
        networks.style_encoder.familiar.fit(features)
        frequencies = self.labels.frequencies.clone()
        return InterpretableGAN(self.schema, self.config, networks, codes, frequencies)

    @property
    def _recalled(self) -> int:
        """How many real images of a batch are drawn again, in this process."""
        return max(int(self.runtime.batch * self.config.recalled), 1)

    def _recall(self, images: Images, seen: Seen, step: int) -> Memory:
        """What the generator is given of the first real images, to draw them again."""
        config, networks = self.config, self.networks
        images = images[: self._recalled]
        recalled = Seen(seen.features[: self._recalled], seen.reading[: self._recalled])
        posterior = networks.style_encoder(recalled.features)
        luck = chance(config.seed, "posterior", step, self.runtime.rank)
        noise = torch.randn(posterior.mean.shape, generator=luck).to(images.device)
        style = networks.generator.space.to_normal(posterior.at(noise))
        return Memory(images, self._found(recalled), posterior, style)

    def _batch(
        self, images: Images, labels: NamedCode, known: Known, code: NamedCode, step: int
    ) -> Batch:
        """Real images and this process's orders to the generator, on the device."""
        config, rank, device = self.config, self.runtime.rank, self.runtime.device
        orders = order(
            self.schema,
            code,
            known & self.labels.claimed(code),
            style=config.style,
            edited=config.edited,
            chance=chance(config.seed, "orders", step, rank),
        )
        luck = torch.rand(len(code), generator=chance(config.seed, "names", step, rank))
        names_only = config.names_only if config.discriminator == "additive" else 0
        return Batch(
            view=images,
            labels=labels,
            code=code,
            known=known,
            orders=orders,
            expected=self.labels.expected(orders.code),
            nameless=(luck >= names_only).float().to(device),
        )

    def _remember(self, orders: Orders, obeyed: Tensor) -> None:
        """Take in which changes the encoder sees."""
        count, changed, seen = len(self.obeyed), orders.changed, obeyed.float()
        asked = torch.zeros(count, device=seen.device).index_add(0, changed, torch.ones_like(seen))
        share = torch.zeros_like(asked).index_add(0, changed, seen) / asked.clamp(min=1)
        known = torch.where(self.obeyed.isnan(), share, self.obeyed)
        mixed = torch.lerp(known, share, 1 - MEMORY**asked)
        self.obeyed = torch.where(asked > 0, mixed, self.obeyed)
