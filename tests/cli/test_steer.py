"""``igan steer`` saves shifts and tells what each value gained. The run's model is a linear one, so
that it is known what readers see."""

import json

import pytest
import torch

import linear
from interpretable_gan.models.steered import Steered, load_shifts
from interpretable_gan.steer import fit, readers
from interpretable_gan.training.run import Run


@pytest.fixture
def model(run, monkeypatch):
    """What the run holds, in place of its own networks."""
    schema = Run.open(run).schema
    mixing = torch.eye(schema.columns + linear.STYLE)
    mixing[: schema.columns] /= 8
    model = linear.Linear(mixing, schema=schema)
    monkeypatch.setattr(Run, "model", lambda self, **_: model)
    return model


@pytest.fixture
def train(model, monkeypatch):
    """Readers that need no training: they see smiles and glasses in a pixel of each and one of
    style, take a smile for a bit of glasses, and can read no more."""
    schema, weights = model.schema, torch.zeros(len(model.mixing), model.schema.named_columns)
    for number, name in enumerate(("smiling", "eyeglasses")):
        column = schema.slices[name].start
        weights[column, column] = weights[schema.columns + number, column] = 1
    weights[schema.slices["smiling"], schema.slices["eyeglasses"]] = 1
    calls = []

    def train_readers(data, **settings):
        calls.append((data, settings))
        return linear.readers(weights, ("smiling", "eyeglasses"))

    monkeypatch.setattr(readers, "train_readers", train_readers)
    monkeypatch.setattr(fit, "train_readers", train_readers)
    return calls


def test_a_run_gets_its_shifts(run, folder, model, train, igan):
    done = igan("steer", run, folder)
    assert done.code == 0, done.err
    shifts = load_shifts(run / "shifts.safetensors")
    assert shifts.steered == ("smiling", "eyeglasses")
    assert (shifts.budget, shifts.typical) == (1.0, 0.5)
    assert Steered(model, shifts).name == "toy, steered"
    assert f"Saved {run / 'shifts.safetensors'}" in done.err
    smiling = next(line.split() for line in done.out.splitlines() if line.startswith("smiling on"))
    plain, steered = (int(each.rstrip("%")) for each in smiling[2:4])
    assert plain + 30 < steered
    assert "Not steered, since readers cannot read them: mouth_open, lipstick, beard" in done.out
    assert "Not steered, since they are continuous: skin_tone, age, face_width" in done.out
    assert "*" not in done.out


def test_the_table_is_data_too(run, folder, train, igan):
    found = igan("steer", run, folder, "--budget", 0.5, "--json", "--quiet").json
    assert found["steered"] == ["smiling", "eyeglasses"]
    assert found["budget"] == load_shifts(run / "shifts.safetensors").budget == 0.5
    assert [(row["attribute"], row["value"]) for row in found["values"]] == [
        ("smiling", "on"), ("smiling", "off"), ("eyeglasses", "on"), ("eyeglasses", "off"),
    ]  # fmt: skip
    for row in found["values"]:
        assert row["seen_steered"] > row["seen_plain"]
        assert row["change_steered"] <= 0.5 + 0.05  # on other samples than the budget was kept on


def test_the_run_knows_its_own_data(run, folder, train, igan):
    (run / "source.json").write_text(json.dumps({"source": str(folder)}))
    assert igan("steer", run).code == 0
    assert train[0][0].name == "faces"


def test_shifts_are_not_replaced_unless_asked(run, folder, train, igan):
    (run / "shifts.safetensors").write_bytes(b"mine")
    refused = igan("steer", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err
    assert (run / "shifts.safetensors").read_bytes() == b"mine"
    assert igan("steer", run, folder, "--force").code == 0


def test_a_budget_of_nothing_is_refused_before_the_work(run, folder, train, igan):
    refused = igan("steer", run, folder, "--budget", 0)
    assert refused.code == 2
    assert refused.err.endswith("igan: budget 0: give a number above 0, such as 1.\n")
    assert not train
    assert not (run / "shifts.safetensors").exists()


def test_where_labels_say_all_that_is_said_and_nothing_is_saved(run, folder, model, train, igan):
    object.__setattr__(model, "typical", 1.0)
    done = igan("steer", run, folder)
    assert done.code == 0
    assert "labels say all, and nothing can be asked beyond them" in done.err
    assert not (run / "shifts.safetensors").exists()
    assert not train


def test_a_value_without_a_shift_is_marked_and_explained(run, folder, train, igan):
    """Asking for a smile adds to what looks like glasses; asking for glasses adds nothing."""
    told = igan("steer", run, folder, "--budget", 0.1).out
    assert "smiling on *" in told
    assert "eyeglasses on *" not in told
    assert "* no shift: others change by more than the budget of 0.1 already" in told
