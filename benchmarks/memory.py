"""Peak memory of each command, in a process of its own on one thread.

    python benchmarks/memory.py [--out FILE]

Data are the portraits of the demo, 20,000 of 32×32; the run has seen 320 images, since memory does
not grow with more. Tables are 6,000 drawn applicants and the drawn library.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import date
from pathlib import Path

from machine import cost_of, machine

COMMANDS = {
    "train": "train portraits --out run --images 320 --no-check",
    "train --model vae": "train portraits --model vae --out vae --images 320 --no-check",
    "check": "check run --evaluator-images 640",
    "steer": "steer run",
    "report": "report run",
    "export": "export run",
    "export --to onnx": "export run --to onnx",
    "sample": "sample run --n 64 --out drawn.png",
    "data portraits": "data portraits --out faces --n 1000 --size 32",
    "data inspect": "data inspect faces",
    "encode": "encode run faces --out encoded",
    "edit": "edit run faces/images/000000.png --set smiling=1 --out edited.png",
    "explain": "explain run faces/images/000000.png",
    "data applicants": "data applicants --out applicants.csv --n 6000",
    "train a table": "train applicants.csv --target risk=good --out credit --set refits=2",
    "audit a table": "audit credit",
}
"""What is called in a new folder, one after another."""


def main() -> None:
    """Call every command, and write down what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/memory.json")
    out = parser.parse_args().out.resolve()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["IGAN_CACHE"] = str(Path(folder) / "cache")
        for name, command in COMMANDS.items():
            try:
                rows[name] = cost_of(*command.split(), "--quiet")
            except SystemExit as failed:
                rows[name] = {"failed": str(failed)}
            print(name, rows[name], flush=True)
    about = {
        "command": "python benchmarks/memory.py",
        "machine": machine(),
        "date": date.today().isoformat(),
    }
    out.write_text(json.dumps(about | {"commands": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
