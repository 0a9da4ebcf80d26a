"""One frozen config decides a run. This is the part that every family of models shares."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interpretable_gan.arithmetic import Precision

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
    seed: int = Field(default=0, ge=0, lt=2**32)
