"""A VAE goes through the commands of a GAN, and what cannot be asked of it is said."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from interpretable_gan.audit.card import Card
from interpretable_gan.models.base import sample
from interpretable_gan.training.loop import Training
from interpretable_gan.training.run import Run
from world import TINY_VAE

NO_DISCRIMINATOR = "A VAE has no discriminator"
SETTINGS = [f"--set={name}={json.dumps(value)}" for name, value in TINY_VAE.items()]


@pytest.fixture
def run(vae, tmp_path):
    """A copy of the run, to be changed."""
    shutil.copytree(vae.path, tmp_path / "run")
    return tmp_path / "run"


def test_it_is_trained_and_resumed_as_if_it_had_never_stopped(igan, folder, monkeypatch):
    asked = ("train", folder, "--model", "vae", "--objective", "factor", "--no-check", *SETTINGS)
    done = igan(*asked, "--out", "whole")
    assert done.code == 0, done.err
    assert "reconstruction" in done.err

    with monkeypatch.context() as stop:
        stop.setattr(Training, "_asked_to_stop", lambda self, *_: self.step == 2)
        assert igan(*asked, "--out", "halves").code == 130
    resumed = igan("train", "--resume", "halves", "--no-check")
    assert resumed.code == 0, resumed.err
    drawn = [sample(Run.open(each).model("cpu"), 4) for each in ("whole", "halves")]
    assert torch.equal(*drawn)
    assert "VAE with objective factor at 10, seed 0" in igan("info", "halves").out


@pytest.mark.slow
def test_it_samples_edits_explains_and_reports(igan, run, folder, photo, tmp_path):
    assert igan("sample", run, "--set", "smiling=1", "--n", 2).code == 0
    assert igan("sample", run, "--sweep", "hair_color", "--n", 1).code == 0
    edited = igan("edit", run, photo, "--set", "smiling=1", "--steps", 2)
    assert edited.code == 0, edited.err
    told = igan("explain", "image", run, photo, "--out", "why.png")
    assert told.code == 0, told.err
    assert "The evidence bound in nats is" in told.out
    assert "likely than these" in told.out
    assert "attribute" in told.out
    assert "agreement" not in told.out
    assert igan("explain", "image", run, photo, "--attribute", "smiling").code == 0
    assert igan("report", run, folder).code == 0
    page = (run / "report.html").read_text()
    assert NO_DISCRIMINATOR in page
    assert "black" not in page.split('id="decisions"')[1].split("</section>")[0]


@pytest.mark.slow
def test_its_card_says_what_cannot_be_asked(igan, run, faces, quick):
    done = igan("check", run, faces)
    assert done.code == 0, done.err
    card = Card.load(run)
    withheld = {claim.name: claim.reason for claim in card.with_verdict("withheld")}
    for name in ("not vacuous", "faithful", "own order"):
        assert withheld.pop(name).startswith(NO_DISCRIMINATOR)
    assert withheld.pop("locality") == "No term claims to depend on a part of the image alone."
    assert set(withheld) <= {"stable", "valid", "steerable", "no leakage", "edits stay real"}
    assert card["decomposition"].verdict == "pass"
    assert card["cost"]["parameters of the recogniser"].value > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "image", "{run}", "{photo}", "--flip", "decision"], NO_DISCRIMINATOR),
        (["export", "{run}"], "only a GAN of images can"),
        (["explore", "{run}", "--no-browser"], "only a GAN of images can"),
        (["train", "portraits", "--model", "vea"], "no model 'vea'. Did you mean 'vae'?"),
        (["train", "portraits", "--model", "vae", "--objective", "tcc"], "objective: "),
        (["train", "portraits", "--objective", "tc"], "add --model vae"),
        (["train", "portraits", "--set", "family=vae"], "--model vae"),
        (["train", "a.csv", "--target", "b", "--model", "vae"], "fitted at once"),
        (["train", "--resume", "{run}", "--model", "vae"], "leave out --preset, --model"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(igan, run, photo, arguments, said):
    Path("a.csv").write_text("a,b\n1,x\n2,y\n")
    done = igan(*(each.format(run=run, photo=photo) for each in arguments))
    assert done.code in (1, 2)
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err
