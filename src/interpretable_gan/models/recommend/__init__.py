"""Recommendations: a score of user and item as an exact sum.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "RecommendConfig": "config",
    "Recommender": "model",
    "People": "people",
    "Wish": "wishes",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
