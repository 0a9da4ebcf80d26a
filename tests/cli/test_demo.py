"""The demo goes the whole way, in one folder, and never spoils a finished one."""

import json
import re

import pytest
from PIL import Image

from interpretable_gan.audit.card import Card
from interpretable_gan.cli.learning import learn
from interpretable_gan.training.run import Run
from world import TINY


@pytest.fixture
def tiny(monkeypatch, quick):
    """The demo on two hundred small portraits and the smallest networks."""
    networks = {name: value for name, value in TINY.items() if name != "images"}
    monkeypatch.setattr("interpretable_gan.models.gan.config.PRESETS", {"tiny": networks})
    monkeypatch.setattr("interpretable_gan.data.open.PORTRAIT_COUNT", 200)
    monkeypatch.setattr("interpretable_gan.cli.demo.PROCESSES", 1)


def test_a_demo_leaves_a_run_pictures_and_a_check(tiny, igan, tmp_path):
    done = igan("demo", "--images", 32)
    assert done.code == 0, done.err
    run = Run.open("runs/demo")
    assert run.config.images == 32
    for name in ("samples.png", "strips.png", "card.json", "explorer.html"):
        assert f"runs/demo/{name}\n" in done.out
    card = Card.load(run.path)
    assert card.by == "igan train"
    assert card.attributes == run.schema.with_discovered(0).names
    assert "Others flipped" in done.out
    assert "Steerability" in done.out
    page = (run.path / "explorer.html").read_text(encoding="utf-8")
    told = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    claims = [(claim["name"], claim["verdict"]) for claim in json.loads(told[1])["card"]["claims"]]
    assert claims == [(claim.name, claim.verdict) for claim in card.claims]
    assert "Open runs/demo/explorer.html in a browser" in done.err
    with Image.open(run.path / "strips.png") as strips:
        assert strips.height > len(card.attributes) * 3 * 16


@pytest.mark.long
def test_a_second_demo_goes_beside_a_finished_one(tiny, igan, tmp_path):
    igan("demo", "--images", 16)
    before = (tmp_path / "runs/demo/card.json").read_bytes()
    second = igan("demo", "--images", 16, "--seed", 1)
    assert "runs/demo holds a finished demo; this one goes to runs/demo-2." in second.err
    assert Run.open("runs/demo-2").config.seed == 1
    assert (tmp_path / "runs/demo/card.json").read_bytes() == before


@pytest.mark.long
def test_a_demo_that_was_stopped_goes_on(tiny, igan, tmp_path):
    igan("demo", "--images", 32)
    (tmp_path / "runs/demo/card.json").unlink()
    again = igan("demo", "--images", 32)
    assert again.code == 0
    assert "runs/demo/card.json\n" in again.out
    assert not (tmp_path / "runs/demo-2").exists()


@pytest.mark.long
def test_a_stopped_demo_goes_on_with_its_own_settings_alone(tiny, igan, tmp_path):
    igan("demo", "--images", 32)
    (tmp_path / "runs/demo/card.json").unlink()
    refused = igan("demo", "--images", 16)
    assert refused.code == 1
    assert refused.err == (
        "igan: runs/demo holds an unfinished demo with images = 32, not 16: give the same --images "
        "and --seed to go on with it, or another folder with --out.\n"
    )


@pytest.mark.long
def test_two_cores_without_a_gpu_are_two_processes(tiny, igan, monkeypatch):
    asked = []

    def together(data, config, folder, processes, *, resume, quiet):
        asked.append(processes)
        learn(data, config, folder, resume=resume, quiet=quiet)

    monkeypatch.setattr("interpretable_gan.cli.demo.PROCESSES", 2)
    monkeypatch.setattr("interpretable_gan.training.runtime.available_cores", lambda: 16)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("interpretable_gan.cli.demo.learn_together", together)
    assert igan("demo", "--images", 32).code == 0
    assert asked == [2]
