"""What the runtime promises of the process it runs in."""

import json
import os
import platform
import subprocess
import sys

import pytest
import torch
from torch import distributed

from interpretable_gan.errors import TrainingError
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training import runtime
from interpretable_gan.training.runtime import Runtime

PAGES_FETCHED = """
import ctypes, resource
from interpretable_gan.training.runtime import keep_memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def step():
    parts = [libc.malloc(16 << 20) for _ in range(4)]
    for part in parts:
        ctypes.memset(part, 1, 16 << 20)
    for part in parts:
        libc.free(part)

keep_memory()
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""A step fills 64 MiB, which is 16,384 pages, and frees them."""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc",
    reason="not on this machine: glibc",
)
def test_memory_is_not_fetched_from_the_system_again_at_every_step():
    done = subprocess.run([sys.executable, "-c", PAGES_FETCHED], capture_output=True, check=True)
    assert int(done.stdout) < 1_000


@pytest.mark.parametrize(
    ("variable", "config", "expected"),
    [
        pytest.param("3", None, 3, id="asked for by OMP_NUM_THREADS"),
        pytest.param("3,2", None, 3, id="asked for on each level of nesting"),
        pytest.param("3", 2, 2, id="the config goes first"),
        pytest.param(None, None, 5, id="all cores"),
        pytest.param("many", None, 5, id="no number"),
    ],
)
def test_threads_are_as_many_as_the_user_asked_for(variable, config, expected, monkeypatch):
    monkeypatch.setattr(runtime, "available_cores", lambda: 5)
    monkeypatch.delenv("OMP_NUM_THREADS")
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    Runtime(GANConfig.of(batch=8, threads=config))
    assert torch.get_num_threads() == expected


TWO_PROCESSES = """
import json, sys, torch
from pathlib import Path
from torch import nn
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.runtime import Runtime

runtime = Runtime(GANConfig.of(batch=8, threads=1))
torch.manual_seed(0)
network, images = nn.Linear(6, 2), torch.randn(8, 6)
share = images[runtime.rank * runtime.batch :][: runtime.batch]
network(share).square().mean().backward()
runtime.average_gradients(network.parameters())
found = network.weight.grad.clone()
network.zero_grad()
network(images).square().mean().backward()
said = {
    "found": found.tolist(),
    "expected": network.weight.grad.tolist(),
    "any": runtime.any(runtime.rank == 1, False, True),
    "mean": runtime.mean({"rank": torch.tensor(float(runtime.rank))}),
}
Path(sys.argv[1], f"{runtime.rank}.json").write_text(json.dumps(said))
runtime.close()
"""
"""Each process sees half of a batch, and beside that all of it."""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What each of two processes says, in a file of its own."""
    folder = tmp_path_factory.mktemp("two")
    script = folder / "script.py"
    script.write_text(TWO_PROCESSES)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", str(script), str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


def test_gradients_of_shares_average_to_those_of_the_whole_batch(both):
    for one in both:
        found, expected = torch.tensor(one["found"]), torch.tensor(one["expected"])
        torch.testing.assert_close(found, expected)
    assert both[0]["found"] == both[1]["found"]


def test_all_processes_agree_on_what_any_of_them_says(both):
    assert [one["any"] for one in both] == [[True, False, True]] * 2
    assert [one["mean"] for one in both] == [{"rank": 0.5}] * 2


def test_processes_that_do_not_meet_say_where_they_waited(monkeypatch):
    def wait(**_):
        raise distributed.DistStoreError("Timed out after 6 seconds. 1/2 clients joined.\nframe #1")

    monkeypatch.setattr(runtime, "Accelerator", wait)
    monkeypatch.setenv("MASTER_ADDR", "node7")
    monkeypatch.setenv("MASTER_PORT", "29500")
    with pytest.raises(TrainingError, match=r"did not meet at node7:29500 .*1/2 clients") as told:
        Runtime(GANConfig.of("tiny"))
    assert "frame" not in str(told.value)
