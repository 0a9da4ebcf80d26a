"""Disentanglement by the usual metrics, in both views, beside what chance reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.claims.base import Findings, Measure, measure, withhold
from interpretable_gan.audit.material import Material
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.readings import values
from interpretable_gan.metrics.representations import representation_metrics
from interpretable_gan.metrics.result import Result, plain
from interpretable_gan.progress import Progress, Status
from interpretable_gan.schema.schema import Schema

CLAIM = "disentangled"
METRICS = {  # name → what a card calls it
    "dci_lasso": "DCI disentanglement",
    "mig": "MIG",
    "sap": "SAP",
    "modularity": "modularity",
    "explicitness": "explicitness",
    "factor_vae": "FactorVAE",
    "beta_vae": "β-VAE",
    "infomec": "InfoM",
}
QUICK = ("dci_lasso", "mig")
FEW_ATTRIBUTES = 12
"""InfoMEC fits as many probes as there are pairs; with more attributes it takes minutes."""

Rows = tuple[NDArray[np.float64], NDArray[np.int64]]


def disentangled(
    material: Material, data: Dataset, schema: Schema, count: int, seed: int, report: Progress
) -> Findings:
    """What the encoder reads, against labels in real images and against codes in samples.

    Every named attribute is a code and a factor. Chance: the same on codes torn from their factors.
    """
    views = {"encoder": _real(material, data, count), "generator": _drawn(material, data, count)}
    metrics = [name for name in METRICS if _affordable(name, data.schema, count)]
    measures: list[Measure] = []
    details: dict[str, Any] = {}
    for number, (view, (read, factors)) in enumerate(views.items()):
        varying = [i for i in range(factors.shape[1]) if len(np.unique(factors[:, i])) > 1]
        if len(factors) < 20 or not varying:
            continue
        arrays = _arrays(schema, data.schema, read, factors, varying)
        torn = dict(arrays)
        torn["codes"] = np.random.default_rng([seed, 4]).permutation(arrays["codes"])
        found, chance = (representation_metrics(each, seed=seed) for each in (arrays, torn))
        for place, name in enumerate(metrics):
            done = number * len(metrics) + place
            report(Status(done, 2 * len(metrics), f"measuring {METRICS[name]}, {view} view"))
            result, by_chance = _result(found[name]), _result(chance[name])
            if result is None:
                continue
            measures.append(
                measure(
                    CLAIM,
                    f"{METRICS[name]}, {view} view",
                    result.value,
                    samples={"rows": len(factors)},
                )
            )
            details.setdefault(view, {})[name] = {
                "value": result.value,
                "chance": None if by_chance is None else by_chance.value,
                "warnings": list(result.warnings),
            }
    if not measures:
        return withhold("Too few labelled rows in which anything varies.")
    left_out = [METRICS[name] for name in METRICS if name not in metrics]
    return Findings(
        measures=tuple(measures),
        reason=f"Left out here, see igan metrics: {', '.join(left_out)}." if left_out else "",
        details=plain(details),
    )


def _affordable(name: str, schema: Schema, count: int) -> bool:
    if count < 500:
        return name in QUICK
    return name != "infomec" or len(schema.names) <= FEW_ATTRIBUTES


def _result(metric: Callable[[], Result]) -> Result | None:
    try:
        return metric()
    except MetricError:
        return None


def _real(material: Material, data: Dataset, count: int) -> Rows:
    """Readings of real images and their labels, where all are known."""
    rows = material.rows[: len(material.real)]
    known = np.flatnonzero(data.known[rows].all(axis=1))[:count]
    return material.real.read[known].astype(np.float64), _factors(data, data.codes[rows[known]])


def _drawn(material: Material, data: Dataset, count: int) -> Rows:
    """Readings of samples and the codes they were drawn with."""
    code = material.code[:count, : data.schema.named_columns].cpu().numpy()
    return material.samples.read[:count].astype(np.float64), _factors(data, code)


def _factors(data: Dataset, codes: NDArray[Any]) -> NDArray[np.int64]:
    return np.stack(list(values(data.schema, codes).values()), axis=1).astype(np.int64)


def _arrays(
    schema: Schema,
    named: Schema,
    read: NDArray[np.float64],
    factors: NDArray[np.int64],
    varying: list[int],
) -> Mapping[str, NDArray[Any]]:
    """One code per named attribute, and the factors that vary."""
    columns = schema.unpack(read)
    codes = [
        columns[name].argmax(axis=1) if named[name].kind == "categorical" else columns[name][:, 0]
        for name in named.names
    ]
    return {
        "codes": np.stack(codes, axis=1).astype(np.float64),
        "factors": factors[:, varying],
        "code_names": np.array(named.names),
        "factor_names": np.array(named.names)[varying],
    }
