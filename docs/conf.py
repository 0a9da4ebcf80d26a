"""How Sphinx builds these pages: ``sphinx-build -W -b html docs docs/_build``."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

import interpretable_gan

sys.path.insert(0, str(Path(__file__).parent))
from reference import listed, plain_bars, write_pages

project = "InterpretableGAN"
version = release = interpretable_gan.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": interpretable_gan.__doc__.splitlines()[0],
    "page_width": "1100px",
    "fixed_sidebar": True,
}

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

default_role = "py:obj"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_custom_sections = [("Shape", "notes_style")]


def setup(app: Sphinx) -> None:
    """Write the pages of the reference before Sphinx looks for sources."""
    write_pages(Path(app.srcdir) / "reference")
    app.connect("autodoc-process-docstring", _mark_up, priority=400)  # before napoleon, at 500


def _mark_up(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]):
    whole = listed(lines) if what == "class" else lines
    lines[:] = [plain_bars(line) for line in whole]
