"""The families of models, each by the name that a run's config carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, RunError, did_you_mean
from interpretable_gan.models.base import Learner, MakesOptimizer, Runtime
from interpretable_gan.models.config import TrainingConfig
from interpretable_gan.models.frozen.config import FrozenConfig
from interpretable_gan.models.frozen.learner import FrozenLearner
from interpretable_gan.models.frozen.model import FrozenModel
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.vae.config import VAEConfig
from interpretable_gan.models.vae.learner import VAELearner
from interpretable_gan.models.vae.model import InterpretableVAE
from interpretable_gan.schema.schema import Schema

MakesLearner = Callable[[Dataset, Any, Runtime, MakesOptimizer], Learner]
MakesModel = Callable[[Schema, Any, Mapping[str, Tensor]], Any]


@dataclass(frozen=True)
class Family:
    """A kind of model: its config, how it learns step by step, or None where it is fitted at once,
    and how it comes back from saved tensors."""

    config: type[BaseModel]
    learner: MakesLearner | None
    model: MakesModel


FAMILIES = {
    "gan": Family(GANConfig, GANLearner, InterpretableGAN.of),
    "vae": Family(VAEConfig, VAELearner, InterpretableVAE.of),
    "frozen": Family(FrozenConfig, FrozenLearner, FrozenModel.of),
    "reader": Family(ReaderConfig, None, Reader.of),
    "table": Family(TableConfig, None, TableModel.of),
    "recommend": Family(RecommendConfig, None, Recommender.of),
}


def configured(family: str, preset: str, **settings: Any) -> TrainingConfig:
    """A preset of a family that learns step by step, with some settings changed.

    Raises:
        ConfigError: an unknown family, preset or setting, or a value that makes no sense.
    """
    stepwise = [name for name, each in FAMILIES.items() if each.learner is not None]
    if family not in stepwise:
        raise ConfigError(
            f"there is no model {family!r}.{did_you_mean(family, stepwise)} "
            f"There are: {', '.join(stepwise)}."
        )
    config: Any = FAMILIES[family].config
    made: TrainingConfig = config.of(preset, **settings)
    return made


def family_named(name: str) -> Family:
    """One of `FAMILIES`.

    Raises:
        RunError: there is none of that name.
    """
    if name not in FAMILIES:
        raise RunError(
            f"no family of models is called {name!r}.{did_you_mean(name, list(FAMILIES))} "
            f"There are: {', '.join(FAMILIES)}."
        )
    return FAMILIES[name]
