"""One frozen config decides a run. This is the part that every family of models shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from interpretable_gan.arithmetic import Precision
from interpretable_gan.errors import ConfigError, did_you_mean

WARM_UP = 50
"""Steps over which the rates rise."""

SIZES = (16, 32, 64, 128)
"""Sides that images can have."""

Width = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]

FORMAT = 2
"""Version of the files of a run. Version 0.1 wrote none; its runs are read as format 1."""


class TrainingConfig(BaseModel):
    """What the training loop needs to know of a run.

    Args:
        format: version of the files of the run.
        family: of the model.
        preset: the preset it started from.
        images: real examples shown in all, over all processes.
        batch: real examples per step, over all processes.
        precision: of products: bfloat16, float32, or ``auto``, bfloat16 where the hardware
            multiplies it.
        threads: CPU threads; by default ``OMP_NUM_THREADS``, or the cores this process may use.
        save_every: examples between checkpoints.
        cooling: the last share of the run, over which the rates fall to nothing.
        seed: of every random choice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[2] = 2
    family: str
    preset: str
    images: int = Field(ge=1)
    batch: int = Field(ge=4)
    precision: Precision = "auto"
    threads: int | None = Field(default=None, ge=1)
    save_every: int = Field(default=50_000, ge=1)
    cooling: float = Field(default=0.5, ge=0, le=1)
    seed: int = Field(default=0, ge=0, lt=2**32)

    def pace(self, step: int) -> float:
        """Share of the rates at a step: rises over the first ones, holds, falls in the cooling."""
        left = 1 - step * self.batch / self.images
        cool = min(1.0, left / self.cooling) if self.cooling else 1.0
        return min(1.0, (step + 1) / WARM_UP) * max(cool, 0.01)


class FittedConfig(BaseModel):
    """What the families share that are fitted at once.

    Args:
        format: version of the files of the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: ClassVar[str]
    """What errors call the model."""

    format: Literal[2] = 2

    @classmethod
    def of(cls, **settings: Any) -> Self:
        """A config with some settings of one's own.

        Raises:
            ConfigError: a setting that does not exist, or a value that it cannot have.
        """
        known = [name for name in cls.model_fields if name not in ("format", "family")]
        for name in settings:
            if name not in known:
                raise ConfigError(
                    f"no setting {name!r}.{did_you_mean(name, known)} {cls.kind} has: "
                    f"{', '.join(known)}."
                )
        try:
            return cls(**settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(f"setting {where}: {first['msg']}.") from None


class ImageConfig(TrainingConfig):
    """What the families of image models share beyond that.

    Args:
        size: side of the images in pixels.
        discovered: how many attributes are left for training to find.
        style: how many Gaussian numbers carry what has no name.
    """

    preset: str = "tiny"
    size: int = 32
    discovered: int = Field(ge=0)
    style: int = Field(default=48, ge=1)
    images: int = Field(default=400_000, ge=1)
    batch: int = Field(default=32, ge=4)

    @model_validator(mode="after")
    def _size_fits(self) -> ImageConfig:
        if self.size not in SIZES:
            raise ValueError(f"size {self.size}: images have a side of 16, 32, 64 or 128")
        return self


class DrawingConfig(ImageConfig):
    """What the families share whose generator learns.

    Args:
        generator_widths: channels at 4×4, 8×8, … up to ``size``; a preset's follow its size.
        opening: the first share of the run, over which something rises from nothing.
    """

    generator_widths: tuple[Width, ...] = Field(default=(128, 96, 64, 32), min_length=1)
    opening: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _widths_fit(self) -> DrawingConfig:
        widths = self.generator_widths
        if len(widths) != len(fitting := fitted(widths, self.size)):
            raise ValueError(
                f"generator_widths has {len(widths)} entries, but size {self.size} needs "
                f"{len(fitting)}, one per side from 4×4 upwards: leave it out, or give for example "
                f"{list(fitting)}"
            )
        return self

    def opened(self, step: int) -> float:
        """How far the opening has come at a step, 0 to 1."""
        opening = self.opening * self.images
        return min(1.0, step * self.batch / opening) if opening else 1.0


ConfigT = TypeVar("ConfigT", bound=ImageConfig)


def of_preset(
    kind: type[ConfigT],
    presets: Mapping[str, Mapping[str, Any]],
    preset: str,
    settings: Mapping[str, Any],
) -> ConfigT:
    """A preset with some settings changed, of which any that is a mapping may be partial. With
    another ``size``, its generator has as many sides as that needs.

    Raises:
        ConfigError: an unknown preset or setting, or a value that makes no sense.
    """
    if preset not in presets:
        raise ConfigError(
            f"there is no preset {preset!r}.{did_you_mean(preset, tuple(presets))} "
            f"There are: {', '.join(presets)}."
        )
    chosen = {**presets[preset], **settings}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            chosen[name] = {**presets[preset].get(name, {}), **value}
    if (
        issubclass(kind, DrawingConfig)
        and settings.get("size") in SIZES
        and "generator_widths" not in settings
    ):
        own = kind(preset=preset, **presets[preset])
        chosen["generator_widths"] = fitted(own.generator_widths, settings["size"])
    try:
        return kind(preset=preset, **chosen)
    except ValidationError as error:
        raise ConfigError(_sentence(error, kind)) from None


def fitted(widths: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Widths for images of side ``size``: the finest sides as they are, of the coarse ones fewer,
    or more like the first.
    """
    sides = int(math.log2(size)) - 1  # from 4×4 upwards
    return (widths[:1] * sides + widths)[-sides:]


def _sentence(error: ValidationError, kind: type[BaseModel]) -> str:
    """The first thing that is wrong, in one sentence."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        for part in first["loc"][:-1]:
            kind = kind.model_fields[str(part)].annotation  # type: ignore[assignment]
        known = tuple(kind.model_fields)
        hint = did_you_mean(name.split(".")[-1], known)
        return f"there is no setting {name!r}.{hint} There are: {', '.join(known)}."
    message = first["msg"].removeprefix("Value error, ")
    return f"{name}: {message}, but got {first['input']!r}." if name else f"{message}."
