"""Killed at any moment, nothing is lost: the part ``kills`` of faults.py.

A command is started, killed by SIGKILL at a moment that the seed draws, and called again. Between
the two calls, what it left must open or be absent. Afterwards all files must be those of a command
that nobody killed, bit for bit; times and dates in them are left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from fault_victims import TINY, ended, finish, fork, igan

PATIENCE = 120
"""Seconds after which a command hangs."""

FEWEST = 50
"""Kills that each phase has before any has more."""

SOON = 0.02
"""Most seconds between the birth of a temporary file and the kill that aims at it."""


@dataclass(frozen=True)
class Phase:
    """What is killed.

    Args:
        arguments: of the command, given the folder with the run and the number of the try.
        begins: the prepared folder that it begins with.
        processes: that do it together.
        aimed: kill while a file is being written, else at any moment.
        together: the processes train one model; else each calls the command for itself.
    """

    arguments: Callable[[Path, int], list[object]]
    begins: str
    processes: int = 1
    aimed: bool = False
    together: bool = False


def _read(folder: Path, number: int) -> list[object]:
    return ["data", "prepare", folder / "faces", "--size", 16]


def _train(folder: Path, number: int) -> list[object]:
    settings = [f"--set={name}={json.dumps(each)}" for name, each in TINY.items()]
    return ["train", folder / "faces", "--out", folder / "run", "--go-on", "--no-check", *settings]


def _export(folder: Path, number: int) -> list[object]:
    how = [[], ["--to", "onnx"], ["--to", "hf"]][number % 3]
    return ["export", folder / "run", *how, "--force"]


PHASES = {
    "reading": Phase(_read, "bare"),
    "reading, two at once": Phase(_read, "bare", processes=2),
    "training": Phase(_train, "read"),
    "training, two processes": Phase(_train, "read", processes=2, together=True),
    "checkpointing": Phase(_train, "read", aimed=True),
    "checkpointing, two processes": Phase(_train, "read", 2, aimed=True, together=True),
    "checking": Phase(
        lambda f, _: ["check", f / "run", "--evaluator-images", 64, "--force"], "trained"
    ),
    "steering": Phase(lambda f, _: ["steer", f / "run", "--force"], "trained"),
    "reporting": Phase(lambda f, _: ["report", f / "run", "--force"], "trained"),
    "exporting": Phase(_export, "trained"),
}

COUNTS = {
    "reading": 200,
    "reading, two at once": 100,
    "training": 100,
    "training, two processes": 50,
    "checkpointing": 125,
    "checkpointing, two processes": 50,
    "checking": 50,
    "steering": 50,
    "reporting": 50,
    "exporting": 225,
}
"""Kills of the long form, 1,000 in all."""


class Kills:
    """Kills commands in a folder of their own, and looks at what is left.

    Args:
        folder: to work in; removed before and after.
        record: a file of JSON lines, one for each kill; what it holds is not done again.
    """

    def __init__(self, folder: Path, record: Path) -> None:
        self.folder, self.record = folder, record
        self.talk = folder / "talk.txt"
        self.whole: dict[tuple[str, int], tuple[dict[str, str], float, int]] = {}
        shutil.rmtree(folder, ignore_errors=True)
        self._prepare()

    def run(self, counts: dict[str, int]) -> None:
        """Kill as often as asked for; at first in turns, until each phase has `FEWEST`."""
        done = Counter(each["phase"] for each in self.records() if each["killed"])
        tries = Counter(each["phase"] for each in self.records())
        while any(done[name] < count for name, count in counts.items()):
            left = {name: done[name] for name in counts if done[name] < counts[name]}
            first = {name: count for name, count in left.items() if count < FEWEST} or left
            name = min(first, key=first.__getitem__)
            found = self.kill(name, tries[name])
            tries[name] += 1
            done[name] += found["killed"]
            with self.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(found) + "\n")
        shutil.rmtree(self.folder)

    def records(self) -> list[dict[str, Any]]:
        """Every kill so far."""
        if not self.record.exists():
            return []
        return [json.loads(line) for line in self.record.read_text("utf-8").splitlines()]

    def kill(self, name: str, seed: int) -> dict[str, Any]:
        """One command, killed and called again."""
        phase, chance = PHASES[name], Random(f"{name} {seed}")
        expected, seconds, births = self._reference(name, seed)
        place = self._begin(phase.begins)
        birth = chance.randint(1, births) if phase.aimed else 0
        wait = chance.uniform(0, SOON if phase.aimed else seconds)
        victim = chance.randrange(phase.processes)
        killed = self._killed(phase, place, seed, victim, birth, wait)
        left = sorted(each.name for each in place.rglob(".*") if each.is_file())
        left += sorted(each.name for each in place.rglob("*.part"))
        opened = finish(fork(lambda: _opens(place), self.talk), PATIENCE)
        codes = self._called(phase, place, seed)
        now = _files(place, name)
        return {
            "phase": name,
            "seed": seed,
            "killed": killed,
            "after": round(wait, 4),
            "file": birth,
            "left": len(left),
            "opens": opened == 0,
            "goes on": codes == [0] * phase.processes,
            "unequal": sorted(
                each for each in {*now, *expected} if now.get(each) != expected.get(each)
            ),
        }

    def _prepare(self) -> None:
        """Images in a folder; the same, read before; and with a run."""
        bare = self.folder / "bare"
        bare.mkdir(parents=True)
        draw = ["data", "portraits", "--out", bare / "faces", "--n", 200, "--size", 16]
        assert finish(fork(igan(*draw), self.talk)) == 0
        for name, before, command in (("read", "bare", _read), ("trained", "read", _train)):
            place = self._begin(before)
            code = finish(fork(igan(*command(place, 0)), self.talk, _cache(place)))
            assert code == 0, self.talk.read_text()
            shutil.copytree(place, self.folder / name)

    def _begin(self, begins: str) -> Path:
        """A new copy of a prepared folder, always under the same name, which files may hold."""
        place = self.folder / "place"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder / begins, place)
        return place

    def _reference(self, name: str, seed: int) -> tuple[dict[str, str], float, int]:
        """Of a command that nobody kills: what it leaves, seconds, and files that it writes. The
        second of two calls counts, which must leave the same as the first."""
        key = name, seed % 3 if name == "exporting" else 0
        if key not in self.whole:
            phase, seen = PHASES[name], []
            for _ in range(2):
                place, started = self._begin(phase.begins), time.monotonic()
                births = self._called(phase, place, seed, count=True)
                seen.append(_files(place, name))
                took = time.monotonic() - started
            assert seen[0] == seen[1], f"{name} is not the same twice"
            self.whole[key] = seen[0], took, births[0]
        return self.whole[key]

    def _called(self, phase: Phase, place: Path, seed: int, count: bool = False) -> list[int]:
        """Exit codes of the command, in all its processes; or how many files the first of them
        wrote by temporary ones."""
        reader, writer = os.pipe()
        processes = self._start(phase, place, seed, writer if count else None)
        os.close(writer)
        codes = [finish(process, PATIENCE) for process in processes]
        births = 0
        while chunk := os.read(reader, 4096):
            births += len(chunk)
        os.close(reader)
        assert not count or codes == [0] * phase.processes, self.talk.read_text()
        return [births] if count else codes

    def _start(self, phase: Phase, place: Path, seed: int, births: int | None) -> list[int]:
        """The processes that do it. The first one writes a byte to ``births`` for each temporary
        file that it opens."""
        port, call = _free_port(), igan(*phase.arguments(place, seed))
        processes = []
        for rank in range(phase.processes):
            environment = _cache(place)
            if phase.together:
                environment |= _among(rank, phase.processes, port)
            watched = births if rank == 0 else None
            processes.append(fork(lambda w=watched: _watch(w) or call(), self.talk, environment))
        return processes

    def _killed(
        self, phase: Phase, place: Path, seed: int, victim: int, birth: int, wait: float
    ) -> bool:
        """Start, and kill one; whether it was still at work."""
        reader, writer = os.pipe()
        processes = self._start(phase, place, seed, writer)
        os.close(writer)
        for _ in range(birth):
            if not os.read(reader, 1):
                break
        time.sleep(wait)
        os.kill(processes[victim], signal.SIGKILL)
        killed = finish(processes.pop(victim), PATIENCE) == -signal.SIGKILL
        for other in processes:  # of those who train together, a launcher ends the others as well
            if ended(other, 2 if phase.together else PATIENCE) is None:
                os.kill(other, signal.SIGKILL)
                finish(other)
        os.close(reader)
        return killed


def _watch(births: int | None) -> None:
    """Write a byte for each temporary file that is opened from now on."""
    if births is not None:
        pipe = births

        def note(event: str, arguments: Any) -> None:
            if event == "tempfile.mkstemp":
                with suppress(OSError):  # nobody listens any more
                    os.write(pipe, b".")

        sys.addaudithook(note)


def _cache(place: Path) -> dict[str, str]:
    return {"IGAN_CACHE": str(place / "cache")}


def _among(rank: int, processes: int, port: int) -> dict[str, str]:
    """What torchrun tells its processes."""
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _opens(place: Path) -> int:
    """Open what a killed command left: 0 where everything is whole or absent."""
    from interpretable_gan.audit.card import Card
    from interpretable_gan.models.base import sample
    from interpretable_gan.training.run import Run

    run = place / "run"
    if not (run / "config.json").exists():
        return 0
    assert sample(Run.open(run).model(), 2).isfinite().all()
    Run.open(run).log()
    if (run / "card.json").exists():
        Card.load(run)
    for page in run.glob("*.html"):
        assert page.read_text("utf-8").rstrip().endswith("</html>"), page
    if (run / "hf" / "config.json").exists():
        assert sample(Run.open(run / "hf").model(), 2).isfinite().all()
    return 0


CHANGING = {"seconds", "created", "images_per_second", "crc32"}
"""Fields that hold times, or follow from them."""


def _files(place: Path, phase: str) -> dict[str, str]:
    """SHA-256 of each file that a command has left, but for times."""
    found = {}
    roots = [place / "cache"] if phase.startswith("reading") else [place / "cache", place / "run"]
    for path in sorted(each for root in roots for each in root.rglob("*") if each.is_file()):
        if path.name.startswith(".") or path.suffix in {".part", ".lock"}:
            continue  # left by a kill
        if path.suffix != ".content":  # of which the name is made of times of files
            content = b"".join(_content(path))
            found[str(path.relative_to(place))] = hashlib.sha256(content).hexdigest()
    return found


def _content(path: Path) -> Iterator[bytes]:
    """The bytes of a file; of weights their values, of records all but times."""
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        for name, tensor in sorted(load_file(path).items()):
            yield name.encode() + tensor.numpy().tobytes()
    elif path.name in {"card.json", "log.jsonl"}:
        text = path.read_text("utf-8")
        for line in [text] if path.name == "card.json" else text.splitlines():
            kept = {name: each for name, each in json.loads(line).items() if name not in CHANGING}
            if "claims" in kept:  # of which one tells seconds
                kept["claims"] = [each for each in kept["claims"] if each["name"] != "cost"]
            yield json.dumps(kept, sort_keys=True).encode()
    else:
        yield path.read_bytes()


def summary(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of each phase, and every try in which something was lost."""
    killed = [each for each in records if each["killed"]]
    parts = {
        name: {
            "kills": len(own := [each for each in killed if each["phase"] == name]),
            "opened, or nothing there": sum(each["opens"] for each in own),
            "went on": sum(each["goes on"] for each in own),
            "ended in equal weights": sum(not _lost(each) for each in own),
            "and in equal logs": sum(not each["unequal"] for each in own),
            "kills that left a temporary file": sum(each["left"] > 0 for each in own),
            "ended before the kill": sum(
                each["phase"] == name and not each["killed"] for each in records
            ),
        }
        for name in {each["phase"]: None for each in records}
    }
    lost = [each for each in records if _lost(each)]
    return {"kills": len(killed), "phases": parts, "lost": lost}


def _lost(found: dict[str, Any]) -> bool:
    """Whether anything but a figure of the log is not as it would have been."""
    unequal = set(found["unequal"]) - {"run/log.jsonl"}
    return bool(unequal) or not (found["opens"] and found["goes on"])
