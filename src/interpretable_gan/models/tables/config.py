"""The config of a model of tables."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interpretable_gan.errors import ConfigError, did_you_mean


class TableConfig(BaseModel):
    """All that decides a model of tables, beside data and schema.

    Args:
        format: version of the files of the run.
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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[2] = 2
    family: Literal["table"] = "table"
    pairs: int = Field(default=20, ge=0)
    refits: int = Field(default=8, ge=2)
    count: bool = False
    threshold: float = Field(default=0.5, gt=0, lt=1)
    hidden: int | None = Field(default=None, ge=2)
    seed: int = Field(default=0, ge=0, lt=2**32)
    threads: int | None = Field(default=None, ge=1)

    @classmethod
    def of(cls, **settings: Any) -> TableConfig:
        """A config with some settings of one's own.

        Raises:
            ConfigError: a setting that does not exist, or a value that it cannot have.
        """
        known = [name for name in cls.model_fields if name not in ("format", "family")]
        for name in settings:
            if name not in known:
                raise ConfigError(
                    f"no setting {name!r}.{did_you_mean(name, known)} A model of tables has: "
                    f"{', '.join(known)}."
                )
        try:
            return cls(**settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(f"setting {where}: {first['msg']}.") from None
