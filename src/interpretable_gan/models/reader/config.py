"""The config of a reader."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from interpretable_gan.errors import ConfigError, did_you_mean
from interpretable_gan.models.config import SIZES


class ReaderConfig(BaseModel):
    """All that decides a reader, beside data and schema.

    Args:
        format: version of the files of the run.
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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[2] = 2
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

    @classmethod
    def of(cls, **settings: Any) -> ReaderConfig:
        """A config with some settings of one's own.

        Raises:
            ConfigError: a setting that does not exist, or a value that it cannot have.
        """
        known = [name for name in cls.model_fields if name not in ("format", "family")]
        for name in settings:
            if name not in known:
                raise ConfigError(
                    f"no setting {name!r}.{did_you_mean(name, known)} A reader has: "
                    f"{', '.join(known)}."
                )
        try:
            return cls(**settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(f"setting {where}: {first['msg']}.") from None
