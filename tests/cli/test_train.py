"""From a data set to a run, stopped and resumed, alone and together."""

import json
from pathlib import Path

import pytest
import torch

from interpretable_gan.run import Run
from interpretable_gan.training.loop import train as run_training


def weights(run):
    """Everything the model of a run computes with."""
    return torch.cat([p.flatten() for p in Run.open(run).model().networks.average.parameters()])


def test_a_run_is_trained_from_a_folder(folder, igan, small):
    done = igan("train", folder, "--out", "run", *small, "--images", 32)
    assert (done.code, done.out) == (0, "run\n")
    assert "32 of 32" in done.err
    assert done.err.count("training labels, too few to learn") == 5
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


def test_the_folder_is_named_after_the_data(folder, igan, small):
    assert igan("train", folder, *small, "-q").out == "runs/faces\n"


def test_a_run_is_never_overwritten(folder, igan, small):
    igan("train", folder, "--out", "run", *small)
    before = (folder.parent / "run" / "weights.safetensors").read_bytes()
    again = igan("train", folder, "--out", "run", *small, "--seed", 1)
    assert again.code == 2
    assert "igan train --resume run" in again.err
    assert (folder.parent / "run" / "weights.safetensors").read_bytes() == before


def test_ctrl_c_says_how_to_go_on_and_resuming_gives_the_same_weights(
    folder, igan, small, monkeypatch
):
    def interrupted(data, config, run, *, resume, progress):
        """Stops half-way, as Ctrl-C does."""
        real = progress

        def press(status):
            import signal

            real(status)
            signal.raise_signal(signal.SIGINT)

        return run_training(data, config, run, resume=resume, progress=press)

    monkeypatch.setattr("interpretable_gan.training.loop.LOG_EVERY", 2)
    igan("train", folder, "--out", "whole", *small)
    with monkeypatch.context() as patch:
        patch.setattr("interpretable_gan.training.loop.train", interrupted)
        stopped = igan("train", folder, "--out", "part", *small)
    assert stopped.code == 130
    assert "igan train --resume part" in stopped.err
    assert Run.open("part").log()[-1]["images"] < 64
    assert igan("train", "--resume", "part").code == 0
    assert torch.equal(weights("whole"), weights("part"))


def test_a_run_stopped_while_it_learns_how_to_ask_goes_on_there(folder, igan, small, monkeypatch):
    def interrupted(run, data, *, progress):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("interpretable_gan.directions.find.find_directions", interrupted)
        stopped = igan("train", folder, "--out", "run", *small)
    assert stopped.code == 130
    assert "igan train --resume run" in stopped.err
    assert not Run.open("run").model().networks.directions.on.any()
    again = igan("train", "--resume", "run")
    assert again.code == 0
    assert "finding directions" in again.err
    assert Run.open("run").model().networks.directions.on.any()


def test_a_finished_run_has_nothing_to_resume_and_says_so(folder, igan, small):
    assert "before" not in igan("train", folder, "--out", "run", *small).err
    log = Path("run/log.jsonl").read_bytes()
    again = igan("train", "--resume", "run")
    assert again.code == 0
    assert "run has seen all of its 64 images before." in again.err
    assert Path("run/log.jsonl").read_bytes() == log


def test_a_resumed_run_keeps_its_config(folder, igan, small):
    igan("train", folder, "--out", "run", *small)
    refused = igan("train", "--resume", "run", "--images", 500)
    assert refused.code == 2
    assert "own config" in refused.err


def test_a_run_from_python_is_resumed_by_naming_the_data(world, igan, tmp_path):
    refused = igan("train", "--resume", world.run.path)
    assert refused.code == 1
    assert "igan train SOURCE --resume" in refused.err


def test_strict_training_stops_before_it_starts(folder, igan, small):
    (folder / "images" / "000007.png").write_bytes(b"no image")
    stopped = igan("train", folder, "--out", "run", *small, "--strict")
    assert stopped.code == 1
    assert "images/000007.png" in stopped.err
    assert not (folder.parent / "run").exists()


@pytest.mark.slow
def test_two_processes_train_together(folder, igan, small):
    done = igan("train", folder, "--out", "run", *small, "--nproc", 2)
    assert done.code == 0
    first = json.loads((folder.parent / "run" / "log.jsonl").read_text().splitlines()[0])
    assert first["world"] == 2
    assert Run.open("run").model().sample(1).shape == (1, 3, 16, 16)
