"""The config of a run that explains a generator which somebody else trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.config import of_preset
from interpretable_gan.models.frozen.program import Program, open_program
from interpretable_gan.models.gan.config import JudgingConfig


class FrozenConfig(JudgingConfig):
    """All that decides such a run. ``size`` and ``style`` are those of the generator.

    Args:
        generator: path of its file, see `open_program`.
        checksum: SHA-256 of the file.
        label: the attribute that its second input asks for; empty where it takes z alone.
        levels: how many levels that attribute has.
        discovered: 0; what z does beyond the attributes is its style.
        style_rate: the optimiser's step of the network that reads z (see `Optimizer`).
    """

    family: Literal["frozen"] = "frozen"
    discovered: Literal[0] = 0
    images: int = Field(default=100_000, ge=1)
    generator: str
    checksum: str
    label: str = ""
    levels: int = Field(default=0, ge=0)
    style_rate: float = Field(default=0.02, gt=0)

    @classmethod
    def of(cls, preset: str = "tiny", **settings: Any) -> FrozenConfig:
        """A preset with some settings changed, for the generator of a file.

        Args:
            settings: ``generator`` is the file; ``label`` and ``levels`` where it takes a level.

        Raises:
            ConfigError: no generator, an unknown preset or setting, or a value that makes no sense.
            DataError: a file that cannot be used, see `open_program`.
        """
        if not settings.get("generator"):
            raise ConfigError("a frozen generator is a file: name it by --generator.")
        for fixed in ("size", "style", "checksum"):
            if fixed in settings:
                raise ConfigError(f"{fixed} is the generator's: leave it out.")
        path = Path(settings["generator"]).resolve()
        program = open_program(path, int(settings.get("levels", 0)))
        own = {
            "generator": str(path),
            "checksum": program.checksum,
            "size": program.size,
            "style": program.width,
        }
        return of_preset(cls, PRESETS, preset, {**settings, **own})

    def program(self) -> Program:
        """The generator.

        Raises:
            DataError: its file is not there, or another one.
        """
        found = open_program(Path(self.generator), self.levels)
        if found.checksum != self.checksum:
            raise ConfigError(
                f"{self.generator} is another file than this run was trained with: put the one "
                f"there whose SHA-256 begins with {self.checksum[:12]}."
            )
        return found


PRESETS: dict[str, dict[str, Any]] = {
    "tiny": {},
    "small": {"discriminator_widths": (96, 192)},
    "photo": {
        "discriminator_widths": (128, 64),
        "trunk": "efficientnet-lite0",
        "discriminator_rate": 0.00167,
        "residual_share": 0.01,
        "noise": 0.0,
        "weights": {"crediting": 0.1},
    },
}
"""Discriminators as in the presets of the GAN; images have the generator's size."""
