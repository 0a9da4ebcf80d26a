"""Whatever is handed in, there is a sentence or a result: the part ``doors`` of faults.py.

Each door gets inputs that are valid but for random changes: of bits, bytes and spans, of words from
a list that parsers stumble over, and, where the input is JSON or YAML, of values within it. Each
door is a process of its own, with a limit on its memory and an alarm, and an audit hook that sees
every file opened for writing. `inputs` names what must be refused in any case: bombs, links and
headers that lie.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from fault_doorways import DOORS, Door, prepare
from fault_victims import finish, fork

HANG = 30
"""Seconds after which an input counts as hanging."""

MEMORY = 2 << 30
"""Bytes that a door may take beyond what is loaded."""

LONGEST = 2_000
"""Characters of a sentence."""

WORDS = (
    *(b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"'", b",", b";", b"\t", b"{}"),
    *(b"nan", b"NaN", b"Infinity", b"-1", b"0", b"1e999", b"9" * 30, b"true", b"null", b"None"),
    *(b"../../etc/passwd", b"/etc/passwd", b"C:\\x", b"%00", b"&a [*a]", b"!!python/object:x"),
    *("é".encode(), "\u202e".encode(), b"\x80", b"A" * 5000, b"[" * 2000, b"*" * 50),
)
"""What parsers stumble over."""

VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**63, 10**30, 0.5, -1e308, float("nan"), float("inf")),
    *("", "x", "smiling", "nan", "../x", "A" * 3000, "\u202e", "\ud800"),
    *([], [[]], {}, {"x": 1}, [None], ["a", "a"], [1, "1"], {"": {"": {}}}),
)
"""What stands where something else should."""


def doors(folder: Path, trials: int) -> dict[str, Any]:
    """Hand in ``trials`` inputs in all, at every door."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["IGAN_CACHE"] = str(folder / "cache")
    talk = folder / "talk.txt"
    assert finish(fork(partial(prepare, folder), talk), 300) == 0, talk.read_text()
    found = {}
    for name, make in DOORS.items():
        told = folder / "told.json"
        told.unlink(missing_ok=True)
        code = finish(fork(partial(_at, name, make, folder, trials, told), talk), 3600)
        assert code == 0, f"{name} ended with {code}: {talk.read_text()[-2000:]}"
        found[name] = json.loads(told.read_text())
    return {
        "inputs": sum(each["inputs"] for each in found.values()),
        "limits": {"seconds": HANG, "memory in MB": MEMORY >> 20},
        "doors": found,
    }


def _at(name: str, make: Callable[[Path], Door], folder: Path, trials: int, told: Path) -> int:
    """Hand in inputs at one door, and write down what came of them."""
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    door = make(folder)
    for seed in door.seeds:
        door.enter(seed)  # which also loads what is loaded later
    counts, wrong, slowest = Counter[str](), [], 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _limit_memory()
    strange = _watched(folder)
    for seed in range(max(1, trials * door.share // 100)):
        chance = Random(f"{name} {seed}")
        whole = chance.choice(door.seeds)
        changed = mutated(whole, chance, structured=door.structured)
        started = time.monotonic()
        outcome, said = outcome_of(partial(door.enter, changed))
        slowest = max(slowest, time.monotonic() - started)
        if strange:
            outcome, said = "written outside", str(strange)
            strange.clear()
        counts[outcome] += 1
        if outcome not in FINE:
            wrong.append({"seed": seed, "outcome": outcome, "told": said[-1500:]})
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = {
        "inputs": counts.total(),
        **counts,
        "slowest, seconds": round(slowest, 2),
        "more memory, MB": round((after - before) / 1024),
        "wrong": wrong,
    }
    told.write_text(json.dumps(report))
    return 0


FINE = ("sentence", "accepted")


def outcome_of(action: Callable[[], object]) -> tuple[str, str]:
    """What becomes of an input."""
    from interpretable_gan.data.decoding import Unusable
    from interpretable_gan.errors import InterpretableGANError

    class Hang(BaseException):
        pass

    def hang(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, hang)
    signal.alarm(HANG)
    try:
        action()
    except (InterpretableGANError, Unusable) as error:
        return ("sentence" if len(str(error)) <= LONGEST else "too many words"), str(error)
    except Hang:
        return "hang", traceback.format_exc()
    except MemoryError:
        return "memory", traceback.format_exc()
    except BaseException:
        return "traceback", traceback.format_exc()
    finally:
        signal.alarm(0)
    return "accepted", ""


def mutated(whole: bytes, chance: Random, *, structured: bool) -> bytes:
    """The input with one to four changes."""
    changed = bytearray(whole)
    if structured and chance.random() < 0.5:
        with suppress(ValueError):
            return _exchanged(whole, chance)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        length = min(int(chance.expovariate(1 / 20)) + 1, len(changed) - place)
        kind = chance.randrange(6)
        if kind == 0 and length > 0:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and length > 0:
            changed[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind == 2:
            del changed[place : place + length]
        elif kind == 3:
            changed[place:place] = changed[place : place + length] * chance.choice((1, 2, 50))
        elif kind == 4:
            changed[place : place + length] = chance.choice(WORDS)
        elif chance.random() < 0.3:
            del changed[place:]
    return bytes(changed)


def _exchanged(whole: bytes, chance: Random) -> bytes:
    """JSON or YAML in which values are others, or gone, or stand twice."""
    import yaml

    text = whole.decode()
    plain = json.loads(text) if text.startswith("{") else yaml.safe_load(text)
    for _ in range(chance.randint(1, 3)):
        nodes = list(_nodes(plain))
        holder, key = chance.choice(nodes)
        kind = chance.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.append(holder[key])
        elif kind == 1:
            holder[f"{key}x"] = holder.pop(key)
        else:
            holder[key] = deepcopy(chance.choice(VALUES))
        if not plain:
            break
    if text.startswith("{"):
        return json.dumps(plain).encode()
    return str(yaml.dump(plain, allow_unicode=True)).encode("utf-8", "surrogatepass")


def _nodes(plain: Any) -> Iterator[tuple[Any, Any]]:
    """Every value within plain values, as who holds it and where."""
    pairs = plain.items() if isinstance(plain, dict) else enumerate(plain)
    for key, value in list(pairs):
        yield plain, key
        if isinstance(value, dict | list):
            yield from _nodes(value)


def _limit_memory() -> None:
    with open("/proc/self/statm", encoding="utf-8") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, resource.RLIM_INFINITY))


def _watched(folder: Path) -> list[str]:
    """A list that every file joins which is opened for writing, made or moved outside a folder."""
    strange: list[str] = []
    inside = (str(folder), "/dev/", "/proc/")

    def note(event: str, arguments: Any) -> None:
        paths = ()
        if event == "open" and isinstance(arguments[2], int):
            writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            paths = (arguments[0],) if writes else ()
        elif event in ("os.rename", "os.link", "os.symlink"):
            paths = (arguments[1],)
        elif event in ("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod"):
            paths = (arguments[0],)
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                place = os.path.abspath(os.fsdecode(path))
                if not place.startswith(inside):
                    strange.append(f"{event} {place}")

    sys.addaudithook(note)
    return strange
