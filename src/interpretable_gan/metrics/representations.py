"""Every metric that a file of codes and factors allows, by the name it has on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan import metrics as ev
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.result import Mode, Result

ON_ROWS = ("mig", "axis_alignment", "mig_sup", "jemmig", "dcimig", "modularity", "irs", "infomec")
ON_SPLITS = ("sap", "explicitness", "downstream_accuracy", "reduced_downstream")
ON_CODES = ("total_correlation", "wasserstein_correlation", "mutual_information_score")
ON_WORLDS = ("beta_vae", "factor_vae", "strong_generalisation", "fairness")
READ = (
    *(f"{what}{part}" for what in ("codes", "factors") for part in ("", "_train", "_test")),
    *("factors_continuous_train", "factors_continuous_test", "code_table", "factor_sizes"),
    *("code_names", "factor_names", "reps", "kl"),
)
"""Arrays that are read, by name."""


def representation_metrics(
    arrays: Mapping[str, NDArray[Any]],
    *,
    mode: Mode = "strict",
    seed: int = 0,
    jobs: int = 1,
    uncertainty: bool = False,
) -> dict[str, Callable[[], Result]]:
    """Metric name → a call that measures it.

    Args:
        arrays: ``codes_train``/``factors_train`` (or ``codes``/``factors``) of shapes (rows, codes)
            and (rows, factors); optionally ``codes_test``/``factors_test``,
            ``factors_continuous_train``/``_test``, ``code_table`` with ``factor_sizes``, and
            ``code_names``/``factor_names``. ``reps`` (models, rows, codes), optionally ``kl``
            (models, codes), is a set of models to compare.

    Raises:
        MetricError: none of these is there.
    """
    if "reps" in arrays:
        return _between_models(arrays, mode)
    codes = arrays.get("codes_train", arrays.get("codes"))
    factors = arrays.get("factors_train", arrays.get("factors"))
    if codes is None:
        raise MetricError(
            "the file needs codes_train (rows, codes) and factors_train (rows, factors), or reps, "
            f"or real and fake; it has: {', '.join(arrays) or 'nothing'}."
        )
    settings = {"mode": mode, "seed": seed, "uncertainty": uncertainty}
    named = {"code_names": _names(arrays, "code_names")}
    found: dict[str, Callable[[], Result]] = {
        name: partial(getattr(ev, name), codes, **named, **settings) for name in ON_CODES
    }
    if factors is None:
        return found
    named["factor_names"] = _names(arrays, "factor_names")
    split = (codes, factors, arrays.get("codes_test"), arrays.get("factors_test"))
    rows = {
        name: partial(getattr(ev, name), codes, factors, **named, **settings) for name in ON_ROWS
    }
    splits = {name: partial(getattr(ev, name), *split, **named, **settings) for name in ON_SPLITS}
    trees = {"dci_gbt": partial(ev.dci, *split, jobs=jobs, **named, **settings)}
    real_valued = (
        codes,
        arrays.get("factors_continuous_train", factors),
        arrays.get("codes_test"),
        arrays.get("factors_continuous_test", arrays.get("factors_test")),
    )
    linear = {
        "dci_lasso": partial(ev.dci_lasso, *real_valued, **named, **settings),
        "sap_continuous": partial(ev.sap, *real_valued[:2], continuous=True, **named, **settings),
    }
    return (
        rows | splits | trees | linear | found | _interventional(arrays, codes, factors, settings)
    )


def _between_models(
    arrays: Mapping[str, NDArray[Any]], mode: Mode
) -> dict[str, Callable[[], Result]]:
    kl = list(np.atleast_1d(arrays["kl"])) if "kl" in arrays else None
    models = list(np.atleast_1d(arrays["reps"]))
    return {
        f"udr_{method}": partial(ev.udr, models, kl, method=method, mode=mode)
        for method in ("lasso", "spearman")
    }


def _interventional(
    arrays: Mapping[str, NDArray[Any]], codes: Any, factors: Any, settings: dict[str, Any]
) -> dict[str, Callable[[], Result]]:
    """On the code table where there is one; else, *strict* only, holding factors among the rows."""
    if "code_table" not in arrays and settings["mode"] == "reference":
        return {}

    @cache
    def world() -> Any:
        if "code_table" not in arrays:
            return ev.FixedRows(codes, factors, factor_names=_names(arrays, "factor_names"))
        if "factor_sizes" not in arrays:
            raise MetricError(
                "a code_table needs factor_sizes: the number of values of each factor."
            )
        return ev.CodeTable(arrays["code_table"], np.ravel(arrays["factor_sizes"]).tolist())

    names = ON_WORLDS if "code_table" in arrays else ("beta_vae", "factor_vae")

    def measurement(name: str) -> Callable[[], Result]:
        return lambda: getattr(ev, name)(world(), **settings)

    return {name: measurement(name) for name in names}


def _names(arrays: Mapping[str, NDArray[Any]], key: str) -> list[str] | None:
    return [str(name) for name in np.ravel(arrays[key])] if key in arrays else None
