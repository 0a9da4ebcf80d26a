"""How a VAE learns: one update of recogniser and generator, and of FactorVAE's critic."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models import base
from interpretable_gan.models.gan.blocks import kernels
from interpretable_gan.models.gan.familiar import flat
from interpretable_gan.models.gan.labels import frequencies
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.models.image_learner import ImageLearner
from interpretable_gan.models.images import usual_rows
from interpretable_gan.models.vae.bound import against_claims
from interpretable_gan.models.vae.config import VAEConfig
from interpretable_gan.models.vae.model import InterpretableVAE
from interpretable_gan.models.vae.networks import Networks, Seen, build, in_units, prior_scale
from interpretable_gan.models.vae.objectives import OBJECTIVES, Regularised, shuffled
from interpretable_gan.shapes import Code, Images, Known, NamedCode

CRITIC_RATE = 0.1
"""Of the critic, as a share of the rate of the other networks."""


class VAELearner(ImageLearner[Networks, VAEConfig]):
    """The networks of a VAE and what moves them.

    A step lowers, in nats an image,

        −E log p(x|z) + Σ_named KL(q(z_k|x) ‖ p(z_k|s)) + objective(unnamed) + reading · CE(s),

    with the cross-entropy CE of what is read against the labels that are known.

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
        config: VAEConfig,
        runtime: base.Runtime,
        optimizer: base.MakesOptimizer,
    ) -> None:
        super().__init__(data, config, runtime, build)
        both = nn.ModuleList([self.networks.generator, self.networks.recogniser])
        self.optimizers = {"both": optimizer(both, kernels(both))}
        if self.networks.critic is not None:
            self.optimizers["critic"] = optimizer(self.networks.critic, [])
        self.frequencies = frequencies(data)
        self.scale = prior_scale(self.schema.columns, config.style).to(runtime.device)

    def step(self, batch: base.Batch, step: int) -> dict[str, Tensor]:
        """One update on this process's share of a batch."""
        images, labels, known = (each.to(self.runtime.device) for each in batch)
        images = images.to(memory_format=torch.channels_last)
        with self.runtime.arithmetic():
            seen: Seen = self.networks.recogniser(images)
            z = self._drawn(seen.posterior, labels, known, step)
            code, style = z.tensor_split([self.schema.columns], dim=1)
            drawn = self.networks.generator(code, style).float()
            unnamed = self._unnamed(seen.posterior, z, self.config.opened(step))
            told = self._losses(images, drawn, seen, labels, known, unnamed)
        total = told["reconstruction"] + told["named"] + told["unnamed"]
        self.update("both", total + self.config.reading * told["reading"], self.config.rate, step)
        if self.networks.critic is not None:
            told["critic"] = self._critic_loss(unnamed.sample.detach(), step)
            self.update("critic", told["critic"], CRITIC_RATE * self.config.rate, step)
        return {name: value.detach() for name, value in told.items()}

    def model(self) -> InterpretableVAE:
        """The model as of now, a copy that further steps leave as it is."""
        networks = copy.deepcopy(self.networks)
        codes, features = self._usual()
        networks.recogniser.familiar.fit(features)
        return InterpretableVAE(self.schema, self.config, networks, codes, self.frequencies.clone())

    def _drawn(self, posterior: Posterior, labels: NamedCode, known: Known, step: int) -> Tensor:
        """z of each image, (batch, latents): named latents around their labels, which are there
        before the reading is any good, and around what is read where a label is missing."""
        rest = posterior.mean[:, labels.shape[1] :]
        read = posterior.mean[:, : labels.shape[1]]
        mean = torch.cat([torch.where(known, labels, read), rest], dim=1)
        luck = chance(self.config.seed, "posterior", step, self.runtime.rank)
        noise = torch.randn(mean.shape, generator=luck).to(mean.device)
        return Posterior(mean, posterior.log_variance).at(noise)

    def _unnamed(self, posterior: Posterior, z: Tensor, opened: float) -> Regularised:
        """Latents without a name, in units of their prior, as an objective sees them."""
        rest = slice(self.schema.named_columns, None)
        within = in_units(posterior, torch.zeros_like(self.scale), self.scale)
        sample = (z / self.scale)[:, rest]
        critic = self.networks.critic
        return Regularised(
            posterior=Posterior(within.mean[:, rest], within.log_variance[:, rest]),
            sample=sample,
            log_ratio=sample.new_zeros(len(sample)) if critic is None else critic(sample).float(),
            opened=opened,
        )

    def _losses(
        self,
        images: Images,
        drawn: Images,
        seen: Seen,
        labels: NamedCode,
        known: Known,
        unnamed: Regularised,
    ) -> dict[str, Tensor]:
        """What is lowered, and the divergence of what has no name, in nats an image; the error of
        reading in nats an attribute."""
        config, reading = self.config, self.networks.recogniser.reading
        misfit = (drawn - images).square().flatten(1).sum(dim=1) / (2 * config.noise**2)
        divergences = against_claims(seen.posterior, labels, known, self.schema.columns)
        errors, told = reading.error(seen.reading, labels), reading.known(known)
        return {
            "reconstruction": misfit.mean(),
            "named": divergences[:, : self.schema.named_columns].sum(dim=1).mean(),
            "unnamed": OBJECTIVES[config.objective](unnamed, config.weight),
            "unnamed_divergence": unnamed.divergence,
            "reading": (errors * told).sum() / told.sum().clamp(min=1),
        }

    def _critic_loss(self, latents: Tensor, step: int) -> Tensor:
        """Of telling latents from the same ones shuffled apart."""
        critic = self.networks.critic
        assert critic is not None, "FactorVAE has one"
        luck = chance(self.config.seed, "shuffle", step, self.runtime.rank)
        return critic.loss(latents, shuffled(latents, luck))

    @torch.no_grad()
    def _usual(self) -> tuple[Code, Tensor]:
        """Whole codes of training images, evenly chosen, and their features, in rows: labels where
        they are known, what is read where not, and one draw of what was discovered."""
        codes, features = [], []
        columns, named = self.schema.columns, self.schema.named_columns
        for number, rows in enumerate(usual_rows(self.data)):
            images, labels, known = (e.to(self.runtime.device) for e in self.data.batch(rows))
            with self.runtime.arithmetic():
                seen: Seen = self.networks.recogniser(images.to(memory_format=torch.channels_last))
            luck = chance(self.config.seed, "usual", number)
            noise = torch.randn(seen.posterior.mean.shape, generator=luck).to(images.device)
            code = seen.posterior.at(noise)[:, :columns].clamp(-1, 1)
            code[:, :named] = torch.where(known, labels, seen.posterior.mean[:, :named])
            codes.append(code)
            features.append(flat(seen.features))
        return torch.cat(codes), torch.cat(features)
