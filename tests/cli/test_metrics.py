"""igan metrics on codes in an npz file."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from interpretable_gan import metrics as ev
from interpretable_gan.cli.metrics import metrics


@pytest.fixture(scope="module")
def run():
    app = typer.Typer()
    app.command()(metrics)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def codes(tmp_path):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 3, (120, 2))
    file = tmp_path / "codes.npz"
    np.savez(
        file,
        codes_train=factors + 0.1 * rng.normal(size=(120, 2)),
        factors_train=factors,
        factor_names=["hair", "age"],
    )
    return file


def test_json_is_one_object_of_results_with_names(run, codes):
    result = run(codes, "--only", "mig,modularity", "--json", "--uncertainty")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert list(scores) == ["mig", "modularity"]
    assert set(scores["mig"]["breakdown"]["per_factor"]) == {"hair", "age"}
    low, high = scores["mig"]["interval"]
    assert 0.5 < low < high <= 1
    assert scores["mig"]["chance"] < 0.2
    assert len(scores["mig"]["data"]["sha256"]) == 64


def test_table_names_every_metric(run, codes):
    result = run(codes, "--only", "mig,total_correlation", "--mode", "reference")
    assert "mig" in result.output
    assert "total_correlation" in result.output


def test_every_metric_of_a_code_table_runs(run, tmp_path):
    factors = np.stack(np.meshgrid(*map(np.arange, (2, 3)), indexing="ij"), -1).reshape(-1, 2)
    rows = np.random.default_rng(0).integers(0, 6, 60)
    np.savez(
        tmp_path / "t.npz",
        codes_train=factors[rows], factors_train=factors[rows],
        codes_test=factors[rows], factors_test=factors[rows],
        code_table=factors, factor_sizes=[2, 3],
    )  # fmt: skip
    names = "beta_vae,factor_vae,dci_gbt,dci_lasso,sap,sap_continuous,explicitness,irs,infomec"
    result = run(tmp_path / "t.npz", "--only", names, "--json")
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)) == names.split(",")
    assert json.loads(result.stdout)["factor_vae"]["value"] == 1.0


def test_models_to_compare(run, tmp_path):
    reps = np.random.default_rng(0).normal(size=(2, 100, 3))
    np.savez(tmp_path / "m.npz", reps=reps, kl=np.ones((2, 3)))
    assert set(json.loads(run(tmp_path / "m.npz", "--json").stdout)) == {
        "udr_lasso",
        "udr_spearman",
    }


USAGE, FAILED = 2, 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere.npz"], FAILED, "no such file"),
        (["codes.npz", "--only", "migg"], USAGE, "'migg' for this input. Did you mean 'mig'"),
        (["codes.npz", "--only", "MIG"], USAGE, "Did you mean 'mig'"),
        (["codes.npz", "--only", "DCI"], USAGE, "Did you mean 'dci_gbt'"),
        (["codes.npz", "--only", ","], USAGE, "no metric ','"),
        (["features.npz", "--only", "fid"], USAGE, "Did you mean 'frechet_distance'"),
        (["codes.npz", "--mode", "loose"], USAGE, "neither 'strict' nor 'reference'"),
        (["codes.npz", "--seed", "-1"], USAGE, "--seed"),
        (["codes.npz", "--jobs", "0"], USAGE, "--jobs"),
        (["codes.npz", "--jobs", "-2"], USAGE, "--jobs"),
        ([], USAGE, "give an npz file"),
        (["--real", "."], USAGE, "give an npz file"),
        (["codes.npz", "--real", ".", "--fake", "."], USAGE, "give an npz file"),
        (["codes.npz", "--holdout", "unseen.csv"], USAGE, "--holdout: goes with"),
        (["--real", ".", "--fake", "text.npz"], USAGE, "a table goes with --synthetic"),
        (["text.npz"], FAILED, "is not an npz file"),
        (["one.npy"], FAILED, "holds one array without a name"),
        (["cut.npz"], FAILED, "cut.npz is cut off or damaged"),
        (["flipped.npz"], FAILED, "flipped.npz is damaged"),
        (["objects.npz"], FAILED, "holds Python objects"),
        (["empty.npz"], FAILED, "the file needs codes_train"),
        (["."], FAILED, "is a folder"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence_with_an_exit_code(
    igan, codes, tmp_path, arguments, code, message
):
    (tmp_path / "text.npz").write_text("no arrays here")
    np.save(tmp_path / "one.npy", np.zeros(3))
    np.savez(tmp_path / "empty.npz", pictures=np.zeros(3))
    np.savez(tmp_path / "features.npz", real=np.eye(3), fake=np.eye(3))
    np.savez(tmp_path / "objects.npz", codes=np.array([{}, None]))
    whole = codes.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.npz").write_bytes(whole[:500] + b"?" + whole[501:])
    done = igan("metrics", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err


def test_a_metric_that_refuses_does_not_cost_the_others(igan, tmp_path):
    """A code table of the wrong size stops the three metrics that need it, and is named by them."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 3, (60, 2))
    np.savez(
        tmp_path / "codes.npz",
        codes=factors + 0.1 * rng.normal(size=(60, 2)), factors=factors,
        code_table=np.eye(5), factor_sizes=[3, 3],
    )  # fmt: skip
    done = igan("metrics", "codes.npz", "--only", "mig,factor_vae,beta_vae,jemmig", "-q")
    assert done.code == FAILED
    assert [name for name in ("mig", "jemmig") if f"│ {name} " in done.out] == ["mig", "jemmig"]
    assert done.err.splitlines() == [
        "factor_vae, beta_vae: a code table for factors of sizes [3, 3] needs 9 rows, got 5."
    ]
    written = igan("metrics", "codes.npz", "--only", "factor_vae,mig", "--json")
    assert written.code == FAILED
    assert list(written.json) == ["mig", "factor_vae"]
    assert written.json["factor_vae"]["error"].endswith("needs 9 rows, got 5.")


def test_a_mistake_of_ours_does_not_cost_the_others_either(igan, codes, monkeypatch):
    def broken(*arguments, **settings):
        raise ZeroDivisionError("0/0")

    monkeypatch.setattr(ev, "irs", broken, raising=False)
    done = igan("metrics", "codes.npz", "--only", "irs,mig")
    assert done.code == FAILED
    assert "│ mig " in done.out
    assert "Traceback" in done.err
    assert "irs: a mistake in this program, please report it: ZeroDivisionError" in done.err


def test_what_is_finished_when_stopped_is_printed(igan, codes, monkeypatch):
    def stopped(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(ev, "irs", stopped, raising=False)
    done = igan("metrics", "codes.npz", "--only", "mig,irs")
    assert done.code == 130
    assert "│ mig " in done.out


def test_names_are_whole_in_a_pipe_and_every_figure_says_which_it_is(igan, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "f.npz", real=rng.normal(size=(40, 3)), fake=rng.normal(size=(30, 3)))
    names = "sorted_projection_distance,precision_recall,density_coverage"
    done = igan("metrics", "f.npz", "--only", names, "--uncertainty")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.out.splitlines()]
    assert [row[0] for row in cells if row] == [
        "sorted_projection_distance",
        "precision_recall: precision",
        "precision_recall: recall",
        "density_coverage: density",
        "density_coverage: coverage",
    ]
    assert all("–" in row[2] for row in cells[-4:] if row)
    assert "…" not in done.out
    assert "sorted_projection_distance: the larger set was subsampled" in done.out


def test_arrays_under_other_names_are_named(igan, tmp_path):
    np.savez(tmp_path / "c.npz", codes=np.eye(4), labels=np.eye(4))
    done = igan("metrics", "c.npz", "--only", "total_correlation")
    assert done.code == 0
    assert done.err.startswith("c.npz: not read: labels; the names read are codes, codes_train")


def test_one_sentence_of_many_metrics_is_said_once(igan, tmp_path):
    (tmp_path / "real.csv").write_text("age;city\n1;A\n2;B\n3;A\n")
    (tmp_path / "made.csv").write_text("age\tcity\textra\n1\tA\t0\n2\tB\t0\n3\tB\t0\n")
    tables = ["--real", "real.csv", "--synthetic", "made.csv"]
    done = igan("metrics", *tables, "--only", "column_shapes,new_rows")
    assert done.code == 0
    assert done.out.count("'extra' was ignored") == 1
    assert "column_shapes, new_rows: the synthetic table's column 'extra' was ignored." in done.out
    more = igan("metrics", *tables, "--only", "column_shapes,new_rows,closest_record")
    assert "all metrics: the synthetic table's column 'extra' was ignored." in more.out


def test_importing_the_command_loads_nothing_heavy():
    probe = (
        "import sys, interpretable_gan.cli.metrics, interpretable_gan.metrics; "
        "print([name for name in ('numpy', 'torch', 'scipy', 'sklearn') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
