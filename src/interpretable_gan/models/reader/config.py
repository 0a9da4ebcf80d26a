"""The config of a reader."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from interpretable_gan.models.config import SIZES, FittedConfig


class ReaderConfig(FittedConfig):
    """All that decides a reader, beside data and schema.

    Args:
        family: of the model.
        size: side of the images in pixels.
        width: channels of evidence at each level of the published network.
        discovered: how many attributes are left for training to find, for the target.
        passes: how often training sees each image.
        batch: images per step.
        rate: largest learning rate.
        decay: of the weights, per step and rate.
        seed: of every random choice.
        threads: CPU threads, by default those this process may use.
    """

    kind = "A reader"

    family: Literal["reader"] = "reader"
    size: int = 64
    width: int = Field(default=32, ge=1)
    discovered: int = Field(default=8, ge=0)
    passes: int = Field(default=12, ge=1)
    batch: int = Field(default=128, ge=2)
    rate: float = Field(default=5e-3, gt=0)
    decay: float = Field(default=1e-2, ge=0)
    seed: int = Field(default=0, ge=0, lt=2**32)
    threads: int | None = Field(default=None, ge=1)

    @field_validator("size")
    @classmethod
    def _known_size(cls, size: int) -> int:
        if size not in SIZES:
            raise ValueError(f"images have a side of {', '.join(map(str, SIZES))}")
        return size
