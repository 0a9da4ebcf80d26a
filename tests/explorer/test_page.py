"""What the one-file page holds, before any browser opens it."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from interpretable_gan.audit.auditing import SAYS
from interpretable_gan.audit.card import FILE
from interpretable_gan.errors import ConfigError
from interpretable_gan.explorer.knowledge import card, curves, footprint, page_data, reference
from interpretable_gan.explorer.onnx_files import graphs
from interpretable_gan.explorer.page import export_page, half_gap, parts, served_page
from interpretable_gan.report.charts import CURVES
from interpretable_gan.training.run import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def html(exported):
    return exported.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model(world):
    return world.run.model("cpu")


def block(html, name):
    """The content of one of the page's blocks of data."""
    return re.search(rf'<script type="[^"]+" id="{name}">(.*?)</script>', html, re.S)[1]


def test_it_may_load_nothing_but_itself(html):
    allowed = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    rules = dict(rule.split(" ", 1) for rule in allowed.replace("&#x27;", "'").split("; "))
    assert (rules["default-src"], rules["connect-src"]) == ("'none'", "'none'")
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules[rule], "the browser would not run the page"
    assert not re.search(r'(?:src|href)="(?!data:)', html)


def test_its_parts_are_those_of_the_package(html, model):
    for name, content in parts(model, half=True).items():
        assert base64.b64decode(block(html, f"part-{name}")) == content
    draw = gzip.decompress(base64.b64decode(block(html, "part-draw")))
    assert draw == graphs(model, half=True)["draw"]


def test_its_data_are_plain_and_cannot_end_their_element(world, html):
    data = json.loads(block(html, "data"))
    assert data["name"] == world.run.path.name
    assert [each["name"] for each in data["about"]["attributes"]] == list(world.run.schema.names)
    evil = {"name": "</script><script>alert(1)</script>"}
    assert json.loads(block(served_page(evil), "data")) == evil


def test_the_same_run_gives_the_same_page(world, html, tmp_path):
    export_page(world.run, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == html


def test_sizes_by_part_are_the_size_of_the_file(world, tmp_path):
    found = export_page(world.run, tmp_path / "page.html")
    assert sum(found.parts.values()) == (tmp_path / "page.html").stat().st_size
    assert 0 < found.gap < 2


def test_sixteen_bits_leave_the_model_as_it_is(model):
    before = {name: tensor.clone() for name, tensor in model.tensors().items()}
    half_gap(model)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.tensors().items())


@torch.no_grad()
def test_the_mean_decision_is_that_of_drawn_pictures(model):
    found = reference(model)["asked"]
    code, style = model.codes(256, seed=1), model.styles(256, seed=1)
    terms = model.terms(model.draw(code, style), code)
    rows = terms.by_row()
    assert np.mean(found["logits"]) == pytest.approx(terms.total.mean().item(), abs=1e-5)
    named = len(model.schema.named)
    for number, name in enumerate(model.schema.names):
        told = found["realism"][number] + (found["agreement"][number] if number < named else 0)
        assert told == pytest.approx(rows[name].mean().item(), abs=1e-5)
    maps = np.frombuffer(base64.b64decode(found["realism_map"]), np.float32)
    local = [each.scope == "local" for each in model.schema.attributes]
    wanted = np.array(found["realism"])[local]
    assert maps.reshape(-1, 64).sum(axis=1) == pytest.approx(wanted, abs=1e-4)


def test_footprints_are_shares_of_each_layer(model):
    found = footprint(model)
    shares = np.array(found["shares"])
    assert shares.shape == (len(model.schema.names), len(found["layers"]))
    assert shares.sum(axis=0) == pytest.approx(1)


def test_without_a_card_nothing_is_claimed(world, model):
    assert card(world.run) is None
    assert page_data(world.run, model, served=False)["card"] is None


def test_a_damaged_card_is_named(run_copy):
    (run_copy.path / FILE).write_text("{")
    with pytest.raises(Exception, match="damaged"):
        card(run_copy)


@pytest.fixture
def run_copy(world, tmp_path):
    import shutil

    shutil.copytree(world.run.path, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_another_family_is_refused():
    class Other:
        name = "flow"

    with pytest.raises(ConfigError, match="flow cannot be written as ONNX yet"):
        graphs(Other())


def test_the_card_is_told_with_what_does_not_hold(run_copy, card_of):
    card_of(run_copy)
    told = card(run_copy)
    assert [each["verdict"] for each in told["claims"]] == ["fail", "pass"]
    assert told["success"] == {"smiling": [0.4, 0.3, 0.5]}
    assert told["leakage"]["above"] == [[False, True], [False, False]]
    assert told["leakage"]["rate"] == [[None, 0.2], [0.1, None]]
    assert told["leakage"]["edits"] == [40, 30]
    assert told["judged_by"] == "judge"


def test_a_claim_leads_with_the_number_that_decides_it(run_copy, card_of):
    card_of(run_copy)
    claim = card(run_copy)["claims"][0]
    assert claim["headline"] == {
        "name": "mean success",
        "value": "40 %",
        "relation": "at least",
        "threshold": "90 %",
    }
    assert claim["figures"] == ["mean success 40 %, wanted at least 90 %"]


def test_attributes_that_a_judge_or_only_one_judge_reads_are_told(run_copy, card_of):
    card_of(run_copy)
    told = card(run_copy)["leakage"]
    assert told["unchecked"] == ["hat"]
    assert told["unread"] == {"beard": 0.6}


def test_the_page_says_every_claim_in_both_of_its_languages():
    words = (ROOT / "explorer" / "src" / "words.ts").read_text(encoding="utf-8")
    for name, says in SAYS.items():
        assert f'"claim {name}": "{says}"' in words
        assert words.count(f'"claim {name}":') == 2


def test_the_page_has_words_for_every_curve():
    words = (ROOT / "explorer" / "src" / "words.ts").read_text(encoding="utf-8")
    for name, (title, _, _) in CURVES.items():
        assert f'{name}: "{title}"' in words


def test_curves_are_those_of_the_log(world):
    found = curves(world.run)
    assert found["images"] == sorted(found["images"])
    assert all(len(each) == len(found["images"]) for each in found["series"].values())
    assert "reading" in found["series"]


@pytest.mark.slow
def test_the_page_carries_a_published_network_and_says_whose_it_is(published, tmp_path):
    page = tmp_path / "page.html"
    found = export_page(published, page)
    assert found.parts["read"] > 400_000, "the network is not in it"
    data = json.loads(block(page.read_text(encoding="utf-8"), "data"))
    assert data["about"]["levels"] == 3
    assert max(stop - start for start, stop in data["about"]["patches"]) <= 64 / 3
    assert "EfficientNet-Lite0" in data["licences"]
    assert "Apache License" in data["licences"]


@pytest.mark.slow
def test_means_by_level_add_up_to_those_of_the_terms(published):
    model = published.model("cpu")
    found = reference(model)["asked"]
    code, style = model.codes(256, seed=1), model.styles(256, seed=1)
    terms = model.terms(model.draw(code, style), code)
    rows = terms.by_row()
    for number, name in enumerate(model.schema.names):
        told = sum(found["realism_levels"][number])
        if number < len(model.schema.named):
            told += sum(found["agreement_levels"][number])
        assert told == pytest.approx(rows[name].mean().item(), abs=1e-5)


def test_a_page_names_the_licences_of_what_it_holds(html):
    licences = json.loads(block(html, "data"))["licences"]
    assert "Copyright (c) Microsoft Corporation" in licences
    assert "EfficientNet" not in licences
