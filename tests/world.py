"""The tiny world of the tests: two hundred portraits and networks that train in a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.config import TrainingConfig
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.vae.config import VAEConfig
from interpretable_gan.training.loop import train
from interpretable_gan.training.run import Run

TINY = {
    "size": 16,
    "generator_widths": (16, 12, 8),
    "discriminator_widths": (8, 12),
    "discovered": 2,
    "style": 4,
    "images": 64,
    "batch": 16,
    "precision": "float32",
    "threads": 1,
}
"""Settings of the smallest networks, and of a run of four steps."""

TINY_VAE = {name: each for name, each in TINY.items() if name != "discriminator_widths"} | {
    "encoder_widths": (8, 12)
}
"""The same of a VAE."""


def trained(data: Dataset, config: TrainingConfig, folder: Path, **options: Any) -> Run:
    """Train into a folder; the run that is left there."""
    train(data, config, run=folder, **options)
    return Run.open(folder)


@dataclass(frozen=True)
class World:
    """Data whose truth is known, and a run that learned a little of it."""

    data: Dataset
    run: Run

    @classmethod
    def build(cls, folder: Path) -> World:
        """Draw the portraits and train."""
        data = portraits.dataset(size=16, count=200, seed=0)
        config = GANConfig.of("tiny", **TINY)
        return cls(data, trained(data, config, folder / "run"))


def vae_of(world: World, folder: Path) -> Run:
    """A run of a VAE on the same portraits."""
    return trained(world.data, VAEConfig.of("tiny", **TINY_VAE), folder)
