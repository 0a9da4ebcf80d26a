"""InterpretableGAN: named control, exact explanations, measured claims.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interpretable_gan.lazy import on_demand

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset as Dataset
    from interpretable_gan.data.open import open_dataset as open_dataset
    from interpretable_gan.errors import ConfigError as ConfigError
    from interpretable_gan.errors import DataError as DataError
    from interpretable_gan.errors import InterpretableGANError as InterpretableGANError
    from interpretable_gan.errors import MetricError as MetricError
    from interpretable_gan.errors import MissingExtraError as MissingExtraError
    from interpretable_gan.errors import RunError as RunError
    from interpretable_gan.errors import SchemaError as SchemaError
    from interpretable_gan.errors import TrainingError as TrainingError
    from interpretable_gan.errors import UnknownAttributeError as UnknownAttributeError
    from interpretable_gan.models.base import sample as sample
    from interpretable_gan.models.gan.config import GANConfig as GANConfig
    from interpretable_gan.models.gan.model import InterpretableGAN as InterpretableGAN
    from interpretable_gan.schema.attribute import Attribute as Attribute
    from interpretable_gan.schema.schema import Schema as Schema
    from interpretable_gan.training.loop import train as train
    from interpretable_gan.training.run import Run as Run

__version__ = "0.2.0"

PUBLIC = {  # public name → module of this package that holds it
    "Attribute": "schema.attribute",
    "Schema": "schema.schema",
    "Dataset": "data.dataset",
    "open_dataset": "data.open",
    "train": "training.loop",
    "sample": "models.base",
    "InterpretableGAN": "models.gan.model",
    "Run": "training.run",
    "from_pretrained": "training.hub",
    "GANConfig": "models.gan.config",
    "InterpretableGANError": "errors",
    "ConfigError": "errors",
    "DataError": "errors",
    "MetricError": "errors",
    "MissingExtraError": "errors",
    "RunError": "errors",
    "SchemaError": "errors",
    "TrainingError": "errors",
    "UnknownAttributeError": "errors",
}


__getattr__, _ = on_demand(__name__, PUBLIC)


def __dir__() -> list[str]:
    return sorted([*PUBLIC, "__version__"])
