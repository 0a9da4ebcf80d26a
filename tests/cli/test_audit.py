"""The card is kept beside the run, never replaced unasked, and measured again on demand."""

import shutil

import pytest
from safetensors.torch import load_file, save_file

from interpretable_gan.atomic import read_json
from interpretable_gan.audit.card import Card
from interpretable_gan.audit.claims.base import measure, withhold
from interpretable_gan.audit.sizes import Sizes

SMALL = Sizes(
    samples=40, edits=5, pictures=40, places=1, curves=4, codes=50, evaluator=128, resamples=50
)


@pytest.fixture
def small_audit(monkeypatch):
    """An audit of the smallest size, with evaluators no better than that either."""
    from interpretable_gan.audit import auditing as module

    def audit(*arguments, **settings):
        evaluator = min(settings["sizes"].evaluator, 2 * SMALL.evaluator)
        sizes = SMALL.model_copy(update={"evaluator": evaluator})
        return original(*arguments, **settings | {"sizes": sizes})

    original = module.audit
    monkeypatch.setattr(module, "audit", audit)
    monkeypatch.setattr(module, "disentangled", lambda *_: withhold("Takes too long for a test."))


def test_a_card_is_saved_printed_and_measured_again(run, folder, igan, small_audit):
    done = igan("audit", run, folder, "--quick", "--evaluator-images", 128, "--json")
    assert done.code == 0
    assert done.json["sizes"]["evaluator"] == 128
    assert "--evaluator-images 128" in done.json["claims"][0]["command"]
    assert done.json == read_json(run / "card.json")
    assert igan("info", run, "--json").json["card"]["verdicts"]["decomposition"] == "pass"
    assert "claims hold" in igan("info", run).out
    assert str(run) not in done.out  # the command is for people elsewhere too

    refused = igan("audit", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err

    again = igan("audit", run, folder, "--check")
    assert again.code == 0
    assert "still holds" in again.err
    assert "decomposition" in again.out
    assert read_json(run / "card.json") == done.json

    shutil.copytree(run, "twin")
    copy = igan("audit", run, folder, "--also", "twin", "--force", "-q")
    assert copy.code == 1
    assert "same weights" in copy.err
    weights = load_file("twin/weights.safetensors")
    save_file({name: 1.01 * tensor for name, tensor in weights.items()}, "twin/weights.safetensors")
    better = {
        "stable": measure("stable", "rank correlation", 0.9, (0.85, 0.95)),
        "steerable": measure("steerable", "mean success", 0.95, (0.94, 0.96)),
    }
    card = Card.load(run)
    claims = [
        claim.model_copy(
            update={"verdict": "pass", "measures": (better[claim.name],), "undecided": ""}
        )
        if claim.name in better
        else claim
        for claim in card.claims
    ]
    card.model_copy(update={"claims": tuple(claims), "model": "other"}).save(run / "card.json")
    refused = igan("audit", run, folder, "--check")
    assert refused.code == 2
    assert "--also" in refused.err
    lost = igan("audit", run, folder, "--check", "-q", "--also", "twin")
    assert lost.code == 1
    assert "steerable" in lost.err


@pytest.mark.parametrize(
    ("damage", "code", "said"),
    [
        pytest.param(lambda run: (run / "card.json").write_text("{"), 1, "damaged", id="card"),
        pytest.param(lambda run: None, 1, "has no card", id="no card"),
        pytest.param(lambda run: (run / "config.json").write_text("{"), 1, "config", id="config"),
        pytest.param(lambda run: (run / "config.json").unlink(), 1, "no run", id="no run"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(damage, code, said, run, folder, igan):
    damage(run)
    refused = igan("audit", run, folder, "--check")
    assert refused.code == code
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_damaged_weights_are_one_sentence(run, folder, igan):
    (run / "weights.safetensors").write_bytes(b"nothing")
    refused = igan("audit", run, folder, "-q")
    assert refused.code == 1
    assert "weights.safetensors" in refused.err
    assert refused.err.count("\n") == 1
    assert not (run / "card.json").exists()


def test_data_that_speak_otherwise_are_refused(run, folder, igan):
    table = folder / "metadata.csv"
    table.write_text(table.read_text().replace("smiling", "grinning", 1))
    (folder / "schema.yaml").unlink()
    refused = igan("audit", run, folder, "-q")
    assert refused.code == 1
    assert "smiling" in refused.err


def test_a_run_that_does_not_say_what_it_learned_from_needs_a_source(run, igan):
    (run / "source.json").unlink(missing_ok=True)
    refused = igan("audit", run, "-q")
    assert refused.code == 1
    assert "SOURCE" in refused.err


def test_no_option_moves_a_threshold(igan):
    assert "threshold" not in igan("audit", "--help").out.split("Options")[1]
