"""Score a folder in the golden format through the public functions, in reference mode.

    python tests/metrics/score_golden.py DIR [--json]

A line per miss on standard output, and ``N passed, N failed`` at the end. With ``--json`` one
object: name → list of misses. Exit code 1 if anything was missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from golden_case import entries, misses
from golden_table import FAMILIES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()

    scores: dict[str, list[str]] = {}
    for entry in entries(options.folder):
        try:
            scores[entry.name] = misses(entry, options.folder, FAMILIES)
        except Exception as error:  # one broken metric must not hide the scores of the others
            scores[entry.name] = [f"{type(error).__name__}: {error}"]
        for miss in [] if options.json else scores[entry.name]:
            print(f"{entry.name}: {miss}", flush=True)

    failed = sum(map(bool, scores.values()))
    if options.json:
        print(json.dumps({"passed": len(scores) - failed, "failed": failed, "misses": scores}))
    else:
        print(f"{len(scores) - failed} passed, {failed} failed")
    return 1 if failed or not scores else 0


if __name__ == "__main__":
    sys.exit(main())
