"""Every metric on every golden case of codes, as the Markdown table of docs/metrics.md.

    python benchmarks/metrics_table.py [--all] > table.md

Without ``--all`` the four prediction tasks are left out, which take minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from interpretable_gan.metrics.representations import representation_metrics

CASES = Path(__file__).parents[1] / "tests" / "evaluate" / "golden" / "representations"
SLOW = ("downstream_accuracy", "reduced_downstream", "strong_generalisation", "fairness")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the slow prediction tasks too")
    options = parser.parse_args()
    values: dict[str, dict[str, str]] = {}
    cases = []
    for file in sorted(CASES.glob("*.npz")):
        with np.load(file) as arrays:
            held = dict(arrays)
        if "codes_train" not in held:
            continue
        cases.append(file.stem)
        for name, call in representation_metrics(held, mode="reference").items():
            if options.all or name not in SLOW:
                result = call()
                row = values.setdefault(name, {})
                row[file.stem] = f"{result.value:.3f}"
                for part in ("completeness", "informativeness_test", "infoc", "infoe"):
                    if part in result.breakdown:
                        line = values.setdefault(f"{name}: {part}", {})
                        line[file.stem] = f"{result.breakdown[part]:.3f}"
    print("| metric | " + " | ".join(cases) + " |")
    print("|---" * (len(cases) + 1) + "|")
    for name, row in values.items():
        print(f"| `{name}` | " + " | ".join(row.get(case, "–") for case in cases) + " |")


if __name__ == "__main__":
    main()
