"""The additive head as estimators of scikit-learn, for pipelines and searches.

from interpretable_gan.models.tables import AdditiveClassifier

model = AdditiveClassifier(effects={"income": "increasing"}).fit(frame, frame_target)
model.predict_proba(frame)
model.terms(frame).by_row()["income"]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import DataError
from interpretable_gan.models.tables.calibrate import calibrated
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import fit_head
from interpretable_gan.models.terms import Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

TARGET = "target"

FEW = 10
"""Rows of each class below which probabilities are not calibrated."""

CHECKED: dict[str, Any] = {
    "dtype": None,
    "ensure_all_finite": "allow-nan",
    "ensure_min_samples": 2,
}
"""What is asked of rows to learn from."""

Array = NDArray[np.float64]


class _Additive(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: columns to cells, and the settings of `TableConfig`.

    Args:
        pairs: most pairs of columns.
        refits: fits whose mean the head is.
        effects: column → ``increasing``, ``decreasing`` or ``none``, see `Attribute.effect`.
        random_state: seed of every random choice.
        n_jobs: processor threads.

    Numbers may be missing. Columns of a data frame that hold anything else are levels, and levels
    that were not there when it was fitted count as missing.
    """

    def __init__(
        self,
        *,
        pairs: int = 20,
        refits: int = 8,
        effects: Mapping[str, str] | None = None,
        random_state: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.pairs = pairs
        self.refits = refits
        self.effects = effects
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def terms(self, rows: Any) -> Terms:
        """The score of each row as an exact sum over columns and pairs of columns."""
        cells = self._rows(rows)
        return self.head_.terms(cells)

    def _fit(self, rows: Any, truth: Array, target: Attribute, wanted: str | None) -> None:
        """Fit the head on checked rows, and keep it."""
        names = [str(name) for name in getattr(self, "feature_names_in_", ())]
        names = names or [f"x{number}" for number in range(rows.shape[1])]
        if unknown := set(self.effects or {}) - set(names):
            raise DataError(f"effects name {min(unknown)!r}, but columns are {', '.join(names)}.")
        columns = [_column(rows[:, number]) for number in range(rows.shape[1])]
        self.levels_ = [_levels(column) for column in columns]
        attributes = [
            _attribute(name, column, levels, (self.effects or {}).get(name, "any"))
            for name, column, levels in zip(names, columns, self.levels_, strict=True)
        ]
        schema = Schema(
            name="table",
            attributes=(*attributes, target),
            target=target.name,
            wanted=wanted,
            augmentations=(),
        )
        cells = np.concatenate([self._cells(columns), truth[:, None]], axis=1)
        data = TableData("table", schema, cells, {"train": np.arange(len(cells))})
        config = TableConfig.of(
            pairs=self.pairs, refits=self.refits, seed=self.random_state, threads=self.n_jobs
        )
        head = fit_head(data, config, least=1)
        enough = target.kind == "continuous" or min(np.bincount(truth.astype(int))) >= FEW
        self.head_: AdditiveHead = calibrated(head, data, config) if enough else head

    def _rows(self, rows: Any) -> torch.Tensor:
        """Rows as the head takes them, with a target that is not known."""
        check_is_fitted(self, "head_")
        rows = validate_data(self, rows, reset=False, dtype=None, ensure_all_finite="allow-nan")
        columns = [_column(rows[:, number]) for number in range(rows.shape[1])]
        cells = self._cells(columns)
        return torch.from_numpy(np.concatenate([cells, np.full((len(cells), 1), np.nan)], axis=1))

    def _cells(self, columns: list[Any]) -> Array:
        """Numbers as they are, levels by their number, nan where not known."""
        found = []
        for column, levels in zip(columns, self.levels_, strict=True):
            if levels is None:
                found.append(np.asarray(column, float))
            else:
                numbers = {level: float(number) for number, level in enumerate(levels)}
                found.append(np.array([numbers.get(str(cell), np.nan) for cell in column]))
        return np.stack(found, axis=1)


class AdditiveClassifier(ClassifierMixin, _Additive):  # type: ignore[misc]
    """A probability of the second of two classes, as an exact sum over columns and pairs."""

    def fit(self, X: Any, y: Any) -> AdditiveClassifier:
        """Learn from rows and their classes."""
        X, y = validate_data(self, X, y, **CHECKED)
        check_classification_targets(y)
        if (kind := type_of_target(y, input_name="y")) != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        self.classes_, truth = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        self._fit(X, truth.astype(float), Attribute(name=_free(self), words=("no", "yes")), "yes")
        return self

    def decision_function(self, X: Any) -> Array:
        """Log-odds of the second class, (rows,)."""
        rows = self._rows(X)
        return self.head_.score(rows).numpy()

    def predict_proba(self, X: Any) -> Array:
        """Probabilities of both classes, (rows, 2)."""
        rows = self._rows(X)
        second = self.head_.predict(rows).numpy()
        return np.stack([1 - second, second], axis=1)

    def predict(self, X: Any) -> Any:
        """The likelier class, (rows,)."""
        rows = self._rows(X)
        return self.classes_[(self.head_.predict(rows).numpy() > 0.5).astype(int)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


class AdditiveRegressor(RegressorMixin, _Additive):  # type: ignore[misc]
    """A number as an exact sum over columns and pairs."""

    def fit(self, X: Any, y: Any) -> AdditiveRegressor:
        """Learn from rows and their numbers."""
        X, y = validate_data(self, X, y, y_numeric=True, **CHECKED)
        truth = np.asarray(y, float)
        target = _attribute(_free(self), truth, None, "any")
        self._fit(X, truth, target, None)
        return self

    def predict(self, X: Any) -> Array:
        """The number of each row, (rows,)."""
        rows = self._rows(X)
        return self.head_.predict(rows).numpy()


def _free(estimator: Any) -> str:
    """A name for the target that no column has."""
    names = set(map(str, getattr(estimator, "feature_names_in_", ())))
    return next(each for each in (TARGET, "the target", "the target column") if each not in names)


def _column(values: Any) -> Any:
    """Numbers where all cells are, else what they are.

    Raises:
        TypeError: a cell that is neither a number nor a text.
    """
    if values.dtype.kind in "biuf":
        return values.astype(float)
    try:
        return np.array([np.nan if cell is None else float(cell) for cell in values.tolist()])
    except ValueError:
        return values


def _levels(column: Any) -> list[str] | None:
    """The levels of a column, None where it holds numbers."""
    if column.dtype.kind == "f":
        return None
    return sorted({str(cell) for cell in column.tolist() if cell is not None and cell == cell})


def _attribute(name: str, column: Any, levels: list[str] | None, effect: Any) -> Attribute:
    """A column in the words of a schema."""
    if levels is not None:
        levels = levels if len(levels) > 1 else [*levels, "any other"]
        return Attribute(name=name, kind="categorical", levels=tuple(levels), effect=effect)
    low, high = float(np.nanmin(column, initial=np.inf)), float(np.nanmax(column, initial=-np.inf))
    low, high = (low, high) if low < high else (min(low, 0.0), max(low, 0.0) + 1.0)
    if not np.isfinite([low, high]).all():
        low, high = 0.0, 1.0
    return Attribute(name=name, kind="continuous", range=(low, high), effect=effect)
