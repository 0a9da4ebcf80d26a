"""The reference says what the docstrings say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_with_public_names_has_a_page(reference, tmp_path):
    reference.write_pages(tmp_path)
    pages = {path.stem for path in tmp_path.glob("*.rst")}
    assert {"interpretable_gan", "interpretable_gan.metrics", "interpretable_gan.audit"} <= pages
    metrics = (tmp_path / "interpretable_gan.metrics.rst").read_text(encoding="utf-8")
    assert ".. autofunction:: interpretable_gan.metrics.disentanglement.mig.mig\n" in metrics


def test_a_name_that_two_packages_offer_is_described_once(reference):
    upper, lower = ModuleType("interpretable_gan"), ModuleType("interpretable_gan.schema")
    upper.PUBLIC, lower.PUBLIC = {"Schema": "schema.schema"}, {"Schema": "schema"}
    described = set()
    assert ".. autoclass::" in reference.page(lower, described)
    assert ".. autoclass::" not in reference.page(upper, described)


def test_fields_of_a_class_become_a_list(reference):
    docstring = ["A card.", "", "title: what it is", "rows, names: of each,", "    in order", ""]
    assert reference.listed(docstring) == [
        "A card.",
        "",
        "* **title**: what it is",
        "* **rows, names**: of each,",
        "  in order",
        "",
    ]


def test_a_sentence_with_a_colon_stays_a_sentence(reference):
    docstring = ["Reads an image. Three steps: read, refine, edit.", "", "Args:", "    model: it."]
    assert reference.listed(docstring) == docstring


def test_bars_are_no_variables(reference):
    assert reference.plain_bars("mean of |z| and ``|z|``") == r"mean of \|z\| and ``|z|``"
