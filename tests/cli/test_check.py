"""The quick check is a card at small sizes, saved beside the run and told by info."""

from interpretable_gan.atomic import read_json
from interpretable_gan.audit.card import Card


def test_a_check_is_a_card_and_shown_by_info(run, faces, igan, quick):
    done = igan("check", run, faces, "--json")
    assert done.code == 0, done.err
    assert done.json == read_json(run / "card.json")
    card = Card.load(run)
    assert card.by == "igan check"
    assert card.sizes.samples == 40
    assert "--force" in card.command
    assert card["cost"]["seconds of training"].value > 0
    told = igan("info", run, "--json").json["card"]
    assert told["by"] == "igan check"
    assert told["verdicts"]["decomposition"] == "pass"
    shown = igan("info", run).out
    assert "Steerability" in shown
    assert "Others flipped" in shown
    assert "There are 20 test images, and a verdict takes 100" in shown


def test_with_four_test_images_figures_are_withheld(run, folder, igan, quick):
    done = igan("check", run, folder)
    assert done.code == 0, done.err
    assert "Steerability        not measured: There are 4 test images" in done.out
    assert "Encoder accuracy    not measured: There are 4 test images" in done.out


def test_a_card_is_replaced_unasked_by_a_larger_one_alone(run, folder, igan, quick):
    assert igan("check", run, folder, "-q").code == 0
    made = (run / "card.json").read_bytes()
    refused = igan("check", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err
    assert (run / "card.json").read_bytes() == made
    assert igan("audit", run, folder, "--quick", "-q").code == 0
    assert Card.load(run).by == "igan audit"
    assert igan("check", run, folder).code == 2
    assert igan("audit", run, folder).code == 2


def test_a_check_that_training_made_is_replaced(run, folder, igan, quick):
    assert igan("check", run, folder, "-q").code == 0
    Card.load(run).model_copy(update={"by": "igan train"}).save(run / "card.json")
    assert igan("check", run, folder, "-q").code == 0
    assert Card.load(run).by == "igan check"


def test_a_damaged_card_is_not_replaced_unasked(run, folder, igan):
    (run / "card.json").write_text("{}")
    refused = igan("check", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err
    assert (run / "card.json").read_text() == "{}"


def test_data_with_other_attributes_are_refused(run, folder, igan):
    table = folder / "metadata.csv"
    table.write_text(table.read_text().replace("smiling", "grinning", 1))
    (folder / "schema.yaml").unlink()
    refused = igan("check", run, folder)
    assert refused.code == 1
    assert "smiling" in refused.err


def test_without_weights_no_evaluator_is_trained(run, folder, igan, monkeypatch):
    monkeypatch.setattr("interpretable_gan.audit.auditing.train_evaluator", None)
    (run / "weights.safetensors").unlink()
    for command in (["check", run, folder], ["sample", run]):
        refused = igan(*command)
        assert refused.code == 1
        assert refused.err == (
            f"igan: {run} has no weights yet: it was stopped before its first checkpoint. "
            f"To go on: igan train --resume {run}\n"
        )


def test_a_model_without_a_log_is_checked_all_the_same(run, folder, igan, quick):
    (run / "log.jsonl").write_text("")
    done = igan("check", run, folder, "--json")
    assert done.code == 0, done.err
    assert "seconds of training" not in [m["name"] for m in done.json["claims"][10]["measures"]]
