"""The config of a model of tables."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interpretable_gan.models.config import FittedConfig


class TableConfig(FittedConfig):
    """All that decides a model of tables, beside data and schema.

    Args:
        family: of the model.
        pairs: most pairs of columns that the head for the target adds.
        refits: how often the head is fitted, each time on 85 % of the training rows. It is their
            mean, and they say how sure its shapes are.
        count: the target counts something, so that the head adds up its logarithm.
        threshold: probability of the wanted value of the target from which on a row is approved.
        hidden: states of each hidden variable of the likelihood model; by default one for 150
            training rows, 8 at least and 128 at most.
        seed: of every random choice.
        threads: CPU threads, by default those this process may use.
    """

    kind = "A model of tables"

    family: Literal["table"] = "table"
    pairs: int = Field(default=20, ge=0)
    refits: int = Field(default=8, ge=2)
    count: bool = False
    threshold: float = Field(default=0.5, gt=0, lt=1)
    hidden: int | None = Field(default=None, ge=2)
    seed: int = Field(default=0, ge=0, lt=2**32)
    threads: int | None = Field(default=None, ge=1)
