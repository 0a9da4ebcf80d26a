"""MIG of a posterior: the gap as the original paper measures it, without bins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.disentanglement.information import top_two
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Rows,
    check_matrix,
    check_rows,
    named,
    named_matrix,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import checksum

SAMPLES_AT_ONCE = 256


@measured(0)
def mig_sampled(
    means: ArrayLike,
    log_variances: ArrayLike,
    factors: ArrayLike,
    *,
    samples: int = 10_000,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
) -> Result:
    """MIG from the aggregate posterior (Chen et al. 2018, https://arxiv.org/abs/1802.04942, eq. 6).

    Range [0, 1] up to sampling noise, higher is better; not interchangeable with the binned
    ``mig``. I(z_k; v) = H(z_k) − H(z_k | v), both estimated from sampled codes; H(v) = log of its
    number of values.

    Args:
        means, log_variances: (rows, codes) of q(z | x), Gaussian with independent codes.
        factors: (rows, factors) discrete.
        samples: codes drawn per entropy.

    Raises:
        MetricError: NaN or infinity, or shapes that do not match.
    """
    notes: list[str] = []
    rows = check_rows(means, factors, code_names=code_names, factor_names=factor_names)
    log_variance = check_matrix(log_variances, "log_variances", "code", code_names)
    if log_variance.shape != rows.codes.shape:
        raise MetricError(
            f"means have shape {rows.codes.shape}, log_variances {log_variance.shape}."
        )
    (rows,) = with_discrete_factors((rows,), mode=mode, note=notes.append)
    (rows,) = without_constant_factors((rows,), notes.append)
    information = _information(rows, log_variance, samples, np.random.default_rng(seed))
    best, second = top_two(information)
    gaps = (best - second) / np.log([len(np.unique(labels)) for labels in rows.factors.T])
    if not gaps.size:
        notes.append("every factor is constant: nothing to measure, 0 returned")
    return Result(
        metric="mig_sampled",
        value=float(gaps.mean()) if gaps.size else 0.0,
        mode=mode,
        breakdown={
            "per_factor": named(gaps, rows.factor_names),
            "mi_matrix": named_matrix(information, rows.code_names, rows.factor_names),
        },
        parameters={"samples": samples},
        data={"rows": len(rows), "sha256": checksum(rows.codes, log_variance, rows.factors)},
        seed=seed,
        warnings=tuple(notes),
    )


def _information(
    rows: Rows, log_variance: FloatArray, samples: int, rng: np.random.Generator
) -> FloatArray:
    """max(0, H(z_k) − H(z_k | v)) of every code and factor: (codes, factors)."""
    marginal = posterior_entropy(rows.codes, log_variance, samples, rng)
    conditional = np.zeros((len(rows.code_names), len(rows.factor_names)))
    for f, labels in enumerate(rows.factors.T):
        for value, count in zip(*np.unique(labels, return_counts=True), strict=True):
            of_value = labels == value
            entropy = posterior_entropy(rows.codes[of_value], log_variance[of_value], samples, rng)
            conditional[:, f] += entropy * count / len(labels)
    return np.maximum(0, marginal[:, None] - conditional)


def posterior_entropy(
    means: FloatArray, log_variances: FloatArray, samples: int, rng: np.random.Generator
) -> FloatArray:
    """−mean log (1/N Σ_n q(z_k | x_n)) over sampled z, in nats: (codes,)."""
    from scipy.special import logsumexp

    deviations = np.exp(log_variances / 2)
    row = rng.integers(0, len(means), samples)
    drawn = means[row] + deviations[row] * rng.standard_normal((samples, means.shape[1]))
    total = np.zeros(means.shape[1])
    for start in range(0, samples, SAMPLES_AT_ONCE):
        z = drawn[start : start + SAMPLES_AT_ONCE, None]  # (some samples, rows, codes)
        log_density = -((z - means) ** 2) / deviations**2 / 2 - log_variances / 2
        total -= logsumexp(log_density, axis=1).sum(axis=0)
    return np.asarray(total / samples + np.log(len(means)) + np.log(2 * np.pi) / 2)
