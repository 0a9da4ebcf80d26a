"""Tables of the result pages of readers, from the figures of `readers.py` and `shortcuts.py`.

python benchmarks/readers_page.py cells
python benchmarks/readers_page.py shortcuts chests
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from interpretable_gan.metrics.uncertainty import wilson

RESULTS = Path(__file__).parent / "results"
FIXED = 5
"""Seeds that fix the threshold of the warning."""


def main() -> None:
    what, *name = sys.argv[1:]
    if what == "shortcuts":
        print(shortcuts(json.loads((RESULTS / f"shortcuts-{name[0]}.json").read_text())))
        return
    report = json.loads((RESULTS / f"readers-{what}.json").read_text())
    print(f"{report['date']}, {report['machine']}, images {report['images']}\n")
    for attribute, measures in report["attributes"].items():
        print(f"{attribute}: " + "; ".join(told(k, v) for k, v in measures.items()) + "\n")
    for key in ("target", "disturbed"):
        for name_, measures in report.get(key, {}).items():
            print(f"{key}, {name_}: " + "; ".join(told(k, v) for k, v in measures.items()) + "\n")
    for key in ("shares", "rests on", "flips", "discovered"):
        print(f"{key}: {json.dumps(report.get(key))[:1500]}\n")


def told(name: str, measure: Any) -> str:
    """``accuracy 0.97 [0.96, 0.98]``, of each model where there are several."""
    if not isinstance(measure, dict):
        return f"{name} {measure:.3f}"
    if "value" in measure:
        return f"{name} {figure(measure)}"
    return f"{name}: " + ", ".join(told(key, each) for key, each in measure.items())


def figure(measure: dict[str, Any]) -> str:
    low, high = measure["interval"]
    return f"{measure['value']:.4f} [{low:.4f}, {high:.4f}]"


def shortcuts(report: dict[str, Any]) -> str:
    """The rule's threshold and what it says of the judged seeds, and what a mark did."""
    runs = report["runs"]
    first = [run for run in runs if run["seed"] < FIXED]
    judged = [run for run in runs if run["seed"] >= FIXED]
    ends = [
        np.max([r["clean"]["ratio"] for r in first]),
        np.min([r["planted"]["ratio"] for r in first]),
    ]
    limit = float(np.mean(ends))
    lines = [f"threshold {limit:.3f}, halfway between {ends[0]:.3f} and {ends[1]:.3f}"]
    for kind in ("planted", "clean"):
        warned = sum(run[kind]["ratio"] > limit for run in judged)
        low, high = wilson(warned, len(judged))
        edges = [run[kind]["ratio"] for run in judged]
        lines.append(
            f"{kind}: warns in {warned} of {len(judged)} [{low:.0%}, {high:.0%}], "
            f"ratio {np.min(edges):.3f} to {np.max(edges):.3f}"
        )
    for kind in ("clean", "planted"):
        for key in ("plain", "swapped"):
            values = [run[kind][key] for run in runs]
            lines.append(
                f"{kind}, {key}: {np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
            )
    for key in ("plain", "swapped"):
        gone = [run["planted"]["without"][key] for run in runs]
        lines.append(f"planted, place deleted, {key}: {np.mean(gone):.3f}")
    firsts = [run["planted"]["first"] for run in judged]
    lines.append(
        f"place that varies most: {firsts}, of the edge {[r['planted']['place'] for r in judged]}"
    )
    lines.append(f"its share: {[round(run['planted']['share'], 3) for run in judged]}")
    boxes = [run["black box"] for run in runs if "black box" in run]
    lines.append(f"black box: {boxes}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
