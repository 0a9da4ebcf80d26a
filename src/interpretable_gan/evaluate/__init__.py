"""The evaluation room: every number we state, with how sure it is and how it came about.

One metric, one file, one function from arrays to a ``Result``. Importing this package does no
work; each public name loads its module on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PUBLIC = {  # public name → module of this package that holds it
    "Result": "result",
    "Table": "worlds",
    "FixedRows": "worlds",
    "Generated": "worlds",
    # disentanglement, factors known
    "beta_vae": "disentanglement.beta_vae",
    "factor_vae": "disentanglement.factor_vae",
    "mig": "disentanglement.mig",
    "mig_sampled": "disentanglement.mig_sampled",
    "axis_alignment": "disentanglement.axis_alignment",
    "mig_sup": "disentanglement.mig_sup",
    "jemmig": "disentanglement.jemmig",
    "dcimig": "disentanglement.dcimig",
    "dci": "disentanglement.dci",
    "dci_lasso": "disentanglement.dci_lasso",
    "sap": "disentanglement.sap",
    "modularity": "disentanglement.modularity",
    "explicitness": "disentanglement.explicitness",
    "irs": "disentanglement.irs",
    "infomec": "disentanglement.infomec",
    "aggregations": "disentanglement.aggregations",
    "z_max_variance": "disentanglement.z_max_variance",
    "factorised_support": "disentanglement.factorised_support",
    "flatness": "disentanglement.flatness",
    # no factors needed
    "total_correlation": "unsupervised.total_correlation",
    "wasserstein_correlation": "unsupervised.wasserstein_correlation",
    "mutual_information_score": "unsupervised.mutual_information_score",
    "udr": "unsupervised.udr",
    # what the codes are good for
    "downstream_accuracy": "downstream.downstream_accuracy",
    "reduced_downstream": "downstream.reduced_downstream",
    "strong_generalisation": "downstream.strong_generalisation",
    "fairness": "downstream.fairness",
    "total_variation": "downstream.fairness",
    "fairness_scores": "downstream.fairness",
}


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(PUBLIC)
