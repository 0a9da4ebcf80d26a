"""The explorer's server under a flood of requests on this machine.

python benchmarks/explorer_flood.py [RUN] [--seconds 60] [--out FILE]

RUN is by default the untrained 64×64 model of explorer_speed.py, which takes longer to draw than
that of the demo. First one client draws as fast as it can; then ``RATE`` requests a second arrive,
each on a connection of its own. Says how many were drawn, refused (503) or dropped, and how memory
moved.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from explorer_speed import untrained
from interpretable_gan.training.run import Run
from machine import machine

RATE = 200
"""Requests a second."""

OFTEN = 10
"""Seconds between two looks at the server's memory."""

ALONE = 10
"""Seconds for which one client draws alone."""


def draw(port: int, token: str, body: bytes, connection: http.client.HTTPConnection) -> str:
    """Ask for one picture; the status, or what went wrong."""
    try:
        connection.request("POST", "/draw", body, {"Cookie": f"igan_token={token}"})
        answer = connection.getresponse()
        answer.read()
        return str(answer.status)
    except (OSError, http.client.HTTPException):
        return "dropped"


def alone(port: int, token: str, body: bytes) -> float:
    """Pictures a second of one client."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    count, begun = 0, time.monotonic()
    while time.monotonic() - begun < ALONE:
        count += draw(port, token, body, connection) == "200"
    connection.close()
    return count / ALONE


def flood(
    port: int, token: str, body: bytes, seconds: int, process: int
) -> tuple[Counter[str], list[float]]:
    """Statuses of all requests of a flood, and the server's memory in MB every `OFTEN` seconds."""
    found: Counter[str] = Counter()
    kept: list[float] = []
    lock = threading.Lock()

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        status = draw(port, token, body, connection)
        connection.close()
        with lock:
            found[status] += 1

    begun, threads = time.monotonic(), []
    for number in range(RATE * seconds):
        time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        if number % (RATE * OFTEN) == 0:
            kept.append(round(memory(process), 1))
        threads.append(threading.Thread(target=one))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return found, [*kept, round(memory(process), 1)]


def memory(process: int) -> float:
    """Resident memory in MB."""
    text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    return int(found[1]) / 1e3 if found else float("nan")


def measured(run: Run, seconds: int) -> dict[str, Any]:
    """Start a server of a run, flood it, and say what happened."""
    body = np.zeros(run.schema.columns + run.config.style, np.float32).tobytes()
    command = [sys.executable, "-m", "interpretable_gan.cli.main", "explore", str(run.path)]
    with subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().strip())
        port, token = address.port or 0, parse_qs(address.query)["token"][0]
        load, single = os.getloadavg()[0], alone(port, token, body)
        statuses, kept = flood(port, token, body, seconds, server.pid)
        report = {
            "date": date.today().isoformat(),
            "machine": machine(),
            "load when it began": round(load, 1),
            "one client, pictures/s": round(single, 1),
            "flood, requests/s": RATE,
            "size": run.config.size,
            "attributes": len(run.schema.names),
            "flood, seconds": seconds,
            "statuses": dict(statuses),
            "flood, pictures/s": round(statuses["200"] / seconds, 1),
            f"MB every {OFTEN} s": kept,
            "alone again, pictures/s": round(alone(port, token, body), 1),
        }
        server.terminate()
    return report


def main() -> None:
    """Start a server, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run = Run.open(arguments.run) if arguments.run else untrained(Path(temporary) / "run")
        text = json.dumps(measured(run, arguments.seconds), indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
