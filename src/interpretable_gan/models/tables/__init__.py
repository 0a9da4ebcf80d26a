"""Models of tables: an additive head for a target, and what draws rows.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "AdditiveClassifier": "estimator",
    "AdditiveHead": "head",
    "AdditiveRegressor": "estimator",
    "TableConfig": "config",
    "TableModel": "model",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
