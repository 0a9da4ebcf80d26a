"""Which of our metrics, with which parameters and fields, answers each golden key."""

from __future__ import annotations

from golden_case import Family
from golden_features import FEATURES
from golden_representations import REPRESENTATIONS
from golden_tables import TABLES

FAMILIES: dict[str, Family] = {
    "representations": REPRESENTATIONS,
    "features": FEATURES,
    "tables": TABLES,
}
