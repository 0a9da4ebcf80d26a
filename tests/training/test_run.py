"""A run folder says in one sentence what is wrong with it."""

import shutil

import pytest

from interpretable_gan.errors import RunError
from interpretable_gan.training.run import Run


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


def test_a_damaged_config_names_the_field(run):
    config = (run.path / "config.json").read_text()
    (run.path / "config.json").write_text(config.replace('"batch": ', '"batch": "many", "b": '))
    with pytest.raises(RunError, match=r"config.json is damaged.*batch"):
        Run.open(run.path)
