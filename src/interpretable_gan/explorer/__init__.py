"""A model to play with: as ONNX graphs, as one HTML file, and served to a browser.

Importing this package does no work; a public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "export_onnx": "onnx_files",
    "export_page": "page",
    "export_hub": "hub",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
