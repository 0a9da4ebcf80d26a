"""The quick check is saved beside the run, and told by info."""

import json

KEYS = {
    "steerability_mean", "steerability_readable_mean", "steerability", "others_flipped",
    "encoder_accuracy", "frechet_distance", "frechet_distance_edited", "feature_network",
    "shares", "seconds", "images_per_second",
}  # fmt: skip


def test_a_check_is_saved_with_every_key_and_shown_by_info(run, folder, igan, quick):
    done = igan("check", run, folder, "--json")
    assert done.code == 0
    assert done.json == json.loads((run / "quick_check.json").read_text())
    assert done.json.keys() >= KEYS
    assert done.json["shares"].keys() >= {"agreement", "realism", "discovered", "residual"}
    assert done.json["steerability"]["smiling"].keys() == {"on", "off"}
    assert done.json["seconds"] > 0
    assert igan("info", run, "--json").json["quick_check"] == done.json
    assert "Steerability" in igan("info", run).out


def test_a_check_is_not_replaced_unasked(run, folder, igan):
    (run / "quick_check.json").write_text("{}")
    refused = igan("check", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err
    assert (run / "quick_check.json").read_text() == "{}"


def test_data_with_other_attributes_are_refused(run, folder, igan):
    table = folder / "metadata.csv"
    table.write_text(table.read_text().replace("smiling", "grinning", 1))
    (folder / "schema.yaml").unlink()
    refused = igan("check", run, folder)
    assert refused.code == 1
    assert "smiling" in refused.err


def test_without_weights_no_evaluator_is_trained(run, folder, igan, monkeypatch):
    monkeypatch.setattr("interpretable_gan.audit.evaluators.train_evaluator", None)
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
    assert done.json["seconds"] is None
