"""The page tells everything, carries everything, and takes no name for code."""

import re
import shutil
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from pages import FORMULA, IMAGE, LINK, SCRIPT, Page, decoded

from interpretable_gan.audit.card import Card
from interpretable_gan.audit.claims.base import Claim
from interpretable_gan.errors import DataError
from interpretable_gan.explain import calibrate
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.report import report
from interpretable_gan.training.run import Run
from world import TINY, trained


@pytest.fixture
def bare(world, tmp_path):
    """A copy of a run that was never measured."""
    return Run.open(shutil.copytree(world.run.path, tmp_path / "run"))


def test_the_contents_lead_to_every_section(page):
    sections = [section["id"] for section in page.all("section")]
    assert [link["href"] for link in page.all("a")] == [f"#{name}" for name in sections]
    assert len(sections) == 9
    for _, attributes in page.elements:
        for label in attributes.get("aria-labelledby", "").split():
            assert any(other.get("id") == label for _, other in page.elements)


def test_headings_skip_no_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_attribute_has_its_strip_and_every_picture_its_words(page, hostile):
    alts = [image["alt"] for image in page.all("img")]
    assert all(len(alt) > 10 for alt in alts)
    for attribute in hostile[1].schema.attributes:
        assert any(f"with {attribute.name} at " in alt for alt in alts), attribute.name
    assert sum("looks most real" in alt for alt in alts) >= 2
    assert any(alt.startswith("Heat map of what else successful edits change") for alt in alts)
    assert any(alt.startswith("Curve") for alt in alts) == (len(hostile[1].log()) > 2)


def test_every_claim_that_does_not_hold_is_said_in_full(page, hostile):
    card = Card.load(hostile[1].path)
    open_claims = card.with_verdict("fail", "cannot tell", "withheld")
    assert {claim.verdict for claim in open_claims} == {"fail", "cannot tell", "withheld"}
    for claim in open_claims:
        assert claim.model_copy(update={"withheld": ()}).sentence() in page.text
    assert "Do not count on an attribute showing" in page.text
    assert "cannot read well enough: age" in page.text
    assert card.sentence() in page.text


def test_what_was_measured_stands_beside_its_attribute(page):
    assert "Asked for where it did not show, it then shows: on 50% (40% to 60%)." in page.text
    assert f"More often than in the data: {SCRIPT} → {IMAGE}." in page.text


def test_what_edits_move_in_the_decision_is_told_beside_it(page):
    alts = [image["alt"] for image in page.all("img")]
    told = [alt for alt in alts if "move the contribution of each attribute" in alt]
    assert told == [
        "Heat map of how far successful edits move the contribution of each attribute: on average "
        "0.4 of the edited one and 0.12 of another. Pairs that move more than between real images: "
        "1."
    ]
    assert "last, how far the same edits move what each attribute adds" in page.text


def test_a_card_that_does_not_tell_what_moves_has_no_map_of_it(hostile, tmp_path):
    data, run = hostile
    copy = Run.open(shutil.copytree(run.path, tmp_path / "run"))
    card = Card.load(copy.path)
    claim = card["no leakage"]
    older = {name: part for name, part in claim.details.items() if "contribution" not in name}
    claims = [c.model_copy(update={"details": older}) if c is claim else c for c in card.claims]
    card.model_copy(update={"claims": tuple(claims)}).save(copy.path / "card.json")
    page = Page(report(copy, data))
    assert "last, how far the same edits" not in page.text
    assert any(image["alt"].startswith("Heat map of what else") for image in page.all("img"))


def test_it_says_how_far_probabilities_are_off(page, hostile):
    data, run = hostile
    found = calibrate(run.model(), data)
    assert f"(expected calibration error): {found.sentence()}" in page.text
    for name, error in found.error.items():
        assert f"its probability is {error:.1%} off on average" in page.text, name
    assert page.text.count("its probability is") == len(found.error)


def test_a_run_without_records_is_told_without_numbers(bare, world):
    (bare.path / "log.jsonl").write_text("")
    page = Page(report(bare, world.data))
    assert f"It learned from the data set {world.data.name}." in page.text
    assert "The log says nothing of its speed." in page.text


def test_names_are_never_taken_for_code(page):
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "iframe", "object"})
    assert not [name for _, each in page.elements for name in each if name.startswith("on")]
    for name in (SCRIPT, IMAGE, LINK, FORMULA):
        assert name in page.text


def test_the_page_asks_nobody_for_anything(page, html):
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert attributes.get(name, "data:").startswith(("data:", "#"))
        assert "url(" not in attributes.get("style", "")
    style = html[html.index("<style>") : html.index("</style>")]
    assert not re.search(r"url\(|@import", style)
    assert any("default-src 'none'" in meta.get("content", "") for meta in page.all("meta"))


def test_a_global_attribute_is_given_no_place(page):
    assert "whole image" in page.text
    grey = [image for image in page.all("img") if "has no place" in image["alt"]]
    assert grey
    assert all(np.ptp(decoded(image["src"]), axis=2).max() == 0 for image in grey)
    assert not any(f"Heat map of {IMAGE}:" in image["alt"] for image in page.all("img"))


def test_the_same_run_gives_the_same_page(hostile, html):
    data, run = hostile
    told = []
    assert report(run, data, progress=told.append) == html
    done = [each.done for each in told if each.total == told[0].total]
    assert done == list(range(told[0].total + 1))
    assert len({each.remark for each in told}) == 7  # stages


def test_a_run_without_a_card_says_so_and_what_makes_one(bare, world):
    page = Page(report(bare, world.data))
    assert "This run has no card." in page.text
    # Of its claims, and of what edits change.
    assert page.text.count(f"igan audit {bare.path}") == 2
    assert "What you cannot rely on" not in page.text
    assert "has not been measured" in page.text


def test_a_card_of_other_weights_is_told(hostile, tmp_path):
    data, run = hostile
    copy = Run.open(shutil.copytree(run.path, tmp_path / "run"))
    card = Card.load(copy.path)
    card.model_copy(update={"model": "another"}).save(copy.path / "card.json")
    assert "made of other weights" in Page(report(copy, data)).text


def test_a_pair_that_leaks_is_told_with_what_the_evaluator_reads_in_real_images(hostile):
    data, run = hostile
    page = Page(report(run, data))
    assert "More often than in the data: " in page.text
    assert "reads them together in real images: none." in page.text


def test_a_leakage_that_is_withheld_has_no_map_but_a_reason(hostile, tmp_path):
    data, run = hostile
    copy = Run.open(shutil.copytree(run.path, tmp_path / "run"))
    card = Card.load(copy.path)
    none = Claim(**card["stable"].model_dump() | {"name": "no leakage", "reason": "Too few."})
    claims = [none if claim.name == none.name else claim for claim in card.claims]
    card.model_copy(update={"claims": tuple(claims)}).save(copy.path / "card.json")
    page = Page(report(copy, data))
    assert page.text.count("Too few.") == 3  # in both sections, and in the table
    assert not any("what else successful edits" in image["alt"] for image in page.all("img"))


def test_a_black_box_is_told_to_explain_nothing(world, tmp_path):
    config = GANConfig.of("tiny", **TINY | {"discriminator": "black-box"})
    page = Page(report(trained(world.data, config, tmp_path / "run"), world.data))
    assert "why it decides cannot be told" in page.text
    assert "The real image that looks" not in page.text


def test_data_of_another_schema_are_refused(hostile, world):
    with pytest.raises(DataError, match="other attributes"):
        report(hostile[1], world.data)


def test_with_few_held_out_images_training_images_join_and_it_is_said(world, bare):
    rows = np.arange(len(world.data))
    splits = {"train": rows[:190], "validation": rows[190:191], "test": rows[191:192]}
    few = Page(report(bare, replace(world.data, splits=splits)))
    assert "looked at 192 images, images of training among them" in few.text
    splits = {"train": rows[:50], "validation": rows[50:100], "test": rows[100:180]}
    many = Page(report(bare, replace(world.data, splits=splits)))
    splits = {"train": rows, "validation": rows[:0], "test": rows[:0]}
    none = Page(report(bare, replace(world.data, splits=splits)))
    assert "expected calibration error" in many.text
    assert "expected calibration error" not in none.text
    assert "looked at 130 held-out images" in many.text
