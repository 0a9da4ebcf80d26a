"""Features of images as every quality metric takes them: checked, described, or streamed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.rows import as_array
from interpretable_gan.metrics.uncertainty import checksum

Rows = NDArray[np.floating[Any]]
"""Features ``(n, d)``, one row an image, float32 or float64 as they came."""

LARGEST = 1e45
"""Kernels cube a dot product: beyond this, float64 overflows."""


class Extractor(Protocol):
    """Turns images into features and can say how: see ``metrics.extractors``."""

    @property
    def published(self) -> str | None: ...

    def describe(self) -> dict[str, Any]: ...

    def __call__(self, images: Any) -> NDArray[np.float32]: ...


def feature_rows(features: ArrayLike, side: str, *, at_least: int = 2) -> Rows:
    """Features as a finite float matrix ``(n, d)``.

    Raises:
        MetricError: another shape, fewer than ``at_least`` rows, or values that are not finite
            or too large to square; the message names the side, the row and the column.
    """
    rows = as_array(features)
    if rows.dtype.kind not in "fiub":
        raise MetricError(f"{side} features are {rows.dtype}; expected numbers.")
    if rows.dtype not in (np.float32, np.float64):
        rows = rows.astype(np.float64)
    if rows.ndim == 4:
        raise MetricError(
            f"{side} features have shape {rows.shape}, which are images: let an extractor turn "
            "them into features first, or compare folders of images."
        )
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise MetricError(f"{side} features have shape {rows.shape}; expected (rows, features).")
    if len(rows) < at_least:
        raise MetricError(f"{side} features have {len(rows)} rows; at least {at_least} are needed.")
    lowest, highest = float(rows.min()), float(rows.max())
    if not np.isfinite(lowest) or not np.isfinite(highest):
        row, column = np.argwhere(~np.isfinite(rows))[0]
        raise MetricError(
            f"{side} features hold {rows[row, column]} in row {row}, column {column}; "
            "remove or repair such images first."
        )
    if max(-lowest, highest) > LARGEST:
        raise MetricError(
            f"{side} features reach {max(-lowest, highest):g}; beyond {LARGEST:g} their distances "
            "overflow. Rescale both sides by the same number."
        )
    return rows


def feature_pair(real: ArrayLike, fake: ArrayLike, *, at_least: int = 2) -> tuple[Rows, Rows]:
    """Both sides checked, with the same number of features."""
    real_rows = feature_rows(real, "real", at_least=at_least)
    fake_rows = feature_rows(fake, "generated", at_least=at_least)
    if real_rows.shape[1] != fake_rows.shape[1]:
        raise MetricError(
            f"real features have {real_rows.shape[1]} columns, generated ones "
            f"{fake_rows.shape[1]}; use the same extractor for both."
        )
    return real_rows, fake_rows


def describe_pair(real: Rows, fake: Rows) -> dict[str, Any]:
    """Rows, features and checksum of the data behind a result."""
    return {
        "real_rows": len(real),
        "fake_rows": len(fake),
        "features": real.shape[1],
        "sha256": checksum(real, fake),
    }


def describe_extractor(extractor: Extractor | None) -> dict[str, Any]:
    """Name, weights' checksum, resize filter and value range, or that nobody said them."""
    return {"extractor": extractor.describe() if extractor else "not stated"}


class Accumulator(Protocol):
    """What one side of a metric remembers of the batches it saw."""

    def update(self, features: ArrayLike) -> None: ...

    def merge(self, other: Any) -> None: ...


class RowStore:
    """Remembers every row, for metrics that compare rows with rows."""

    def __init__(self) -> None:
        self.batches: list[Rows] = []

    def update(self, features: ArrayLike) -> None:
        """Add a batch ``(n, d)``."""
        self.batches.append(feature_rows(features, "streamed", at_least=0))

    def merge(self, other: RowStore) -> None:
        """Add the rows of another process."""
        self.batches.extend(other.batches)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        rows = np.concatenate(self.batches) if self.batches else np.empty((0, 1))
        return rows.astype(dtype or rows.dtype, copy=False)


class StreamingMetric:
    """A quality metric fed batch by batch: ``update``, ``merge`` across processes, ``compute``.

    Args:
        metric: any metric of real and generated features in ``metrics.quality``.
        extractor: when given, ``update`` takes images instead of features.
        remember: what to keep of each side: all rows, or only their ``Moments``.
        settings: passed on to ``metric``.

    Example:
        >>> from interpretable_gan.metrics.quality.frechet import Moments, frechet_distance
        >>> metric = StreamingMetric(frechet_distance, remember=Moments)
        >>> metric.update([[0.0], [2.0]], real=True)
        >>> metric.update([[1.0], [3.0]], real=False)
        >>> round(metric.compute().value, 6)
        1.0
    """

    def __init__(
        self,
        metric: Callable[..., Result],
        *,
        extractor: Extractor | None = None,
        remember: Callable[[], Accumulator] = RowStore,
        **settings: Any,
    ) -> None:
        self.metric = metric
        self.extractor = extractor
        self.remember = remember
        self.settings = settings
        self.reset()

    def update(self, batch: Any, *, real: bool) -> None:
        """Add a batch of features ``(n, d)``, or of images where there is an extractor."""
        side = self.real if real else self.fake
        side.update(batch if self.extractor is None else self.extractor(batch))

    def merge(self, others: Iterable[StreamingMetric]) -> None:
        """Add what the same metric saw in other processes."""
        for other in others:
            self.real.merge(other.real)
            self.fake.merge(other.fake)

    def compute(self) -> Result:
        """The metric over all batches so far."""
        return self.metric(self.real, self.fake, extractor=self.extractor, **self.settings)

    def reset(self) -> None:
        """Forget every batch."""
        self.real, self.fake = self.remember(), self.remember()
