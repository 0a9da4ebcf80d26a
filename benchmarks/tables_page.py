"""The tables of docs/results/tables.md, from what `tables.py` and `table_heads.py` measured.

    python benchmarks/tables_page.py german_credit

Prints Markdown: means over seeds, with the seeds' lowest and highest value where there are several
and the 95 % interval over rows where there is one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean
from typing import Any

RESULTS = Path(__file__).parent / "results"

MEASURES = {
    "fidelity and use": {
        "detection_trees": "detection, trees",
        "detection_logistic": "detection, logistic",
        "pair_trends": "pair trends",
        "utility": "utility",
        "conditions_distance": "distance under conditions",
        "conditions_few": "sets with few rows",
    },
    "privacy and cost": {
        "closest_share": "closest share",
        "membership": "membership attack",
        "exact_copies": "exact copies",
        "seconds": "processor seconds to fit",
        "megabytes": "MB",
    },
}


def cell(entries: list[dict[str, Any]], name: str) -> str:
    """One figure of one rival."""
    found = [each[name] for each in entries if name in each]
    if not found:
        return ""
    if not isinstance(found[0], dict):
        return f"{mean(found):,.0f}"
    values = [each["value"] for each in found]
    ends = found[0].get("interval") if len(found) == 1 else (min(values), max(values))
    told = f"{mean(values):.3f}"
    return told + (f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else "")


def rows_table(measured: list[dict[str, Any]], columns: dict[str, str]) -> list[str]:
    lines = [" | ".join(["| drawn rows", "seeds", *columns.values()]) + " |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for rival in dict.fromkeys(each["rival"] for each in measured):
        entries = [each for each in measured if each["rival"] == rival]
        cells = [cell(entries, name) for name in columns]
        lines.append(" | ".join([f"| {rival}", str(len(entries)), *cells]) + " |")
    return lines


def heads_table(about: dict[str, Any]) -> list[str]:
    lines = [
        "| head | repeats | area under the ROC curve | calibration error (by chance) | "
        "our head less this one | processor seconds a fit |",
        "|---" * 6 + "|",
    ]
    for model in dict.fromkeys(each["model"] for each in about["measured"]):
        entries = [each for each in about["measured"] if each["model"] == model]
        area, error, chance = (
            mean(each[name] for each in entries)
            for name in ("auroc", "calibration_error", "expected_error")
        )
        seconds = cell(entries, "processor_seconds_a_fit")
        gap = about["head_less"].get(model)
        told = ""
        if gap:
            low, high = gap["interval"]
            told = f"{gap['value']:+.4f} [{low:+.4f}, {high:+.4f}]"
        lines.append(
            f"| {model} | {len(entries)} | {area:.4f} | {error:.3f} ({chance:.3f}) | {told} | "
            f"{seconds} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    name = parser.parse_args().name
    about = json.loads((RESULTS / f"tables-{name}.json").read_text())
    print(f"    {about['command']}\n\n{about['date']}, {about['machine']}, rows {about['rows']}\n")
    for title, columns in MEASURES.items():
        print(f"{title}\n", *rows_table(about["measured"], columns), sep="\n", end="\n\n")
    for each in about["measured"]:
        if each.get("settings"):
            print(f"{each['rival']}, seed {each['seed']}: {each['settings']}")
    path = RESULTS / f"table-heads-{name}.json"
    if path.exists():
        print("", *heads_table(json.loads(path.read_text())), sep="\n")


if __name__ == "__main__":
    main()
