"""The config of a VAE: networks, and the objective with its one number."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from interpretable_gan.models.config import DrawingConfig, Weight, Width, of_preset

STRENGTHS = {"beta": 1.0, "factor": 10.0, "tc": 4.0, "dip1": 5.0, "dip2": 5.0, "annealed": 25.0}
"""Objective → its number where nobody gives one: β of β-VAE and of β-TCVAE, γ of FactorVAE, λ_od of
both DIP-VAEs, and the final capacity of AnnealedVAE in nats. All but the first lie within the
ranges of Locatello et al. (ICML 2019), table 2; β 1 is the evidence bound itself."""

Objective = Literal["beta", "factor", "tc", "dip1", "dip2", "annealed"]


class VAEConfig(DrawingConfig):
    """All that decides the run of a VAE. Equal configs and data give equal weights on one platform.

    Args:
        encoder_widths: channels on the folded grid, and at the 8×8 places.
        objective: how what has no name is regularised: ``beta`` (Higgins et al. 2017), ``factor``
            (Kim & Mnih 2018), ``tc`` (β-TCVAE, Chen et al. 2018), ``dip1``, ``dip2`` (DIP-VAE,
            Kumar et al. 2018) or ``annealed`` (Burgess et al. 2018).
        strength: the objective's one number; by default the one in `STRENGTHS`.
        noise: σ of the Gaussian noise around what is drawn, in pixels of [-1, 1].
        reading: what the cross-entropy of the labels counts, in nats an attribute.
        opening: the first share of the run, over which the capacity of ``annealed`` grows.
        rate: the optimiser's step (see `Optimizer`).
    """

    family: Literal["vae"] = "vae"
    encoder_widths: tuple[Width, Width] = (64, 128)
    discovered: int = Field(default=10, ge=0)
    objective: Objective = "beta"
    strength: float | None = Field(default=None, ge=0)
    noise: float = Field(default=0.25, gt=0)
    reading: Weight = 100.0
    opening: float = Field(default=0.33, ge=0, le=1)
    rate: float = Field(default=0.02, gt=0)

    @property
    def weight(self) -> float:
        """The objective's number."""
        return STRENGTHS[self.objective] if self.strength is None else self.strength

    @classmethod
    def of(cls, preset: str = "tiny", **settings: Any) -> VAEConfig:
        """A preset with some settings changed. With another ``size``, its generator has as many
        sides as that needs.

        Raises:
            ConfigError: an unknown preset or setting, or a value that makes no sense.
        """
        return of_preset(cls, PRESETS, preset, settings)


PRESETS: dict[str, dict[str, Any]] = {
    "tiny": {},
    "small": {
        "size": 64,
        "generator_widths": (192, 160, 128, 64, 32),
        "encoder_widths": (96, 192),
        "images": 2_000_000,
    },
    "base": {
        "size": 128,
        "generator_widths": (384, 384, 256, 192, 96, 48),
        "encoder_widths": (192, 384),
        "images": 10_000_000,
        "batch": 128,
    },
}
"""As those of the GAN."""
