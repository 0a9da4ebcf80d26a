"""From a data set to a run, stopped and resumed, alone and together."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from filelock import FileLock
from safetensors import SafetensorError

from interpretable_gan.audit.card import Card
from interpretable_gan.data.open import open_dataset
from interpretable_gan.models.base import sample
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.schema.roles import Roles
from interpretable_gan.training.launch import leave_word
from interpretable_gan.training.loop import train as run_training
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import open_data, save_source
from world import TINY, trained


def weights(run):
    """Everything the model of a run computes with."""
    return torch.cat([p.flatten() for p in Run.open(run).model().networks.average.parameters()])


def test_a_run_is_trained_from_a_folder(folder, igan, small):
    done = igan("train", folder, "--out", "run", *small, "--images", 32)
    assert (done.code, done.out) == (0, "run\n")
    assert "32 of 32" in done.err
    assert done.err.count("too few training labels to learn from") == 5
    assert "more, see igan info run" in done.err
    assert "reading error" in done.err
    run = Run.open("run")
    assert run.config.images == 32
    assert run.schema.with_discovered(0).names[0] == "smiling"


def test_curves_are_written_for_tensorboard(folder, igan, small):
    done = igan("train", folder, "--out", "run", *small, "--images", 32, "--tensorboard", "-q")
    assert done.code == 0
    written = b"".join(path.read_bytes() for path in (folder.parent / "run/tensorboard").iterdir())
    assert b"paired_accuracy" in written


@pytest.fixture
def checked(small):
    """The options of ``small``, but for the one that leaves out the check."""
    return [option for option in small if option != "--no-check"]


def test_training_ends_with_a_check_that_a_better_one_replaces(folder, igan, checked, quick):
    done = igan("train", folder, "--out", "run", *checked, "--images", 32)
    assert done.code == 0, done.err
    assert done.out.startswith("Steerability")
    assert done.out.endswith("\nrun\n")
    begun = [line.partition(": ")[0] for line in done.err.splitlines() if ": 0 of " in line]
    assert begun[:6] == [  # every stage says so at once
        f"reading {folder}, looking up images",
        f"reading {folder}, decoding images",
        "training",
        "auditing, training evaluator residual",
        "auditing, training evaluator plain",
        "auditing, measuring 'not vacuous'",
    ]
    before, _, after = done.err.partition("Now the check: it trains two evaluators")
    assert "(--no-check leaves it out)" in after
    assert "auditing" not in before
    found = Path("run/card.json")
    assert json.loads(found.read_text())["by"] == "igan train"
    assert igan("info", "run", "--json").json["card"]["by"] == "igan train"

    asked = igan("check", "run", folder, "--evaluator-images", 300)
    assert asked.code == 0, asked.err
    assert json.loads(found.read_text())["by"] == "igan check"
    refused = igan("check", "run", folder)
    assert refused.code == 2
    assert "--force" in refused.err


def test_a_finished_run_is_checked_once(folder, igan, small, checked, quick):
    left_out = igan("train", folder, "--out", "run", *small, "--images", 32)
    assert "Next: igan check run\n" in left_out.err
    assert not Path("run/card.json").exists()
    assert igan("train", "--resume", "run").out.startswith("Steerability")
    os.utime("run/card.json", (0, 0))  # as where the clock was set back
    assert igan("train", "--resume", "run").out == "run\n"
    assert Path("run/card.json").stat().st_mtime == 0


def test_a_check_of_weights_that_have_changed_since_is_made_again(folder, igan, small, quick):
    igan("train", folder, "--out", "run", *small, "--images", 32)
    Path("run/card.json").write_text("{}")
    assert igan("train", "--resume", "run").out.startswith("Steerability")


def test_ctrl_c_in_the_check_leaves_a_trained_run_and_says_how_to_go_on(
    folder, igan, checked, monkeypatch
):
    def press(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("interpretable_gan.cli.card.measure", press)
    stopped = igan("train", folder, "--out", "run", *checked, "--images", 32)
    assert stopped.code == 130
    assert "Trained, but not checked. To go on: igan train --resume run\n" in stopped.err


def test_a_run_is_not_resumed_on_other_data_and_remembers_its_own(folder, igan, small, tmp_path):
    igan("train", folder, "--out", "run", *small)
    igan("data", "portraits", "--out", "others", "--n", 40, "--size", 16, "--seed", 1)
    source = Path("run/source.json").read_bytes()
    refused = igan("train", "others", "--resume", "run", "--no-check")
    assert refused.code == 1
    assert "igan: run cannot go on with other data: 'faces' had other images" in refused.err
    assert Path("run/source.json").read_bytes() == source

    table = folder / "metadata.csv"
    first, *rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join([first, *rows[1:]]))
    refused = igan("train", "--resume", "run", "--no-check")
    assert refused.code == 1
    assert "training images, and 'faces' now has" in refused.err


def test_a_data_set_that_was_moved_is_named_once(folder, igan, small):
    igan("train", folder, "--out", "run", *small)
    folder.rename(folder.with_name("moved"))
    assert igan("train", "--resume", "run", "--no-check").code == 1
    assert igan("train", "moved", "--resume", "run", "--no-check").code == 0
    assert igan("train", "--resume", "run", "--no-check").code == 0


def test_the_folder_is_named_after_the_data(folder, igan, small):
    assert igan("train", folder, *small, "-q").out == "runs/faces\n"


def test_a_run_is_never_overwritten(folder, igan, small):
    igan("train", folder, "--out", "run", *small)
    before = (folder.parent / "run" / "weights.safetensors").read_bytes()
    again = igan("train", folder, "--out", "run", *small, "--seed", 1)
    assert again.code == 2
    assert "igan train --resume run" in again.err
    assert (folder.parent / "run" / "weights.safetensors").read_bytes() == before


def test_the_same_command_starts_a_run_and_goes_on_with_it(folder, igan, small, monkeypatch):
    monkeypatch.setattr("interpretable_gan.training.loop.LOG_EVERY", 2)
    igan("train", folder, "--out", "whole", *small)
    command = ("train", folder, "--out", "run", *small, "--go-on")
    with monkeypatch.context() as patch:
        patch.setattr(GANLearner, "step", stopped_at(1))
        assert igan(*command).code == 130
    assert Run.open("run").unfinished()
    assert igan(*command).code == 0
    assert torch.equal(weights("whole"), weights("run"))
    refused = igan(*command, "--images", 5000)
    assert refused.code == 2
    assert "holds a run with other settings" in refused.err


def stopped_at(last, step=GANLearner.step):
    """A step of training that is interrupted when it is the ``last``."""

    def interrupted(learner, batch, number):
        if number == last:
            signal.raise_signal(signal.SIGINT)
        return step(learner, batch, number)

    return interrupted


@pytest.mark.parametrize(("asked", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_says_how_to_go_on_and_resuming_gives_the_same_weights(
    asked, code, folder, igan, small, monkeypatch
):
    def interrupted(data, config, run, *, resume, progress):
        """Stops half-way, as Ctrl-C does."""

        def press(status):
            progress(status)
            if status.done:
                signal.raise_signal(asked)

        return run_training(data, config, run=run, resume=resume, progress=press)

    monkeypatch.setattr("interpretable_gan.training.loop.LOG_EVERY", 2)
    igan("train", folder, "--out", "whole", *small)
    with monkeypatch.context() as patch:
        patch.setattr("interpretable_gan.training.loop.train", interrupted)
        stopped = igan("train", folder, "--out", "part", *small)
    assert stopped.code == code
    assert "igan train --resume part" in stopped.err
    assert Run.open("part").log()[-1]["images"] < 64
    assert igan("train", "--resume", "part", "--no-check").code == 0
    assert torch.equal(weights("whole"), weights("part"))


def test_a_finished_run_has_nothing_to_resume_and_says_so(folder, igan, small):
    assert "before" not in igan("train", folder, "--out", "run", *small).err
    log = Path("run/log.jsonl").read_bytes()
    again = igan("train", "--resume", "run", "--no-check")
    assert again.code == 0
    assert "run has seen all of its 64 images before." in again.err
    assert Path("run/log.jsonl").read_bytes() == log


def test_a_resumed_run_keeps_its_config(folder, igan, small):
    igan("train", folder, "--out", "run", *small)
    refused = igan("train", "--resume", "run", "--images", 500)
    assert refused.code == 2
    assert "own config" in refused.err
    assert igan("train", "--resume", "run", "--group", "age").code == 2


def test_a_run_from_python_is_resumed_by_naming_the_data(world, igan, tmp_path):
    refused = igan("train", "--resume", world.run.path)
    assert refused.code == 1
    assert "name the SOURCE as well" in refused.err


def test_strict_training_stops_before_it_starts(folder, igan, small):
    (folder / "images" / "000007.png").write_bytes(b"no image")
    stopped = igan("train", folder, "--out", "run", *small, "--strict")
    assert stopped.code == 1
    assert "images/000007.png" in stopped.err
    assert not (folder.parent / "run").exists()


def test_a_card_that_somebody_asked_for_is_kept_and_its_age_is_said(
    folder, igan, small, checked, quick
):
    igan("train", folder, "--out", "run", *checked, "--images", 32)
    card = Card.load("run").model_copy(update={"by": "igan audit", "model": "of earlier weights"})
    card.save("run/card.json")
    told = igan("train", "--resume", "run")
    assert "is of earlier weights; to make it again: igan audit run --force" in told.err
    assert Card.load("run") == card


@pytest.mark.parametrize(
    "failure",
    [
        OSError(28, "No space left on device"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
    ],
    ids=["system", "safetensors"],
)
def test_a_full_disk_is_one_sentence_and_keeps_the_last_checkpoint(
    failure, folder, igan, small, monkeypatch
):
    real, saved = safetensors.torch.save_file, []

    def full(tensors, path, metadata=None):
        saved.append(path)
        if len(saved) > 2:  # weights and state before the first step
            raise failure
        real(tensors, path, metadata=metadata)

    with monkeypatch.context() as patch:
        patch.setattr("safetensors.torch.save_file", full)
        done = igan("train", folder, "--out", "run", *small, "-q")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith(
        "igan: training stopped at step 4: run/weights.safetensors cannot be written ("
    )
    assert "No space left on device" in done.err
    assert "igan train --resume run" in done.err
    assert Run.open("run").model().codes(1).shape[0] == 1
    assert not [path for path in Path("run").iterdir() if path.name.startswith(".")]
    assert igan("train", "--resume", "run", "--no-check").code == 0


def test_a_run_in_training_is_left_alone(folder, igan, small):
    with FileLock("run/training.lock"):
        first = igan("train", folder, "--out", "run", *small, "-q")
        assert [path.name for path in Path("run").iterdir()] == ["training.lock"]
    igan("train", folder, "--out", "run", *small)
    before = Path("run/state.safetensors").read_bytes()
    with FileLock("run/training.lock"):
        resumed = igan("train", "--resume", "run", "--no-check", "-q")
    for refused in (first, resumed):
        assert (refused.code, refused.out) == (1, "")
        assert refused.err == (
            "igan: run is being trained by another process: wait for it, or choose another "
            "folder.\n"
        )
    assert Path("run/state.safetensors").read_bytes() == before


def test_help_says_what_training_ends_with(igan):
    told = " ".join(igan("train", "--help").out.split())
    assert "its card at small sizes" in told
    assert "igan steer RUN SOURCE is a step of its own" in told


@pytest.mark.slow
def test_two_processes_train_together_and_one_checks(folder, igan, checked, quick):
    done = igan("train", folder, "--out", "run", *checked, "--nproc", 2)
    assert done.code == 0
    first = json.loads((folder.parent / "run" / "log.jsonl").read_text().splitlines()[0])
    assert first["world"] == 2
    assert sample(Run.open("run").model(), 1).shape == (1, 3, 16, 16)
    assert done.out.count("Steerability") == 1
    assert json.loads(Path("run/card.json").read_text())["by"] == "igan train"


def shell(*arguments):
    """A command in a process of its own, with what its processes say, line by line."""
    line = [sys.executable, "-m", "interpretable_gan.cli.main", *map(str, arguments)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_processes_that_fail_alike_say_it_once(folder, igan, small):
    odd = [option.replace("batch=16", "batch=20") for option in small]
    with shell("train", folder, "--out", "run", *odd, "--nproc", 2) as failing:
        said = failing.stderr.read()
    assert failing.returncode == 2
    assert said.count("batch 20 cannot be shared by 2 processes") == 1
    assert "Traceback" not in said


@pytest.fixture
def ending(monkeypatch, tmp_path):
    """Launches whose processes end with the given exit codes and, it may be, last words."""
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

    def arrange(*ends):
        failures = {}
        for rank, (code, word) in enumerate(ends):
            with monkeypatch.context() as patch:
                patch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / f"{rank}.json"))
                if word:
                    leave_word(word)
            failures[rank] = ProcessFailure(rank, 4711, code, str(tmp_path / f"{rank}.json"))

        def launch(*_):
            raise ChildFailedError("igan", failures)

        monkeypatch.setattr("torch.distributed.launcher.api.elastic_launch", lambda *_: launch)

    return arrange


@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        pytest.param(
            [(-signal.SIGTERM, None), (-signal.SIGKILL, None)],
            1,
            "igan: process 1 was ended by SIGKILL. To go on: igan train --resume run --nproc 2\n",
            id="killed, the other told to end",
        ),
        pytest.param(
            [(-signal.SIGTERM, "no."), (2, "no.")], 2, "igan: no.\n", id="both have the same to say"
        ),
        pytest.param([(1, None), (-signal.SIGTERM, None)], 1, "", id="a bug, with its traceback"),
    ],
)
def test_one_process_speaks_for_all(ends, code, said, folder, igan, small, ending):
    ending(*ends)
    done = igan("train", folder, "--out", "run", *small, "--nproc", 2, "-q")
    assert (done.code, done.out, done.err) == (code, "", said)


@pytest.mark.slow
def test_two_processes_that_are_killed_go_on_from_their_checkpoint(folder, igan, small):
    more = [option.replace("images=64", "images=4800") for option in small]
    with shell("train", folder, "--out", "run", *more, "--nproc", 2) as training:
        for line in training.stderr:
            if "training: " in line:
                training.kill()
                break
        training.stderr.read()  # until nobody is left who could say anything
    config = Path("run/config.json")
    config.write_text(config.read_text().replace("4800", "64"))
    with shell("train", "--resume", "run", "--nproc", 2, "--no-check") as again:
        said = again.stderr.read()
    assert again.returncode == 0, said
    assert Run.open("run").unfinished() is None


def test_a_run_remembers_which_column_is_the_group(folder, tmp_path):
    (folder / "metadata.csv").write_text(
        "file_name,sitter,hat\n" + "".join(f"{i:06d}.png,{i // 2},{i % 2}\n" for i in range(40))
    )
    (folder / "schema.yaml").unlink()
    data = open_dataset(folder, size=16, roles=Roles(split="none", group="Sitter"))
    run = trained(data, GANConfig.of("tiny", **TINY | {"images": 16}), tmp_path / "run")
    save_source(run.path, data)
    again = open_data(run)
    assert len(set(again.groups.tolist())) == 20
    assert again.schema.roles == Roles(split="none", group="Sitter")
