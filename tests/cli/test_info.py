"""What a run tells about itself."""


def test_config_schema_and_notes_as_data(run, world, igan):
    told = igan("info", run, "--json").json
    assert told["config"] == world.run.config.model_dump(mode="json")
    assert told["schema"] == world.run.schema.to_dict()
    assert told["notes"] == world.run.notes()
    assert told["card"] is None


def test_people_read_attributes_by_group(run, igan):
    told = igan("info", run).out
    assert "hair_color (black, brown, blond, red, gray)" in told
    assert "age (20 to 80 years)" in told
    assert "no card yet: igan check" in told


def test_a_damaged_card_is_named_and_an_older_one_refused_with_what_to_do(run, igan):
    (run / "card.json").write_text("{")
    done = igan("info", run)
    assert done.code == 1
    assert "card.json is damaged" in done.err
    (run / "card.json").write_text('{"format": 1}')
    done = igan("info", run)
    assert done.code == 1
    assert (
        "card of format 1, and this version reads format 2; make it again: igan audit" in done.err
    )


def test_a_run_without_weights_says_how_to_go_on(run, igan):
    assert igan("info", run, "--json").json["unfinished"] is None
    assert "To go on" not in igan("info", run).out
    (run / "weights.safetensors").unlink()
    told = igan("info", run)
    assert told.code == 0
    assert f"stopped before its first checkpoint. To go on: igan train --resume {run}" in told.out
