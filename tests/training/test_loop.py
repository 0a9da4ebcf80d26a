"""A run ends where it would have ended, whatever happens on the way."""

import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
import torch

from interpretable_gan.errors import DataError, RunError, TrainingError
from interpretable_gan.run import Run
from interpretable_gan.training import loop
from interpretable_gan.training.checkpoint import load_state
from interpretable_gan.training.loop import train


def weights(folder):
    networks = load_state(folder / "state.pt")["networks"]
    return torch.cat([t.flatten() for state in networks.values() for t in state.values()])


class Stop(Exception):
    """Thrown from a progress callback, as a crash would be."""


def stop_at(images):
    def progress(status):
        if status.images >= images:
            raise Stop

    return progress


@pytest.fixture
def whole(data, config, tmp_path):
    """A run that never stopped."""
    return train(data, config, tmp_path / "whole")


def test_a_resumed_run_ends_in_the_same_bits_as_one_that_never_stopped(
    data, config, tmp_path, whole, monkeypatch
):
    folder = tmp_path / "resumed"
    monkeypatch.setattr(loop, "LOG_EVERY", 25)
    with pytest.raises(Stop):
        train(data, config, folder, progress=stop_at(75 * 8))
    assert load_state(folder / "state.pt")["step"] == 50
    run = train(data, config, folder, resume=True)

    assert torch.equal(weights(whole.path), weights(run.path))
    assert [r["images"] for r in run.log()[1:]] == [200, 400, 600, 640]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_a_run_saves_before_it_leaves_and_goes_on_from_there(asked, data, config, tmp_path, whole):
    folder = tmp_path / "stopped"
    steps = iter(range(1000))

    class Interrupted(loop.Training):
        def _take_step(self, reals):
            if next(steps) == 20:
                os.kill(os.getpid(), asked)
            return super()._take_step(reals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Training", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(data, config, folder)
    assert load_state(folder / "state.pt")["step"] == 21
    train(data, config, folder, resume=True)
    assert torch.equal(weights(whole.path), weights(folder))


SCRIPT = """
    import sys, torch
    from pathlib import Path
    from interpretable_gan.data import portraits
    from interpretable_gan.training import loop
    from interpretable_gan.training.config import TrainingConfig

    loop.LOG_EVERY = 10
    config = TrainingConfig.of(
        size=16, generator_widths=(8, 8, 8), discriminator_widths=(8, 8), discovered=2, style=4,
        batch=8, images=int(sys.argv[2]), save_every=80, threads=1, cooling=0,
    )
    folder = Path(sys.argv[1])
    data = portraits.dataset(size=16, count=160, seed=0)
    crash = int(sys.argv[3])

    def progress(status):
        print(status.images, flush=True)
        if crash and status.images >= crash:
            raise SystemExit(3)

    loop.train(data, config, folder, resume=(folder / "config.json").exists(), progress=progress)
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(SCRIPT))
    return str(path)


def two_processes(script, folder, images, crash):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", script, str(folder), str(images), str(crash)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


def test_two_processes_resume_bit_for_bit(script, tmp_path):
    done = two_processes(script, tmp_path / "whole", 320, 0)
    assert done.returncode == 0, done.stderr
    assert Run.open(tmp_path / "whole").log()[0]["world"] == 2
    crashed = two_processes(script, tmp_path / "resumed", 320, 240)
    assert crashed.returncode != 0
    assert load_state(tmp_path / "resumed" / "state.pt")["step"] < 40
    done = two_processes(script, tmp_path / "resumed", 320, 0)
    assert done.returncode == 0, done.stderr
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "resumed"))


def test_a_run_killed_at_any_moment_can_be_loaded_and_resumed(script, tmp_path):
    folder = tmp_path / "killed"
    command = [sys.executable, script, str(folder), "100000", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert Run.open(folder).model().sample(2).shape == (2, 3, 16, 16)
    assert load_state(folder / "state.pt")["step"] >= 10
    with (folder / "log.jsonl").open("a") as log:
        log.write('{"images": 1')  # a line that was being written
    assert Run.open(folder).log()[-1]["images"] > 1


def test_nan_stops_with_the_step_and_the_last_good_checkpoint(data, config, tmp_path):
    class Breaking(loop.Training):
        def _take_step(self, reals):
            if self.step == 60:
                with torch.no_grad():
                    self.networks.discriminator.bias.fill_(math.nan)
            super()._take_step(reals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Training", Breaking)
        with pytest.raises(TrainingError, match=r"game is nan at step 80.*\(step 50\)"):
            train(data, config, tmp_path / "run")
    assert load_state(tmp_path / "run" / "state.pt")["step"] == 50


@pytest.mark.parametrize("kind", ["additive", "black-box"])
def test_a_run_leaves_everything_in_its_folder_and_nothing_that_carries_code(
    data, config, tmp_path, kind
):
    config = config.model_copy(update={"discriminator": kind, "images": 80})
    run = train(data, config, tmp_path / "run")
    names = {path.name for path in run.path.iterdir()}
    expected = {"config.json", "schema.yaml", "weights.safetensors", "state.pt", "log.jsonl"}
    assert names == expected | {"samples"}
    assert run.config == config
    assert run.log()[-1]["images"] == 80
    assert json.loads((run.path / "config.json").read_text())["discriminator"] == kind


def test_a_folder_that_holds_a_run_is_not_overwritten(data, config, tmp_path):
    config = config.model_copy(update={"images": 16})
    train(data, config, tmp_path)
    with pytest.raises(RunError, match="holds a run already"):
        train(data, config, tmp_path)
    with pytest.raises(RunError, match="trained with seed = 0, not 1"):
        train(data, config.model_copy(update={"seed": 1}), tmp_path, resume=True)


def test_images_of_another_size_are_refused_with_the_fix(data, config, tmp_path):
    with pytest.raises(DataError, match="open it with size=32 or set size=16"):
        train(data, type(config).of("tiny"), tmp_path)
