"""The config of a GAN: networks, weights of the terms, and what every run has."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interpretable_gan.models.config import DrawingConfig, ImageConfig, Weight, Width, of_preset


class JudgingWeights(BaseModel):
    """What each term of the discriminator counts beside the relativistic game, which counts 1
    (design §4)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    reading: Weight = 30.0
    discovering: Weight = 5.0
    matching: Weight = 3.0
    crediting: Weight = 0.15
    budget: Weight = 5.0
    separation: Weight = 0.1
    impartiality: Weight = 0.1
    sharing: Weight = 0.0
    penalty: Weight = 0.4
    level: Weight = 1e-3


class Weights(JudgingWeights):
    """The same, and those of the generator."""

    obeying: Weight = 4.0
    intervening: Weight = 1.5
    keeping: Weight = 2.2
    reconstructing: Weight = 80.0
    divergence: Weight = 0.016
    resembling: Weight = 0.0


class JudgingConfig(ImageConfig):
    """What a discriminator learns by.

    Args:
        discriminator_widths: channels on the folded grid, or within the heads on a published
            network, and at the 8×8 places.
        discriminator: ``additive``, or its ``black-box`` twin that explains nothing.
        trunk: the first layers of the discriminator: ``own``, or a published network, fixed.
        discriminator_rate: the optimiser's step (see `Optimizer`).
        typical: most strength at which a label enters a code, where ±1 is asked for in full. A
            label says on which side an image is, and the encoder how plainly (see `Labels`); 1 if
            labels say all.
        names_only: chance that a pair is judged by its named terms alone.
        residual_share: share of the decision's variance that the residual may carry unpunished.
        noise: σ of the noise through which the discriminator sees images, in pixels of [-1, 1].
    """

    discriminator_widths: tuple[Width, Width] = (64, 128)
    discriminator: Literal["additive", "black-box"] = "additive"
    trunk: Literal["own", "efficientnet-lite0"] = "own"
    discriminator_rate: float = Field(default=0.02, gt=0)
    typical: float = Field(default=0.55, gt=0, le=1)
    names_only: float = Field(default=0.6, ge=0, le=1)
    residual_share: float = Field(default=0.02, ge=0, le=1)
    noise: float = Field(default=0.1, ge=0)
    weights: JudgingWeights = JudgingWeights()


class GANConfig(JudgingConfig, DrawingConfig):
    """All that decides the run of a GAN. Equal configs and data give equal weights on one platform.

    Args:
        generator_rate: the optimiser's step (see `Optimizer`).
        opening: the first share of the run, over which all that the generator is asked beside
            drawing what it remembers rises from nothing.
        averaging: images over which the moving average of the generator forgets half.
        edited: share of the generated images in which one attribute was changed.
        recalled: share of them whose style was read from a real image, to look like that one.
    """

    family: Literal["gan"] = "gan"
    discovered: int = Field(default=24, ge=0)
    generator_rate: float = Field(default=0.02, gt=0)
    opening: float = Field(default=0.15, ge=0, le=1)
    averaging: int = Field(default=20_000, ge=1)
    edited: float = Field(default=0.25, ge=0, lt=1)
    recalled: float = Field(default=0.5, gt=0, lt=1)
    weights: Weights = Weights()

    @model_validator(mode="after")
    def _shares_fit(self) -> GANConfig:
        if self.edited + self.recalled > 1:
            raise ValueError(
                f"edited {self.edited} and recalled {self.recalled} are shares of one batch: "
                "together they are 1 at most"
            )
        return self

    @classmethod
    def of(cls, preset: str = "tiny", **settings: Any) -> GANConfig:
        """A preset with some settings changed; ``weights`` may be a partial mapping. With another
        ``size``, its generator has as many sides as that needs.

        Raises:
            ConfigError: an unknown preset or setting, or a value that makes no sense.
        """
        return of_preset(cls, PRESETS, preset, settings)


PRESETS: dict[str, dict[str, Any]] = {
    "tiny": {},
    "small": {
        "size": 64,
        "generator_widths": (192, 160, 128, 64, 32),
        "discriminator_widths": (96, 192),
        "images": 2_000_000,
    },
    "photo": {
        "size": 64,
        "generator_widths": (192, 160, 128, 64, 32),
        "discriminator_widths": (128, 64),
        "trunk": "efficientnet-lite0",
        "images": 120_000,
        "generator_rate": 0.01,
        "discriminator_rate": 0.00167,
        "residual_share": 0.01,
        "noise": 0.0,
        "weights": {
            "obeying": 2.0,
            "intervening": 0.5,
            "keeping": 0.3,
            "discovering": 1.0,
            "crediting": 0.1,
            "resembling": 2.0,
        },
    },
    "base": {
        "size": 128,
        "generator_widths": (384, 384, 256, 192, 96, 48),
        "discriminator_widths": (192, 384),
        "images": 10_000_000,
        "batch": 128,
    },
}
"""``tiny``: CPU minutes. ``small``: CPU hours or GPU minutes. ``photo``: for photographs, on a
published network. ``base``: for a GPU. Each draws images of a side of 16, 32, 64 or 128."""
