"""What can be said about an example: attributes, their schema, and tables of labels.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "Attribute": "attribute",
    "Schema": "schema",
    "infer_schema": "inference",
    "celeba_schema": "celeba",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
