"""Perceptual path length: how smoothly images change along a path of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import feature_pair
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import as_array
from interpretable_gan.metrics.uncertainty import checksum

Array = NDArray[np.float64]
Interpolation = Literal["lerp", "slerp", "slerp_unit"]
Generate = Callable[[NDArray[np.floating]], ArrayLike]
Distance = Callable[[Array, Array], ArrayLike]

PARALLEL = 1e-8
"""Below this sine of their angle, two directions are interpolated in a straight line."""


def lerp(a: Array, b: Array, t: Array | float) -> Array:
    """Points on straight lines, ``(n, d)``."""
    return a + (b - a) * _column(t)


def slerp(a: Array, b: Array, t: Array | float) -> Array:
    """[sin((1−t)ω) a + sin(tω) b]/sin ω with ω the angle of each pair of rows (Shoemake 1985).

    A straight line where the rows are nearly parallel, opposite, or zero.
    """
    t = _column(t)
    lengths = np.linalg.norm(a, axis=1, keepdims=True) * np.linalg.norm(b, axis=1, keepdims=True)
    inner = (a * b).sum(axis=1, keepdims=True)
    cosine = np.divide(inner, lengths, out=np.ones_like(inner), where=lengths > 0)
    angle = np.arccos(np.clip(cosine, -1, 1))
    sine = np.sin(angle)
    curved = sine > PARALLEL
    safe = np.where(curved, sine, 1)
    arc = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / safe
    return np.where(curved, arc, lerp(a, b, t))


def slerp_unit(a: Array, b: Array, t: Array | float) -> Array:
    """``slerp`` brought to length 1; a point at the origin stays there."""
    points = slerp(a, b, t)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.divide(points, lengths, out=np.zeros_like(points), where=lengths > 0)


def _column(t: Array | float) -> Array:
    return np.asarray(t, np.float64).reshape(-1, 1)


INTERPOLATIONS: Mapping[str, Callable[[Array, Array, Array | float], Array]] = {
    "lerp": lerp,
    "slerp": slerp,
    "slerp_unit": slerp_unit,
}


@measured(0)
def path_length(
    generate: Generate,
    distance: Distance,
    starts: ArrayLike,
    ends: ArrayLike,
    *,
    epsilon: float = 1e-4,
    sampling: Literal["full", "end"] = "full",
    interpolation: Interpolation = "lerp",
    trim: tuple[float, float] | None = (1, 99),
    mode: Mode = "strict",
    seed: int = 0,
) -> Result:
    """Mean distance of images a step ε apart on a path, over ε² (Karras et al. 2019).

    From 0 up, lower is smoother. Images that are float32 lose most digits at ε = 1e-4: let the
    generator work in float64, or take ε = 1e-2 with a smooth distance.

    Args:
        generate: codes ``(n, d)`` to images or features ``(n, …)``.
        distance: two batches of images to ``(n,)`` squared-like distances.
        starts: codes at t = 0, ``(n, d)``.
        ends: codes at t = 1, ``(n, d)``.
        epsilon: step along the path.
        sampling: ``"full"`` draws t from [0, 1], ``"end"`` takes t = 0.
        interpolation: ``"lerp"`` for intermediate spaces, ``"slerp"`` for Gaussian codes,
            ``"slerp_unit"`` for codes on the unit sphere.
        trim: percentiles outside of which distances are dropped, or None.
        mode: *reference* takes the first image at t = 0 from the raw start, even where the
            interpolation would project it to the sphere: unrelated images are compared.
        seed: of t.
    """
    a, b = feature_pair(starts, ends, at_least=1)
    if len(a) != len(b):
        raise MetricError(f"{len(a)} starts and {len(b)} ends: paths need one of each.")
    if not epsilon > 0:
        raise MetricError(f"epsilon is {epsilon:g}; a step along the path is above 0.")
    between = INTERPOLATIONS[interpolation]
    t = np.random.default_rng(seed).random(len(a)) if sampling == "full" else np.zeros(len(a))
    left, right = a.astype(np.float64), b.astype(np.float64)
    raw = mode == "reference" and sampling == "end"
    ends_of_steps = left if raw else between(left, right, t), between(left, right, t + epsilon)
    steps = _step_lengths(generate, distance, *ends_of_steps, epsilon)
    kept, found = _trimmed(steps, trim)
    return Result(
        metric="path_length",
        value=float(kept.mean()),
        mode=mode,
        interval=_mean_interval(kept),
        breakdown={"mean": float(kept.mean()), "std": float(kept.std()), "kept": len(kept)},
        parameters={
            "epsilon": epsilon,
            "sampling": sampling,
            "interpolation": interpolation,
            "trim": trim,
        },
        data={"paths": len(a), "columns": a.shape[1], "sha256": checksum(a, b)},
        seed=seed,
        warnings=found,
    )


@measured(0)
def named_path_length(
    generate: Generate,
    distance: Distance,
    codes: ArrayLike,
    names: Mapping[str, slice],
    *,
    epsilon: float = 1e-2,
    trim: tuple[float, float] | None = (1, 99),
    mode: Mode = "strict",
    seed: int = 0,
) -> Result:
    """Path length along one named attribute at a time, all else fixed; a jumpy one stands out.

    From 0 up, lower is smoother; the value is the mean over attributes. Each path leads to the
    attribute's value in another, randomly drawn row, at t ~ U(0, 1).

    Args:
        generate: codes ``(n, columns)`` to images or features, with its noise held fixed.
        distance: two batches of images to ``(n,)`` squared-like distances.
        codes: rows of code to start from, ``(n, columns)``.
        names: attribute name to its columns, as ``Schema.slices``.
        epsilon: step along each path.
        trim: percentiles outside of which distances are dropped, or None.
        mode: both modes agree.
        seed: of the partner rows and of t.
    """
    start = feature_pair(codes, codes)[0].astype(np.float64)
    if not names:
        raise MetricError("no attribute was named, so there is no path to measure.")
    generator = np.random.default_rng(seed)
    t = generator.random(len(start))
    lengths, intervals, found = {}, {}, []
    for name, columns in names.items():
        end = start.copy()
        end[:, columns] = start[generator.permutation(len(start)), columns]
        steps = _step_lengths(
            generate, distance, lerp(start, end, t), lerp(start, end, t + epsilon), epsilon
        )
        kept, warnings = _trimmed(steps, trim)
        lengths[name], intervals[name] = float(kept.mean()), _mean_interval(kept)
        found += [f"{name}: {warning}" for warning in warnings]
    return Result(
        metric="named_path_length",
        value=float(np.mean(list(lengths.values()))),
        mode=mode,
        breakdown={"per_attribute": lengths, "intervals": intervals},
        parameters={"epsilon": epsilon, "trim": trim, "interpolation": "lerp"},
        data={"rows": len(start), "columns": start.shape[1], "sha256": checksum(start)},
        seed=seed,
        warnings=tuple(found),
    )


def _step_lengths(
    generate: Generate, distance: Distance, before: Array, after: Array, epsilon: float
) -> Array:
    """Distance over ε² for every path."""
    images = [as_array(generate(points)).astype(np.float64) for points in (before, after)]
    distances = as_array(distance(images[0], images[1])).astype(np.float64)
    if distances.shape != (len(before),):
        raise MetricError(f"distances have shape {distances.shape}; expected ({len(before)},).")
    if not np.isfinite(distances).all():
        raise MetricError(
            f"{int((~np.isfinite(distances)).sum())} of {len(distances)} image distances are NaN "
            "or infinite; check the generator and the distance."
        )
    return distances / epsilon**2


def _trimmed(steps: Array, trim: tuple[float, float] | None) -> tuple[Array, tuple[str, ...]]:
    """Steps between two percentiles, taken as order statistics further out."""
    kept = steps
    if trim is not None:
        low = np.percentile(steps, trim[0], method="lower")
        high = np.percentile(steps, trim[1], method="higher")
        kept = steps[(low <= steps) & (steps <= high)]
    still = not kept.any()
    return kept, ("no step changed the image: the path length is 0.",) if still else ()


def _mean_interval(kept: Array) -> tuple[float, float] | None:
    """95 % interval of a mean of independent steps."""
    if len(kept) < 2:
        return None
    half = 1.959963984540054 * float(kept.std(ddof=1)) / np.sqrt(len(kept))
    return float(kept.mean() - half), float(kept.mean() + half)
