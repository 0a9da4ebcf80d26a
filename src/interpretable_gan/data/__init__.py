"""Where examples come from: one door, ``open_dataset``, for every kind of source.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "Dataset": "dataset",
    "Intake": "intake",
    "open_dataset": "open",
    "TableData": "tables",
    "open_table": "tables",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
