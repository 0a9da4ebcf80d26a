"""A run ends where it would have ended, whatever happens on the way."""

import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest
import torch
from filelock import FileLock
from torch import distributed

from interpretable_gan.errors import DataError, LostProcessError, RunError, TrainingError
from interpretable_gan.models.base import sample
from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.models.steered import FILE as SHIFTS
from interpretable_gan.training import loop
from interpretable_gan.training.checkpoint import (
    STATE,
    WEIGHTS,
    load_moment,
    load_state,
    load_weights,
)
from interpretable_gan.training.interruption import Terminated
from interpretable_gan.training.run import Run
from world import trained


def weights(folder):
    """All that steps change: the networks, and what their optimisers remember."""
    _, tensors = load_state(folder / STATE)
    return torch.cat([tensor.flatten() for name, tensor in tensors.items() if name != "obeyed"])


def steps_saved(folder):
    return load_moment(folder / STATE).step


class Stop(Exception):
    """Thrown from a progress callback, as a crash would be."""


def stop_at(images):
    def progress(status):
        if status.done >= images:
            raise Stop

    return progress


@pytest.fixture(scope="module")
def whole(data, config, tmp_path_factory):
    """A run that never stopped; leave its folder as it is."""
    return trained(data, config, tmp_path_factory.mktemp("whole") / "run")


def test_a_resumed_run_ends_in_the_same_bits_as_one_that_never_stopped(
    data, config, tmp_path, whole, monkeypatch
):
    folder = tmp_path / "resumed"
    monkeypatch.setattr(loop, "LOG_EVERY", 25)
    with pytest.raises(Stop):
        trained(data, config, folder, progress=stop_at(75 * 8))
    assert steps_saved(folder) == 50
    run = trained(data, config, folder, resume=True)

    assert torch.equal(weights(whole.path), weights(run.path))
    assert [r["images"] for r in run.log()[1:]] == [200, 400, 600, 640]


@pytest.mark.parametrize(
    ("asked", "raised"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)],
    ids=["ctrl-c", "kill"],
)
def test_a_run_saves_before_it_leaves_and_goes_on_from_there(
    asked, raised, data, config, tmp_path, whole
):
    folder = tmp_path / "stopped"
    steps = iter(range(1000))

    class Interrupted(loop.Training):
        def _take_step(self, reals):
            if next(steps) == 20:
                os.kill(os.getpid(), asked)
            return super()._take_step(reals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Training", Interrupted)
        with pytest.raises(KeyboardInterrupt) as stopped:
            trained(data, config, folder)
    assert stopped.type is raised
    assert steps_saved(folder) == 21
    trained(data, config, folder, resume=True)
    assert torch.equal(weights(whole.path), weights(folder))


SCRIPT = """
    import os, signal, sys, torch
    from pathlib import Path
    from interpretable_gan.data import portraits
    from interpretable_gan.training import checkpoint
    from interpretable_gan.training import loop
    from interpretable_gan.models.gan.config import GANConfig

    loop.LOG_EVERY = 10
    config = GANConfig.of(
        size=16, generator_widths=(8, 8, 8), discriminator_widths=(8, 8), discovered=2, style=4,
        batch=8, images=int(sys.argv[2]), save_every=80, threads=1, cooling=0,
    )
    folder = Path(sys.argv[1])
    data = portraits.dataset(size=16, count=160, seed=0)
    crash = int(sys.argv[3])

    def progress(status):
        print(status.done, flush=True)
        if crash and status.done >= crash and os.environ.get("TORCHELASTIC_RESTART_COUNT") != "1":
            os.kill(os.getpid(), signal.SIGKILL)

    class Kept(loop.Training):
        def go_on(self, progress):
            super().go_on(progress)
            checkpoint.save_weights(folder / f"rank{self.runtime.rank}", self.learner.state())

    loop.Training = Kept
    resume = (folder / "config.json").exists()
    loop.train(data, config, run=folder, resume=resume, progress=progress)
"""
"""Every process keeps what its networks and optimisers ended in."""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(SCRIPT))
    return str(path)


TOGETHER = ("--standalone", "--nproc-per-node", "2")
ALONE = os.environ | {"OMP_NUM_THREADS": "1"}


def launched(script, folder, images, crash, *how):
    command = [sys.executable, "-m", "torch.distributed.run", *how]
    return [*command, script, str(folder), str(images), str(crash)]


def two_processes(script, folder, images, crash, *more):
    command = launched(script, folder, images, crash, *TOGETHER, *more)
    return subprocess.run(command, env=ALONE, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """A run of two processes that never stopped."""
    folder = tmp_path_factory.mktemp("together")
    (folder / "script.py").write_text(textwrap.dedent(SCRIPT))
    done = two_processes(str(folder / "script.py"), folder / "run", 320, 0)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.mark.long
def test_two_processes_learn_the_same_from_different_images(together):
    first, second = (load_weights(together / f"rank{rank}") for rank in (0, 1))
    assert first.keys() == second.keys()
    own = {"obeyed"}  # of the changes that this process asked for
    assert all(torch.equal(first[name], second[name]) for name in first.keys() - own)


@pytest.mark.long
def test_two_processes_resume_bit_for_bit(script, tmp_path, together):
    assert Run.open(together).log()[0]["world"] == 2
    crashed = two_processes(script, tmp_path / "resumed", 320, 240)
    assert crashed.returncode != 0
    assert steps_saved(tmp_path / "resumed") < 40
    done = two_processes(script, tmp_path / "resumed", 320, 0)
    assert done.returncode == 0, done.stderr
    assert torch.equal(weights(together), weights(tmp_path / "resumed"))


@pytest.mark.long
def test_two_machines_learn_what_two_processes_of_one_learn(script, tmp_path, together):
    """Two launchers of one process each, which find each other at a port of this machine."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        place = f"localhost:{free.getsockname()[1]}"
    how = ("--nnodes", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint", place)
    command = launched(script, tmp_path / "run", 320, 0, *how)
    quiet = {"env": ALONE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with (
        subprocess.Popen([*command], **quiet, text=True) as first,
        subprocess.Popen([*command], **quiet, text=True) as second,
    ):
        said = [machine.communicate(timeout=240)[1] for machine in (first, second)]
    assert first.returncode == second.returncode == 0, said
    assert torch.equal(weights(together), weights(tmp_path / "run"))


@pytest.mark.long
def test_a_lost_process_is_started_again_and_nothing_is_lost(script, tmp_path, together):
    done = two_processes(script, tmp_path / "run", 320, 240, "--max-restarts", "1")
    assert done.returncode == 0, done.stderr
    assert torch.equal(weights(together), weights(tmp_path / "run"))


@pytest.mark.long
def test_a_run_of_two_processes_goes_on_in_one(script, tmp_path, together):
    folder = tmp_path / "fewer"
    assert two_processes(script, folder, 320, 240).returncode != 0
    alone = subprocess.run(
        [sys.executable, script, str(folder), "320", "0"],
        env=ALONE,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert alone.returncode == 0, alone.stderr
    assert (steps_saved(folder), load_moment(folder / STATE).world) == (40, 1)
    ends = [Run.open(run).log()[-1]["reading"] for run in (together, folder)]
    assert ends[1] == pytest.approx(ends[0], rel=0.1)


def test_a_run_killed_at_any_moment_can_be_loaded_and_resumed(script, tmp_path):
    folder = tmp_path / "killed"
    command = [sys.executable, script, str(folder), "100000", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert sample(Run.open(folder).model(), 2).shape == (2, 3, 16, 16)
    assert steps_saved(folder) >= 10
    with (folder / "log.jsonl").open("a") as log:
        log.write('{"images": 1')  # a line that was being written
    assert Run.open(folder).log()[-1]["images"] > 1


def test_a_run_is_one_before_its_first_step(data, config, tmp_path, whole):
    class Killed(loop.Training):
        def _take_step(self, reals):
            raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Training", Killed)
        with pytest.raises(Stop):
            trained(data, config, tmp_path / "killed")
    run = Run.open(tmp_path / "killed")
    assert sample(run.model(), 2).shape == (2, 3, 16, 16)
    assert "has seen 0 of its 640 images so far" in run.unfinished()
    trained(data, config, run.path, resume=True)
    assert torch.equal(weights(whole.path), weights(run.path))
    assert run.unfinished() is None


def test_a_checkpoint_that_is_not_finished_is_made_again(data, config, tmp_path, monkeypatch):
    """Whatever of it was written, what training resumes from comes last."""

    def killed(*arguments):
        raise Stop

    config = config.model_copy(update={"images": 16})
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save", killed)
        with pytest.raises(Stop):
            trained(data, config, tmp_path / "run")
    assert steps_saved(tmp_path / "run") == 0
    run = trained(data, config, tmp_path / "run", resume=True)
    assert [each.name for each in run.path.glob("samples/*")] == ["000000016.png"]


def test_shifts_never_stand_beside_weights_that_they_were_not_fitted_to(
    data, config, tmp_path, monkeypatch
):
    run = trained(data, config.model_copy(update={"images": 16}), tmp_path / "run")
    (run.path / STATE).unlink()
    (run.path / WEIGHTS).unlink()
    (run.path / SHIFTS).write_bytes(b"of earlier weights")

    def save_weights(path, weights):
        assert not (run.path / SHIFTS).exists()
        raise Stop

    monkeypatch.setattr(loop.checkpoint, "save_weights", save_weights)
    with pytest.raises(Stop):
        trained(data, run.config, run.path, resume=True)


def test_what_is_killed_before_it_can_be_loaded_is_no_run_yet(data, config, tmp_path):
    class Killed(loop.Training):
        def _save(self, seconds):
            raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Training", Killed)
        with pytest.raises(Stop):
            trained(data, config, tmp_path / "run")
    with pytest.raises(RunError, match="is no run"):
        Run.open(tmp_path / "run")
    config = config.model_copy(update={"images": 16})
    assert trained(data, config, tmp_path / "run").unfinished() is None


@pytest.fixture
def breaking(monkeypatch):
    """Training in which something breaks before or after one of its steps; every tenth is saved."""

    def arrange(before=None, after=None, at=12):
        class Breaking(loop.Training):
            def _take_step(self, reals):
                if self.step == at and before:
                    before(self)
                super()._take_step(reals)
                if self.step == at and after:
                    after(self)

        monkeypatch.setattr(loop, "Training", Breaking)

    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    return arrange


def spoil(training):
    with torch.no_grad():
        training.learner.networks.discriminator.bias.fill_(math.nan)


def spoil_and_stop(training):
    spoil(training)
    os.kill(os.getpid(), signal.SIGINT)


def spoil_memory(training):
    """Of an optimiser, which no loss shows yet."""
    state = training.learner.optimizers["generator"].adam.state
    next(iter(state.values()))["exp_avg_sq"].fill_(math.inf)


def spoil_frequencies(training):
    """Which no loss shows where labels say all."""
    training.learner.labels.frequencies.fill_(math.nan)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        pytest.param(
            {"after": spoil_frequencies, "at": 19},
            "a weight is not finite at step 20",
            id="beside the weights",
        ),
        pytest.param({"before": spoil}, "game is nan at step 13", id="in a loss"),
        pytest.param({"after": spoil}, "game is nan at step 14", id="by an update"),
        pytest.param(
            {"after": spoil_and_stop}, "a weight is not finite at step 13", id="while asked to stop"
        ),
        pytest.param(
            {"after": spoil, "at": 19},
            "a weight is not finite at step 20",
            id="before a checkpoint",
        ),
        pytest.param(
            {"after": spoil_memory, "at": 19},
            "a weight is not finite at step 20",
            id="in an optimiser",
        ),
    ],
)
def test_nan_stops_with_the_step_and_leaves_the_last_good_checkpoint(
    moment, sentence, data, config, tmp_path, breaking
):
    config = config.model_copy(update={"images": 160, "save_every": 80})
    breaking(**moment)
    with pytest.raises(TrainingError, match=rf"{sentence}\. .*{STATE} \(step 10\)"):
        trained(data, config, tmp_path / "run")
    assert steps_saved(tmp_path / "run") == 10
    assert weights(tmp_path / "run").isfinite().all()
    assert sample(Run.open(tmp_path / "run").model(), 2).isfinite().all()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (RuntimeError("[gloo/transport/tcp/pair.cc:537] Read error: reset"), LostProcessError),
        (distributed.DistBackendError("NCCL communicator was aborted"), LostProcessError),
        (RuntimeError("shapes do not fit"), RuntimeError),
    ],
    ids=["processors", "GPUs", "a bug"],
)
def test_a_lost_process_is_told_from_a_bug(error, raised, data, config, tmp_path, monkeypatch):
    def fail(self, progress):
        raise error

    monkeypatch.setattr(loop.Training, "go_on", fail)
    with pytest.raises(RuntimeError) as stopped:
        trained(data, config, tmp_path / "run")
    assert stopped.type is raised
    assert raised is RuntimeError or f"--resume {tmp_path / 'run'}" in str(stopped.value)


def test_a_run_goes_on_with_the_data_it_began_with_alone(data, config, tmp_path):
    run = trained(data, config.model_copy(update={"images": 16}), tmp_path)
    before = weights(run.path)
    relabelled = replace(data, codes=-data.codes)
    with pytest.raises(RunError, match="cannot go on with other data"):
        trained(relabelled, run.config, run.path, resume=True)
    assert torch.equal(weights(run.path), before)


def test_a_run_of_an_earlier_version_is_not_resumed_but_its_weights_load(data, config, tmp_path):
    run = trained(data, config.model_copy(update={"images": 16}), tmp_path)
    (run.path / STATE).rename(run.path / "state.pt")
    with pytest.raises(RunError, match=f"cannot go on without {STATE}: .* an earlier version"):
        trained(data, run.config, run.path, resume=True)
    assert sample(run.model(), 1).shape == (1, 3, 16, 16)
    assert run.unfinished() is None


def test_a_run_without_a_checkpoint_says_so_and_starts_again(data, config, tmp_path, whole):
    run = Run.open(shutil.copytree(whole.path, tmp_path / "run"))
    for name in (STATE, WEIGHTS):
        (run.path / name).unlink()
    asked = f"no weights yet.*igan train --resume {run.path}"
    with pytest.raises(RunError, match=asked):
        run.model()
    assert re.search(asked, run.unfinished())
    trained(data, config, run.path, resume=True)
    assert torch.equal(weights(whole.path), weights(run.path))


@pytest.fixture
def shown(monkeypatch):
    """The batches and steps that a learner was given; it learns nothing."""
    given = []

    def step(self, batch, step):
        given.append((batch, step))
        return {"game": torch.zeros(())}

    monkeypatch.setattr(GANLearner, "step", step)
    return given


def test_every_training_image_is_shown_once_an_epoch_with_its_own_labels(
    data, config, tmp_path, shown
):
    rows = data.rows("train")
    trained(data, config.model_copy(update={"images": 2 * len(rows)}), tmp_path)
    assert [step for _, step in shown] == list(range(len(shown)))
    images, labels, known = (torch.cat(parts) for parts in zip(*(b for b, _ in shown), strict=True))
    every, *_ = data.batch(range(len(data)))
    numbers = {image.numpy().tobytes(): row for row, image in enumerate(every)}
    walk = [numbers[image.numpy().tobytes()] for image in images]
    first, second = walk[: len(rows)], walk[len(rows) : 2 * len(rows)]
    assert sorted(first) == sorted(second) == sorted(rows)
    assert first != second, "every epoch has an order of its own"
    assert torch.equal(labels, torch.from_numpy(data.codes[walk]))
    assert torch.equal(known, torch.from_numpy(data.known[walk]))


@pytest.mark.parametrize("kind", ["additive", "black-box"])
def test_a_run_leaves_everything_in_its_folder_and_nothing_that_carries_code(
    data, config, tmp_path, kind
):
    config = config.model_copy(update={"discriminator": kind, "images": 80})
    run = trained(data, config, tmp_path / "run")
    names = {path.name for path in run.path.iterdir()}
    expected = {"config.json", "schema.yaml", WEIGHTS, STATE, "log.jsonl"}
    assert names == expected | {"samples"}
    assert run.config == config
    assert run.log()[-1]["images"] == 80
    assert json.loads((run.path / "config.json").read_text())["discriminator"] == kind


def test_a_folder_that_holds_a_run_is_not_overwritten(data, config, tmp_path):
    config = config.model_copy(update={"images": 16})
    trained(data, config, tmp_path)
    with pytest.raises(RunError, match="holds a run already"):
        trained(data, config, tmp_path)
    with pytest.raises(RunError, match="trained with seed = 0, not 1"):
        trained(data, config.model_copy(update={"seed": 1}), tmp_path, resume=True)
    with pytest.raises(RunError, match="trained with batch = 8, not 16"):
        loop.train(data, run=tmp_path, resume=True, batch=16, generator_widths=[8, 8, 8], size=16)
    assert loop.train(data, run=tmp_path, resume=True, batch=8).config == config


def test_two_trainings_never_share_a_folder(data, config, tmp_path, whole):
    with FileLock(tmp_path / loop.LOCK):
        with pytest.raises(RunError, match="is being trained by another process"):
            trained(data, config, tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {loop.LOCK}
    run = shutil.copytree(whole.path, tmp_path / "run")
    with (
        FileLock(run / loop.LOCK),
        pytest.raises(RunError, match="is being trained by another process"),
    ):
        trained(data, config, run, resume=True)


def test_images_of_another_size_are_refused_with_the_fix(data, config, tmp_path):
    with pytest.raises(DataError, match="open it with size=32 or set size=16"):
        trained(data, type(config).of("tiny"), tmp_path)


def test_labels_that_say_nothing_train_and_open(data, config, tmp_path):
    """No label at all, always on, and two attributes never labelled on the same image."""
    known, codes = data.known.copy(), data.codes.copy()
    first, second, third, fourth = (data.schema.slices[a.name] for a in data.schema.named[:4])
    known[:, first] = False
    codes[:, second] = 1
    known[::2, third] = known[1::2, fourth] = False
    codes[~known] = 0
    quiet = replace(data, known=known, codes=codes)
    run = trained(quiet, config.model_copy(update={"images": 16}), tmp_path / "run")
    assert sample(run.model(), 2).isfinite().all()
