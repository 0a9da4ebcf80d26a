"""Break a line of a metric on purpose and see which test notices.

    python tests/metrics/mutations.py [boosted_trees.py]

Each mutation changes a sign, a base or an index in a copy of the package, and runs one test
against the copy: it must pass before and fail after. Prints a Markdown table; exit code 1 if a
test did not fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = "tests/metrics/test_golden.py"

# file below metrics/, the line, what it becomes, the test
MUTATIONS = (
    ("disentanglement/mig.py", "gaps = best - second", "gaps = best + second",
     f"{GOLDEN} -k aligned/mig"),
    ("disentanglement/jemmig.py", "np.log(bins)", "np.log2(bins)",
     f"{GOLDEN} -k rotated45/ubisoft/jemmig"),
    ("disentanglement/information.py", "ranked[0], ranked[1]", "ranked[0], ranked[-1]",
     f"{GOLDEN} -k rotated45/mig"),
    ("disentanglement/modularity.py", "matrix.shape[1] - 1", "matrix.shape[1]",
     f"{GOLDEN} -k rotated45/modularity_per_code"),
    ("disentanglement/irs.py", "robust.max(axis=1)", "robust.max(axis=0)",
     f"{GOLDEN} -k rotated45/irs_q1.0"),
    ("disentanglement/aggregations.py", "np.log(base)", "np.log2(base)",
     f"{GOLDEN} -k matrices/importance__random"),
    ("disentanglement/sap.py", "cov[:count, count:]", "cov[count:, :count]",
     "tests/metrics/test_degenerate.py -k known_answers"),
    ("disentanglement/infomec.py", "(ratio.mean() - even)", "(ratio.mean() + even)",
     f"{GOLDEN} -k aligned/infomec_discrete"),
    ("disentanglement/factor_vae.py", ".argmin(axis=1)", ".argmax(axis=1)",
     f"{GOLDEN} -k rotated45/factor_vae_prune0.05"),
    ("unsupervised/total_correlation.py", "-0.5 * np.log", "0.5 * np.log",
     f"{GOLDEN} -k rotated45/unsupervised"),
    ("unsupervised/wasserstein_correlation.py", "2 * total - 2", "2 * total - 1",
     f"{GOLDEN} -k rotated45/unsupervised"),
    ("unsupervised/udr.py", "_strength(relation) + _strength(relation.T)",
     "_strength(relation) + _strength(relation)", f"{GOLDEN} -k udr_lasso"),
    ("downstream/fairness.py", ".sum(axis=0) / 2", ".sum(axis=0)", f"{GOLDEN} -k counts__random"),
    ("boosted_trees.py", "rows / (count * (rows - count))", "rows / (count * count)",
     "tests/metrics/test_boosted_trees.py"),
    ("discretise.py", 'side="right"', 'side="left"', "tests/metrics/test_discretise.py"),
    ("uncertainty.py", "float(2 * value - high), float(2 * value - low)",
     "float(low), float(high)", "tests/metrics/test_uncertainty.py -k reflects"),
)  # fmt: skip


def passes(source: Path, test: str) -> bool:
    """Whether the test passes on a copy of the package."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", *test.split()]
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if run.returncode > 1:
        raise SystemExit(f"{test} does not run: {run.stdout.decode()}")
    return run.returncode == 0


def noticed(source: Path, file: str, line: str, broken: str, test: str) -> bool:
    """Whether the test passes on a copy of the package, and fails with that line broken."""
    path = source / "interpretable_gan" / "metrics" / file
    original = path.read_text()
    if line not in original:
        raise SystemExit(f"{file} no longer has {line!r}")
    if not passes(source, test):
        raise SystemExit(f"{test} fails before anything is broken")
    path.write_text(original.replace(line, broken, 1))
    caught = not passes(source, test)
    path.write_text(original)
    return caught


def main() -> int:
    missed = 0
    print("| file | line | broken | test that fails |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        for file, line, broken, test in MUTATIONS:
            if sys.argv[1:] and file not in sys.argv[1:]:
                continue
            caught = noticed(source, file, line, broken, test)
            missed += not caught
            verdict = f"`{test.removeprefix('tests/metrics/')}`" if caught else "**none**"
            print(f"| {file} | `{line}` | `{broken}` | {verdict} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
