"""Golden keys of features → our metric, its parameters, the fields compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from golden_case import Case, Family, Row

from interpretable_gan.metrics.quality.authenticity import authenticity
from interpretable_gan.metrics.quality.density_coverage import density_coverage
from interpretable_gan.metrics.quality.frechet import frechet_distance
from interpretable_gan.metrics.quality.inception_score import inception_score
from interpretable_gan.metrics.quality.kid import kid
from interpretable_gan.metrics.quality.mmd import mmd
from interpretable_gan.metrics.quality.path_length import INTERPOLATIONS, path_length
from interpretable_gan.metrics.quality.precision_recall import precision_recall
from interpretable_gan.metrics.quality.realism import realism
from interpretable_gan.metrics.quality.sliced_wasserstein import (
    monge_inception_distance,
    sliced_wasserstein,
)
from interpretable_gan.metrics.quality.vendi import vendi_score
from interpretable_gan.metrics.result import Result

REFERENCE: dict[str, Any] = {"mode": "reference"}
INTERPOLATION = {"lerp": "lerp", "slerp_any": "slerp", "slerp_unit": "slerp_unit"}


def load(folder: Path, case: str) -> Case:
    with np.load(folder / "features" / f"{case}.npz") as arrays:
        return dict(arrays)


def pair(case: Case) -> tuple[Any, Any]:
    return case["real"], case["fake"]


def first_rows(case: Case) -> tuple[Any, Any]:
    """The references took the first ``rows`` of each side, as many as the smaller side has."""
    rows = case["parameters"].get("rows", min(map(len, pair(case))))
    return case["real"][:rows], case["fake"][:rows]


def value(result: Result) -> float:
    return result.value


def mean_and_std(metric: str) -> Any:
    return lambda result: {
        f"{metric}_mean": result.value,
        f"{metric}_std": result.breakdown["std"],
    }


def combined(**parts: Result) -> Result:
    """Several results under one golden key, side by side."""
    return Result(metric="combined", value=float("nan"), breakdown=parts)


def mmd_full(case: Case, **settings: Any) -> Result:
    return mmd(*first_rows(case), **settings, **REFERENCE)


def three_estimators(case: Case) -> Result:
    names = ("biased", "u-statistic", "unbiased")
    return combined(**{name: mmd_full(case, estimator=name) for name in names})


def prdc(case: Case) -> Result:
    settings = {"k": case["parameters"]["nearest_k"], "comparison": "<", **REFERENCE}
    return combined(
        pr=precision_recall(*pair(case), **settings), dc=density_coverage(*pair(case), **settings)
    )


def read_prdc(result: Result) -> dict[str, float]:
    parts = result.breakdown
    return {**parts["pr"].breakdown, **parts["dc"].breakdown}


def kid_subsets(case: Case) -> Result:
    given = case["parameters"]
    return kid(
        *pair(case),
        subsets=given["subsets"],
        subset_size=given["subset_size"],
        seed=given["rng_seed"],
        **REFERENCE,
    )


def linear_path_length(case: Case) -> Result:
    given = case["parameters"]
    generator = np.random.RandomState(given["rng_seed"])
    matrix = case["A"]
    starts, ends = (
        generator.randn(given["samples"], len(matrix)).astype(np.float32) for _ in range(2)
    )
    trim = None if given["percentiles"][0] is None else tuple(given["percentiles"])
    return path_length(
        lambda codes: codes @ matrix,
        lambda a, b: ((a - b) ** 2).sum(axis=1),
        starts,
        ends,
        epsilon=given["epsilon"],
        sampling="end",
        interpolation=INTERPOLATION[given["interpolation"]],
        trim=trim,
        **REFERENCE,
    )


def interpolated(case: Case) -> Result:
    between = INTERPOLATIONS[INTERPOLATION[case["key"]]]
    points = between(case["slerp_a"], case["slerp_b"], case["slerp_t"])
    return Result(metric=case["key"], value=float("nan"), breakdown={"points": points})


def inception(case: Case) -> Result:
    given = case["parameters"]
    return inception_score(
        case["logits"],
        splits=given["splits"],
        shuffle=given["shuffle"],
        seed=given["rng_seed"],
        **REFERENCE,
    )


FEATURES = Family(
    load=load,
    rows={
        "fid_*": Row(lambda case: frechet_distance(*pair(case), **REFERENCE), value),
        "kid_subsets*": Row(kid_subsets, mean_and_std("kernel_inception_distance")),
        "kid_*full*": Row(mmd_full, value),
        "mmd_full_unbiased_rbf_sigma*": Row(
            lambda case: mmd_full(case, kernel="gaussian", sigma=case["parameters"]["sigma"]), value
        ),
        "mmd2_three_estimators": Row(
            three_estimators, lambda r: {name: part.value for name, part in r.breakdown.items()}
        ),
        "prdc_k*": Row(prdc, read_prdc),
        "precision_recall_torch_fidelity_k*": Row(
            lambda case: precision_recall(
                *pair(case), k=case["parameters"]["neighborhood"], comparison="<=", **REFERENCE
            ),
            lambda r: r.breakdown,
        ),
        "realism_k5_first10": Row(
            lambda case: realism(*pair(case), k=5, **REFERENCE),
            lambda r: r.breakdown["per_row"][:10],
        ),
        "authpct": Row(lambda case: authenticity(*pair(case), **REFERENCE), value),
        "vendi_linear_q1_fake": Row(lambda case: vendi_score(case["fake"], **REFERENCE), value),
        "sw_approx": Row(lambda case: sliced_wasserstein(*pair(case), **REFERENCE), value),
        "mind_seed*": Row(
            lambda case: monge_inception_distance(*pair(case), directions=1000, **REFERENCE),
            lambda r: {"monge_inception_distance": r.value},
        ),
        "inception_score_*": Row(inception, mean_and_std("inception_score")),
        "ppl_linear_*": Row(linear_path_length, mean_and_std("perceptual_path_length")),
        "lerp": Row(interpolated, lambda r: r.breakdown["points"]),
        "slerp_*": Row(interpolated, lambda r: r.breakdown["points"]),
    },
)
