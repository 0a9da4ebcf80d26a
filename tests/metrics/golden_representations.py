"""Golden keys of codes and factors → our metric, its parameters, the fields compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from golden_case import Case, Family, Row
from sklearn.preprocessing import minmax_scale

from interpretable_gan import metrics as ev
from interpretable_gan.metrics.discretise import discretise


def load(folder: Path, case: str) -> Case:
    with np.load(folder / "representations" / f"{case}.npz") as arrays:
        return dict(arrays)


def train(case: Case) -> tuple[Any, Any]:
    return case["codes_train"], case["factors_train"]


def train_test(case: Case, rows: int | None = None, test_rows: int | None = None) -> Any:
    return (
        case["codes_train"][:rows],
        case["factors_train"][:rows],
        case["codes_test"][:test_rows],
        case["factors_test"][:test_rows],
    )


def la_forge(case: Case) -> tuple[Any, Any]:
    """The La Forge collection scales to [0, 1] first and cuts real-valued factors into 10 bins."""
    factors = case["factors_train"]
    if "continuous" in case["key"]:
        factors = discretise(minmax_scale(case["factors_continuous_train"]), 10)
    return minmax_scale(case["codes_train"]), factors


def matrix(nested: dict[str, dict[str, float]]) -> list[list[float]]:
    return [list(row.values()) for row in nested.values()]


def vector(by_name: dict[str, float]) -> list[float]:
    return list(by_name.values())


def value(result: Any) -> float:
    return result.value


REFERENCE: dict[str, Any] = {"mode": "reference"}
TEN_BINS: dict[str, Any] = {"mode": "reference", "bins": 10}

INFORMATION = {
    "mi_matrix_20bins": Row(
        lambda case: ev.mig(*train(case), **REFERENCE), lambda r: matrix(r.breakdown["mi_matrix"])
    ),
    "factor_entropy": Row(
        lambda case: ev.mig(*train(case), **REFERENCE),
        lambda r: vector(r.breakdown["factor_entropy"]),
    ),
    "mig": Row(lambda case: ev.mig(*train(case), **REFERENCE), lambda r: {"discrete_mig": r.value}),
    "mig_per_factor": Row(
        lambda case: ev.mig(*train(case), **REFERENCE),
        lambda r: {
            "mig": r.value,
            **{f"mig.{name}": gap for name, gap in r.breakdown["per_factor"].items()},
        },
    ),
    "modularity_per_code": Row(
        lambda case: ev.modularity(*train(case), **REFERENCE),
        lambda r: vector(r.breakdown["per_code"]),
    ),
    "pr_curves_of_mi_matrix": Row(
        lambda case: ev.aggregations(
            matrix(ev.mig(*train(case), **REFERENCE).breakdown["mi_matrix"]), **REFERENCE
        ),
        lambda r: {name: r.breakdown[name] for name in ("area_precision", "max_precision")},
    ),
}

LA_FORGE = {
    "ubisoft/mig_sup_*_10bins": Row(lambda case: ev.mig_sup(*la_forge(case), **TEN_BINS), value),
    "ubisoft/mig_*_10bins": Row(
        lambda case: ev.mig(*la_forge(case), per="code", **TEN_BINS), value
    ),
    "ubisoft/jemmig_*_10bins": Row(lambda case: ev.jemmig(*la_forge(case), **TEN_BINS), value),
    "ubisoft/dcimig_*_10bins": Row(lambda case: ev.dcimig(*la_forge(case), **TEN_BINS), value),
    "ubisoft/modularity_*_10bins": Row(
        lambda case: ev.modularity(*la_forge(case), **TEN_BINS), value
    ),
    "ubisoft/irs_*_10bins": Row(
        lambda case: ev.irs(
            case["codes_train"], la_forge(case)[1], quantile=1.0, bins=None, **REFERENCE
        ),
        value,
    ),
    "ubisoft/sap_regression": Row(
        lambda case: ev.sap(
            case["codes_train"], case["factors_continuous_train"], continuous=True, **REFERENCE
        ),
        value,
    ),
}

IRS = {
    "irs_details_q*": Row(
        lambda case: ev.irs(*train(case), quantile=quantile(case), **REFERENCE),
        lambda r: {
            "IRS_matrix": matrix(r.breakdown["matrix"]),
            "avg_score": r.value,
            "disentanglement_scores": vector(r.breakdown["per_code"]),
            "max_deviations": vector(r.breakdown["max_deviations"]),
            "parents": [
                int(name.removeprefix("factor_")) for name in vector(r.breakdown["parents"])
            ],
        },
    ),
    "irs_q*": Row(
        lambda case: ev.irs(*train(case), quantile=quantile(case), **REFERENCE),
        lambda r: {"IRS": r.value},
        not_imitated=("num_active_dims",),  # published: the sum of all code values
    ),
}


def quantile(case: Case) -> float:
    return float(case["key"].rpartition("q")[2])


SAP = {
    "sap_continuous": Row(
        lambda case: ev.sap(
            case["codes_train"], case["factors_continuous_train"], continuous=True, **REFERENCE
        ),
        lambda r: {"SAP_score": r.value},
    ),
    "sap_score_matrix_continuous": Row(
        lambda case: ev.sap(
            case["codes_train"], case["factors_continuous_train"], continuous=True, **REFERENCE
        ),
        lambda r: matrix(r.breakdown["matrix"]),
    ),
    "sap_continuous_on_int_factors": Row(
        lambda case: ev.sap(*train(case), continuous=True, **REFERENCE),
        lambda r: {"SAP_score": r.value},
    ),
    "sap_discrete": Row(
        lambda case: ev.sap(*train_test(case), **REFERENCE), lambda r: {"SAP_score": r.value}
    ),
    "sap_score_matrix_discrete": Row(
        lambda case: ev.sap(*train_test(case), **REFERENCE),
        lambda r: matrix(r.breakdown["matrix"]),
    ),
}

MATRICES = {
    "importance__*": Row(
        lambda case: ev.aggregations(case[case["key"]], **REFERENCE),
        lambda r: {
            "avg_diff_top_two_over_codes": r.breakdown["gap"],
            "completeness": r.breakdown["completeness"],
            "completeness_per_factor": vector(r.breakdown["completeness_per_factor"]),
            "disentanglement": r.breakdown["disentanglement"],
            "disentanglement_per_code": vector(r.breakdown["disentanglement_per_code"]),
            "modularity_as_if_mutual_information": r.breakdown["modularity"],
            "pr_curves": {name: r.breakdown[name] for name in ("area_precision", "max_precision")},
        },
    ),
}

GBT = {
    "dci_gbt": Row(
        lambda case: ev.dci(*train_test(case), **REFERENCE),
        lambda r: {
            "disentanglement": r.value,
            "completeness": r.breakdown["completeness"],
            "informativeness_train": r.breakdown["informativeness_train"],
            "informativeness_test": r.breakdown["informativeness_test"],
            "importance_matrix": matrix(r.breakdown["importance_matrix"]),
        },
    ),
}

LASSO = {
    "qedr/dci_lasso_alpha*": Row(
        lambda case: ev.dci_lasso(
            case["codes_train"],
            case["factors_continuous_train"],
            case["codes_test"],
            case["factors_continuous_test"],
            alpha=case["parameters"]["alpha"],
            **REFERENCE,
        ),
        lambda r: {
            "disentanglement": r.value,
            "completeness_mean": r.breakdown["completeness_mean"],
            "completeness_per_factor": vector(r.breakdown["completeness_per_factor"]),
            "disentanglement_per_code": vector(r.breakdown["disentanglement_per_code"]),
            "importance": matrix(r.breakdown["importance_matrix"]),
            "informativeness_train_nrmse": r.breakdown["informativeness_train_nrmse"],
            "informativeness_test_nrmse": r.breakdown["informativeness_test_nrmse"],
        },
    ),
    "ubisoft/dci_lasso": Row(
        lambda case: ev.dci_lasso(
            *2 * (case["codes_train"], case["factors_continuous_train"]),
            alpha=None,
            scaling="minmax",
            **REFERENCE,
        ),
        lambda r: {
            "disentanglement": r.value,
            "completeness": r.breakdown["completeness_mean"],
            "informativeness": np.mean(
                [max(0, 1 - 12 * mse) for mse in vector(r.breakdown["mse_test_per_factor"])]
            ),
        },
    ),
}


def explicitness_and_modularity(case: Case) -> Any:
    """Two metrics under one golden key: explicitness, with modularity in its breakdown."""
    result = ev.explicitness(*train_test(case), **REFERENCE)
    modularity = ev.modularity(*train(case), **REFERENCE)
    return replace(result, breakdown={**result.breakdown, "modularity": modularity.value})


EXPLICITNESS = {
    "modularity_explicitness": Row(
        explicitness_and_modularity,
        lambda r: {
            "explicitness_score_test": r.value,
            "explicitness_score_train": r.breakdown["train"],
            "modularity_score": r.breakdown["modularity"],
        },
    ),
    "ubisoft/explicitness_*": Row(
        lambda case: ev.explicitness(*2 * la_forge(case), form="per_class", **REFERENCE), value
    ),
}


def infomec_row(**settings: Any) -> Row:
    return Row(
        lambda case: ev.infomec(
            *train(case),
            discrete_codes=case["parameters"]["discrete_latents"],
            neighbours=case["parameters"]["n_neighbors"],
            **settings,
            **REFERENCE,
        ),
        lambda r: {
            "active_latents": vector(r.breakdown["active"]),
            "infom": r.value,
            "infoc": r.breakdown["infoc"],
            "infoe": r.breakdown["infoe"],
            "nmi": matrix(r.breakdown["nmi"]),
        },
    )


INFOMEC = {
    "infomec_tripod_*": infomec_row(pruning="tripod"),
    "infomec_*": infomec_row(pruning="range"),
}


def table(case: Case) -> ev.CodeTable:
    return ev.CodeTable(case["code_table"], case["factor_sizes"])


def points(case: Case) -> dict[str, Any]:
    return {
        "batch": case["parameters"]["batch_size"],
        "train_points": case["parameters"]["num_train"],
        "test_points": case["parameters"]["num_eval"],
    }


INTERVENTIONAL = {
    "beta_vae": Row(
        lambda case: ev.beta_vae(table(case), **points(case), **REFERENCE),
        lambda r: {"eval_accuracy": r.value, "train_accuracy": r.breakdown["train_accuracy"]},
    ),
    "factor_vae_prune*": Row(
        lambda case: ev.factor_vae(
            table(case),
            threshold=case["parameters"]["prune_dims_threshold"],
            variance_rows=case["parameters"]["num_variance_estimate"],
            **points(case),
            **REFERENCE,
        ),
        lambda r: {"eval_accuracy": r.value, "train_accuracy": r.breakdown["train_accuracy"]},
        not_imitated=("num_active_dims",),  # published: the number of all codes
    ),
    "strong_downstream_gbt": Row(
        lambda case: ev.strong_generalisation(
            table(case),
            train_rows=case["parameters"]["num_train"],
            test_rows=case["parameters"]["num_test"],
            repeats=case["parameters"]["n_experiment"],
            **REFERENCE,
        ),
        lambda r: {
            f"{r.parameters['train_rows']}:{name}": number
            for name, number in {
                "mean_strong_test_accuracy": r.value,
                "mean_strong_train_accuracy": r.breakdown["strong_train"],
                "mean_test_accuracy": r.breakdown["test"],
                "mean_train_accuracy": r.breakdown["train"],
                "strong_generalization_gap": r.breakdown["gap"],
            }.items()
        },
    ),
    "fairness_gbt": Row(
        lambda case: ev.fairness(
            table(case),
            train_rows=case["parameters"]["num_train"],
            rows_per_class=case["parameters"]["num_test_points_per_class"],
            **REFERENCE,
        ),
        lambda r: {
            f"{kind}_fairness:{name}": number
            for kind in ("mean", "max")
            for name, number in r.breakdown[f"{kind}_aggregates"].items()
        },
    ),
}


def downstream_fields(result: Any) -> dict[str, float]:
    fields = {}
    for size, entry in result.breakdown["by_size"].items():
        for part in ("train", "test"):
            fields[f"{size}:mean_{part}_accuracy"] = entry[f"mean_{part}"]
            fields[f"{size}:min_{part}_accuracy"] = entry[f"min_{part}"]
            for name, number in entry[f"{part}_per_factor"].items():
                fields[f"{size}:{part}_accuracy_{name}"] = number
    return fields


def reduced_fields(result: Any) -> dict[str, float]:
    fields = {}
    size = result.data["rows"][0]
    for part in ("train", "test"):
        for what in ("reduced_factor", "other_factors"):
            fields[f"{size}:mean_{part}_accuracy_{what}"] = result.breakdown[f"{what}_{part}"]
        for reduced, row in result.breakdown[f"matrix_{part}"].items():
            start = f"{size}:reduced_{reduced}:mean_{part}_accuracy"
            others = [number for name, number in row.items() if name != reduced]
            fields[f"{start}_reduced_factor"] = row[reduced]
            fields[f"{start}_non_reduced_factor"] = float(np.mean(others))
            fields |= {f"{start}_{name}": number for name, number in row.items()}
    return fields


DOWNSTREAM = {
    "downstream_logreg_cv": Row(
        lambda case: ev.downstream_accuracy(
            *train_test(case, test_rows=case["parameters"]["num_test"]),
            predictor="logistic",
            sizes=[case["parameters"]["num_train"]],
            **REFERENCE,
        ),
        downstream_fields,
    ),
    "reduced_downstream_gbt_k*": Row(
        lambda case: ev.reduced_downstream(
            *train_test(case, case["parameters"]["num_train"], case["parameters"]["num_test"]),
            deleted=case["parameters"]["k"],
            **REFERENCE,
        ),
        reduced_fields,
    ),
    "counts__*": Row(
        lambda case: ev.total_variation(case[case["key"]], **REFERENCE),
        lambda r: {"mean_tv": r.value, "max_tv": r.breakdown["max"]},
    ),
    "fairness_scores_of_example": Row(
        lambda case: ev.fairness_scores(case["parameters"]["matrix"], **REFERENCE),
        lambda r: {f"m:{name}": number for name, number in r.breakdown["aggregates"].items()},
    ),
}


def three_unsupervised_scores(case: Case) -> Any:
    """Three metrics under one golden key: total correlation, with the others in its breakdown."""
    codes = case["codes_train"]
    distance = ev.wasserstein_correlation(codes, **REFERENCE)
    result = ev.total_correlation(codes, **REFERENCE)
    information = ev.mutual_information_score(codes, **REFERENCE)
    return replace(
        result,
        breakdown={
            "gaussian_total_correlation": result.value,
            "gaussian_wasserstein_correlation": distance.value,
            "gaussian_wasserstein_correlation_norm": distance.breakdown.get("normalised", np.nan),
            "mutual_info_score": information.value,
        },
    )


UNSUPERVISED = {
    "unsupervised": Row(three_unsupervised_scores, lambda r: r.breakdown),
    "udr_*": Row(
        lambda case: ev.udr(
            list(case["reps"]),
            list(case["kl"]),
            method="spearman" if "spearman" in case["key"] else "lasso",
            drop_inactive="nofilter" not in case["key"],
            **REFERENCE,
        ),
        lambda r: {
            "model_scores": vector(r.breakdown["per_model"]),
            "pairwise_disentanglement_scores": [[[x] for x in row] for row in r.breakdown["pairs"]],
            "raw_correlations": udr_relations(r),
        },
    ),
}


def udr_relations(result: Any) -> list[Any]:
    """Relations of every ordered pair of models; zeros between a model and itself."""
    names, codes = list(result.breakdown["per_model"]), result.data["codes"]
    return [
        [
            result.breakdown["relations"][a].get(b, np.zeros((codes[i], codes[i])).tolist())
            for b in names
        ]
        for i, a in enumerate(names)
    ]


REPRESENTATIONS = Family(
    load,
    INFORMATION
    | LA_FORGE
    | IRS
    | SAP
    | MATRICES
    | GBT
    | LASSO
    | EXPLICITNESS
    | INFOMEC
    | INTERVENTIONAL
    | DOWNSTREAM
    | UNSUPERVISED,
)
