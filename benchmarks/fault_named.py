"""What disks, people and schedulers do to a run: the part ``named`` of faults.py.

Each fault is made for real where this machine allows it: small file systems (as root), limits of
the kernel, files moved while a command runs. A command that cannot go on must say so in one
sentence, and what was there before must be whole. Once the fault is mended, the same command must
end in the weights of a run to which nothing happened.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fault_victims import ALONE, TINY, finish, fork, igan

PATIENCE = 180
"""Seconds after which a command hangs."""


def settings(**changes: Any) -> list[str]:
    """Options of the smallest training, but for some settings."""
    chosen = {**TINY, **changes}
    return [
        "--no-check",
        "--quiet",
        *(f"--set={name}={json.dumps(v)}" for name, v in chosen.items()),
    ]


@dataclass
class Place:
    """A folder with faces, a cache and perhaps a run, and what commands said in it."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def training(self) -> list[object]:
        return self.training_of()

    def training_of(self, **changes: Any) -> list[object]:
        start = ["train", self.folder / "faces", "--out", self.run, "--go-on"]
        return [*start, *settings(**changes)]

    def igan(self, *arguments: object, before: Callable[[], object] | None = None) -> int:
        """A command in a process of its own, which does something else before; its exit code."""
        return self.end(self.start(*arguments, before=before))

    def start(self, *arguments: object, before: Callable[[], object] | None = None) -> int:
        """The same, but do not wait; its number."""
        talk = self.folder.parent / "talk.txt"
        talk.unlink(missing_ok=True)
        call = igan(*arguments)
        cache = {"IGAN_CACHE": str(self.folder / "cache")}
        return fork(lambda: (before() if before else None, call())[1], talk, cache)

    def end(self, process: int) -> int:
        """Wait for a process, and keep what it said."""
        code = finish(process, PATIENCE)
        self.said = (self.folder.parent / "talk.txt").read_text(errors="replace").splitlines()
        return code

    def sentence(self) -> str:
        """The one sentence that a command ended with.

        Raises:
            AssertionError: it said none, several, or left a traceback.
        """
        told = [line for line in self.said if line.startswith("igan: ")]
        assert len(told) == 1, self.said[-12:]
        assert not any("Traceback" in line for line in self.said), self.said[-12:]
        return told[0].removeprefix("igan: ").replace(f"{self.folder}/", "")

    def files(self) -> dict[str, str]:
        """SHA-256 of each file of the run, by name."""
        paths = (each for each in sorted(self.run.rglob("*")) if each.is_file())
        return {str(each): hashlib.sha256(each.read_bytes()).hexdigest() for each in paths}

    def weights(self) -> str:
        """SHA-256 of the weights, which must load."""
        from interpretable_gan.models.origin import fingerprint
        from interpretable_gan.training.run import Run

        return fingerprint(Run.open(self.run).model("cpu", steered=False))


def named(folder: Path, names: list[str]) -> dict[str, Any]:
    """Every fault, what was said of it, and whether all was well."""
    place = Place(folder / "place")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "whole").mkdir(parents=True)
    shutil.copytree(folder / "whole", place.folder)
    draw = ["data", "portraits", "--out", place.folder / "faces", "--n", 200, "--size", 16]
    assert place.igan(*draw) == 0
    assert place.igan("data", "prepare", place.folder / "faces", "--size", 16) == 0
    shutil.copytree(place.folder, folder / "read")
    assert place.igan(*place.training) == 0, place.said
    expected = place.weights()
    shutil.copytree(place.folder, folder / "trained")
    found: dict[str, Any] = {}
    for name in names:
        fault, begins = FAULTS[name]
        shutil.rmtree(place.folder)
        shutil.copytree(folder / begins, place.folder)
        try:
            found[name] = {"said": fault(place, expected), "all is well": True}
        except Exception as error:
            found[name] = {"said": repr(error)[:1500], "all is well": False}
    return {"faults": found}


@contextmanager
def _file_system(place: Path, size: int) -> Iterator[None]:
    """A file system of its own of so many bytes, with what the folder held."""
    kept = place.with_name("kept")
    place.mkdir(exist_ok=True)
    shutil.copytree(place, kept)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        shutil.copytree(kept, place, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw,size=100m", place], check=True)
        shutil.rmtree(kept)
        shutil.copytree(place, kept)
        subprocess.run(["umount", place], check=True)
        shutil.copytree(kept, place, dirs_exist_ok=True)
        shutil.rmtree(kept)


def _goes_on(place: Place, expected: str) -> None:
    """The same command ends where a run ends to which nothing happened."""
    assert place.igan(*place.training) == 0, place.said[-12:]
    assert place.weights() == expected, "other weights"


def _full_in_training(place: Place, expected: str) -> str:
    whole = place.folder.parent / "trained" / "run"
    weights, state = (whole / f"{each}.safetensors" for each in ("weights", "state"))
    room = 2 * weights.stat().st_size + state.stat().st_size + 40_000  # for one checkpoint
    with _file_system(place.run, room):
        assert place.igan(*place.training) == 1
        said = place.sentence()
        place.weights()
    _goes_on(place, expected)
    return said


def _full_cache(place: Place, expected: str) -> str:
    shutil.rmtree(place.folder / "cache")
    with _file_system(place.folder / "cache", 65_536):
        assert place.igan(*place.training) == 1
        said = place.sentence()
    _goes_on(place, expected)
    return said


COMMANDS = {
    "steer": ["--force"],
    "report": ["--force"],
    "check": ["--evaluator-images", 64, "--force"],
    "export": ["--force"],
    "export to onnx": ["--to", "onnx", "--force"],
    "export to hf": ["--to", "hf", "--force"],
}


def _each_command(place: Place) -> str:
    """Every command that writes to a run says that it cannot, and changes nothing."""
    before, said = place.files(), []
    for name, options in COMMANDS.items():
        code = place.igan(name.split()[0], place.run, *options, "--quiet")
        assert code == 1, (name, code, place.said[-5:])
        said.append(place.sentence())
        now = place.files()
        assert {each: now.get(each) for each in before} == before, f"{name} changed the run"
        left = [each for each in now if "/." in each and each not in before]
        assert not left, f"{name} left {left}"
    return said[0]


def _full_for_others(place: Place, expected: str) -> str:
    size = sum(each.stat().st_size for each in place.run.rglob("*")) + 40_000
    with _file_system(place.run, size):
        filler, free = place.run / "filler", shutil.disk_usage(place.run).free
        filler.write_bytes(bytes(max(0, free - 4096)))
        return _each_command(place)


def _read_only(place: Place, expected: str) -> str:
    with _file_system(place.run, 100 << 20):
        subprocess.run(["mount", "-o", "remount,ro", place.run], check=True)
        said = _each_command(place)
        more = ["train", place.folder / "faces", "--out", place.run / "new", *settings()]
        assert place.igan(*more) == 1, place.said
        place.sentence()
    return said


def _births(place: Place, count: int) -> int:
    """A training, once it has begun to write its file of that number; its process."""
    reader, writer = os.pipe()

    def watch() -> None:
        def note(event: str, arguments: Any) -> None:
            if event == "tempfile.mkstemp":
                os.write(writer, b".")

        sys.addaudithook(note)

    process = place.start(*place.training, before=watch)
    os.close(writer)
    for _ in range(count):
        assert os.read(reader, 1), place.said
    return process


def _removed(place: Place, expected: str) -> str:
    process = _births(place, 12)
    place.run.rename(place.folder / "gone")
    shutil.rmtree(place.folder / "gone")
    assert place.end(process) == 1, place.said
    said = place.sentence()
    shutil.rmtree(place.run, ignore_errors=True)
    _goes_on(place, expected)
    return said


def _weights_of_another(place: Place, expected: str) -> str:
    other = Place(place.folder / "other")
    other.folder.mkdir()
    shutil.copytree(place.folder / "faces", other.folder / "faces")
    assert place.igan(*other.training_of(style=5)) == 0, place.said
    shutil.copyfile(other.run / "weights.safetensors", place.run / "weights.safetensors")
    assert place.igan("sample", place.run, "--n", 1, "--out", place.folder / "x.png") == 1
    return place.sentence()


def _other_images(place: Place, expected: str) -> str:
    process = _births(place, 12)
    os.kill(process, signal.SIGTERM)
    assert place.end(process) == 143
    image = next((place.folder / "faces").rglob("*.png"))
    whole, other = image.read_bytes(), sorted((place.folder / "faces").rglob("*.png"))[-1]
    image.write_bytes(other.read_bytes())
    assert place.igan(*place.training) == 1, place.said
    said = place.sentence()
    image.write_bytes(whole)
    _goes_on(place, expected)
    return said


def _two_trainings(place: Place, expected: str) -> str:
    first = _births(place, 8)
    os.kill(first, signal.SIGSTOP)
    second = Place(place.folder)
    code = second.igan(*place.training)
    os.kill(first, signal.SIGCONT)
    assert code == 1, second.said
    assert finish(first) == 0
    assert place.weights() == expected
    return second.sentence()


def _clock(place: Place, expected: str) -> str:
    def back() -> None:
        now, calls = time.time, iter(range(10**9))
        time.time = lambda: now() - (86_400 if next(calls) > 20 else 0)

    assert place.igan(*place.training, before=back) == 0, place.said
    assert place.weights() == expected
    return "nothing: no result depends on the time of day"


def _nan(place: Place, expected: str) -> str:
    import numpy as np
    from PIL import Image

    values = np.full((16, 16), np.nan, np.float32)
    Image.fromarray(values).save(place.folder / "faces" / "nan.tiff")
    table = place.folder / "faces" / "metadata.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines, lines[1].replace(lines[1].split(",")[0], "nan.tiff")]))
    assert place.igan(*place.training, "--strict") == 1, place.said
    return place.sentence()


def _out_of_memory(place: Place, expected: str) -> str:
    def limit() -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (60 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))

    big = place.training_of(batch=128, images=256, generator_widths=(256, 256, 256))
    assert place.igan(*big, before=limit) == 1, place.said[-5:]
    said = place.sentence()
    shutil.rmtree(place.run, ignore_errors=True)
    _goes_on(place, expected)
    return said


def _worker_killed(place: Place, expected: str) -> str:
    """By the launcher itself, which forks nothing: it starts two interpreters."""
    arguments = map(str, place.training_of(images=960))
    command = [sys.executable, "-m", "interpretable_gan.cli.main", *arguments]
    talk = place.folder.parent / "talk.txt"
    environment = os.environ | ALONE | {"IGAN_CACHE": str(place.folder / "cache")}
    with talk.open("w") as said:
        launcher = subprocess.Popen([*command, "--nproc", "2"], stderr=said, env=environment)
        until = time.monotonic() + PATIENCE
        while not (place.run / "config.json").exists() and time.monotonic() < until:
            time.sleep(0.05)
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGKILL)
        launcher.wait(PATIENCE)
    place.said = talk.read_text().splitlines()
    place.weights()
    return place.sentence()


def _never_met(place: Place, expected: str) -> str:
    """The other one of two processes never comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    there = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    there |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}

    def soon() -> None:
        from torch.distributed import constants, distributed_c10d, rendezvous

        os.environ.update(there)
        for module in (constants, distributed_c10d, rendezvous):
            module.default_pg_timeout = timedelta(seconds=5)

    assert place.igan(*place.training, before=soon) == 1, place.said[-5:]
    return place.sentence()


FAULTS: dict[str, tuple[Callable[[Place, str], str], str]] = {
    "disk full in training": (_full_in_training, "read"),
    "disk full while images are decoded": (_full_cache, "read"),
    "disk full for steer, report, check, export": (_full_for_others, "trained"),
    "read-only folder for every command that writes": (_read_only, "trained"),
    "folder removed in training": (_removed, "read"),
    "weights replaced by those of another run": (_weights_of_another, "trained"),
    "an image replaced before a run goes on": (_other_images, "read"),
    "two trainings into one folder": (_two_trainings, "read"),
    "clock set back by a day in training": (_clock, "read"),
    "NaN in an image": (_nan, "read"),
    "out of memory": (_out_of_memory, "read"),
    "a worker killed": (_worker_killed, "read"),
    "processes that never meet": (_never_met, "read"),
}
