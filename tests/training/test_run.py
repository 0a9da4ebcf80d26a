"""A run folder says in one sentence what is wrong with it."""

import json
import shutil

import pytest
import torch

from interpretable_gan.errors import RunError
from interpretable_gan.models.base import sample
from interpretable_gan.training.checkpoint import WEIGHTS, load_weights, save_weights
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import source_of


@pytest.fixture
def run(world, tmp_path):
    shutil.copytree(world.run.path, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_a_line_that_was_being_written_is_no_damage(run):
    whole = run.log()
    with (run.path / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"images": 12')
    assert run.log() == whole


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot be read", id="missing"),
        pytest.param(b"\xff\xfe", "cannot be read", id="no text"),
        pytest.param(b'{"images": 1}\n[1, 2]\n', r"'\[1, 2\]' is no record", id="no record"),
    ],
)
def test_a_log_that_is_none_is_named(run, content, message):
    (run.path / "log.jsonl").unlink()
    if content is not None:
        (run.path / "log.jsonl").write_bytes(content)
    with pytest.raises(RunError, match=f"log.jsonl.*{message}"):
        run.log()


def test_records_that_the_doctor_does_not_know_are_named(run):
    (run.path / "log.jsonl").write_text('{"notes": []}\n' + '{"images": 64, "game": 1}\n' * 9)
    with pytest.raises(RunError, match=r"log\.jsonl is damaged .*restore it"):
        run.notes()


@pytest.mark.parametrize("name", ["config.json", "source.json"])
def test_endless_nesting_is_damage(run, name):
    (run.path / name).write_text('{"family": ' + "[" * 100_000)
    with pytest.raises(RunError, match=rf"{name} is damaged .*too deep"):
        source_of(Run.open(run.path))


def test_a_damaged_config_names_the_field(run):
    config = (run.path / "config.json").read_text()
    (run.path / "config.json").write_text(config.replace('"batch": ', '"batch": "many", "b": '))
    with pytest.raises(RunError, match=r"config.json is damaged.*batch"):
        Run.open(run.path)


def test_a_run_of_a_later_version_is_refused_with_what_to_do(world, tmp_path):
    copied(world, tmp_path, format=99)
    with pytest.raises(RunError, match=r"later version \(format 99.*upgrade interpretable-gan"):
        Run.open(tmp_path / "run")


def test_a_run_of_version_0_1_opens_without_its_directions_and_says_so(world, tmp_path):
    run = copied(world, tmp_path, format=None, family=None)
    tensors = load_weights(run / WEIGHTS)
    save_weights(run / WEIGHTS, tensors | {"directions.on": torch.zeros(2, 3)})
    with pytest.warns(UserWarning, match="version 0.1: it opens without its directions"):
        model = Run.open(run).model()
    assert torch.equal(sample(model, 2), sample(world.run.model(), 2))


def copied(world, tmp_path, **changed):
    """A copy of the tiny run whose config has some settings changed, or left out where None."""
    run = shutil.copytree(world.run.path, tmp_path / "run")
    config = json.loads((run / "config.json").read_text()) | changed
    config = {name: value for name, value in config.items() if value is not None}
    (run / "config.json").write_text(json.dumps(config))
    return run
