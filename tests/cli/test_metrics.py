"""igan metrics on codes in an npz file."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from interpretable_gan.cli.metrics import metrics
from interpretable_gan.errors import MetricError


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.npz"], "no such file"),
        (["FILE", "--only", "migg"], "no metric 'migg' for this input. Did you mean 'mig'"),
        (["FILE", "--mode", "loose"], "neither 'strict' nor 'reference'"),
        ([], "give an npz file"),
        (["TEXT"], "not an npz file"),
        (["EMPTY"], "the file needs codes_train"),
    ],
)
def test_mistakes_are_named(run, codes, tmp_path, arguments, message):
    (tmp_path / "text.npz").write_text("no arrays here")
    np.savez(tmp_path / "empty.npz", pictures=np.zeros(3))
    files = {"FILE": codes, "TEXT": tmp_path / "text.npz", "EMPTY": tmp_path / "empty.npz"}
    result = run(*(files.get(argument, argument) for argument in arguments))
    assert isinstance(result.exception, MetricError)
    assert message in str(result.exception)


def test_importing_the_command_loads_nothing_heavy():
    probe = (
        "import sys, interpretable_gan.cli.metrics, interpretable_gan.metrics; "
        "print([name for name in ('numpy', 'torch', 'scipy', 'sklearn') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
