"""Train on synthetic, test on real: is the synthetic table as good to learn from?"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import f1_score, r2_score, roc_auc_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from interpretable_gan.errors import MetricError, did_you_mean
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.encode import Encoder
from interpretable_gan.metrics.tables.typed_table import TypedTable, describe_tables

ModelName = Literal["linear", "tree", "boosted_trees", "mlp"]
Scores = dict[str, float]


def _linear_classifier(seed: int, levels: int, mode: Mode) -> Any:
    steps = 50 if mode == "reference" else 10_000
    return LogisticRegression(class_weight="balanced", max_iter=steps)


def _tree_classifier(seed: int, levels: int, mode: Mode) -> Any:
    depth = 15 if levels == 2 else 30
    return DecisionTreeClassifier(max_depth=depth, class_weight="balanced", random_state=seed)


CLASSIFIERS: dict[str, Callable[[int, int, Mode], Any]] = {
    "linear": _linear_classifier,
    "tree": _tree_classifier,
    "boosted_trees": lambda seed, levels, mode: HistGradientBoostingClassifier(random_state=seed),
    "mlp": lambda seed, levels, mode: MLPClassifier(
        hidden_layer_sizes=(50,), max_iter=50, random_state=seed
    ),
}

REGRESSORS: dict[str, Callable[[int], Any]] = {
    "linear": lambda seed: LinearRegression(),
    "tree": lambda seed: DecisionTreeRegressor(max_depth=15, random_state=seed),
    "boosted_trees": lambda seed: HistGradientBoostingRegressor(random_state=seed),
    "mlp": lambda seed: MLPRegressor(hidden_layer_sizes=(100,), max_iter=50, random_state=seed),
}


@measured(high=1)
def train_synthetic_test_real(
    real: Any,
    synthetic: Any,
    holdout: Any,
    *,
    target: str,
    model: ModelName = "boosted_trees",
    positive_class: Any = None,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    seed: int = 0,
) -> Result:
    """Score on real holdout rows after learning from synthetic rows (Esteban et al. 2017).

    F1 for a category (of the positive class for two, macro for more), R² for a number; at most 1,
    higher is better, to be read against ``trained_on_real``. The breakdown has AUC and accuracy,
    or RMSE, of both, and the ratio.

    Args:
        real: the training table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        holdout: real rows to test on.
        target: the column to predict; rows without it are left out.
        model: ``"linear"``, ``"tree"``, ``"boosted_trees"`` or ``"mlp"``.
        positive_class: which of two categories F1 is for; must be named for text labels.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: *reference* stops logistic regression after 50 steps.
        seed: of the model.
    """
    tables = as_tables({"real": real, "synthetic": synthetic, "holdout": holdout}, metadata)
    found = [warning for table in tables for warning in table.warnings]
    r, s, h = (
        _labelled(table, target, role, found)
        for table, role in zip(tables, ("real", "synthetic", "holdout"), strict=True)
    )
    task = _Task(target, model, mode, seed, found)
    judged: Callable[[TypedTable, TypedTable], Scores]
    headline, judged = "r2", task.regression
    if not r.columns[target].numeric:
        positive = _positive(r, target, positive_class)
        headline, judged = "f1", partial(task.classification, positive=positive)
    on_synthetic, on_real = judged(s, h), judged(r, h)
    value, best = on_synthetic[headline], on_real[headline]
    return Result(
        metric="train_synthetic_test_real",
        value=value,
        mode=mode,
        breakdown={
            "trained_on_synthetic": on_synthetic,
            "trained_on_real": on_real,
            "ratio": value / best if best > 0 else math.nan,
        },
        parameters={"target": target, "model": model, "score": headline}
        | {"positive_class": positive_class},
        data=describe_tables(real=r, synthetic=s, holdout=h),
        seed=seed,
        warnings=tuple(dict.fromkeys(found)),
    )


def _labelled(table: TypedTable, target: str, role: str, found: list[str]) -> TypedTable:
    """The rows that have a label, of a table with more columns than the target."""
    if target not in table.columns:
        raise MetricError(
            f"the tables have no column {target!r}.{did_you_mean(target, list(table.columns))}"
        )
    if len(table.columns) < 2:
        raise MetricError(f"{target!r} is the only column: there is nothing to predict it from.")
    missing = table.columns[target].missing
    if missing.all():
        raise MetricError(f"the {role} table has no value in the target column {target!r}.")
    if missing.any():
        found.append(f"{int(missing.sum())} {role} rows without {target!r} were left out.")
    return table.take(np.flatnonzero(~missing))


def _positive(real: TypedTable, target: str, positive_class: Any) -> str | None:
    """The class that F1 is for, where there are two."""
    levels = sorted(set(real.columns[target].present))
    if len(levels) > 2:
        return None
    if positive_class is None and real.columns[target].kind == "boolean":
        return "True"
    if positive_class is None and len(levels) == 2:
        raise MetricError(
            f"which class of {target!r} is positive? Pass positive_class={levels[0]!r} or "
            f"{levels[1]!r}: F1 differs."
        )
    if positive_class is not None and str(positive_class) not in levels:
        raise MetricError(
            f"{target!r} has no class {positive_class!r}; it has {', '.join(levels)}."
        )
    return levels[0] if positive_class is None else str(positive_class)


@dataclass(frozen=True)
class _Task:
    """A target to predict, and how."""

    target: str
    model: str
    mode: Mode
    seed: int
    found: list[str]

    def classification(self, train: TypedTable, test: TypedTable, positive: str | None) -> Scores:
        """F1, AUC and accuracy on the test table."""
        truth, labels = test.columns[self.target].values, train.columns[self.target].values
        levels = sorted(set(labels))
        if len(levels) == 1:
            self.found.append(f"a training table holds one class of {self.target!r}: {levels[0]}.")
            guess = np.full(len(truth), levels[0], object)
            return self._classified(truth, guess, None, levels, positive)
        estimator = CLASSIFIERS[self.model](self.seed, len(levels), self.mode)
        rows, test_rows = self._rows(train, test)
        fitted = self._fit(estimator, rows, labels.astype(str))
        guess, sure = fitted.predict(test_rows), fitted.predict_proba(test_rows)
        return self._classified(truth, guess, sure, levels, positive)

    def _classified(
        self,
        truth: NDArray[Any],
        guess: NDArray[Any],
        sure: NDArray[Any] | None,
        levels: list[str],
        positive: str | None,
    ) -> Scores:
        truth, guess = truth.astype(str), guess.astype(str)
        accuracy = float((truth == guess).mean())
        if positive is None:
            f1 = f1_score(truth, guess, average="macro", zero_division=0)
            return {"f1": float(f1), "auc": math.nan, "accuracy": accuracy}
        f1 = f1_score(truth == positive, guess == positive, zero_division=0)
        area = math.nan
        if 0 < (truth == positive).sum() < len(truth):
            likely = np.zeros(len(truth))
            if sure is not None and positive in levels:
                likely = sure[:, levels.index(positive)]
            area = float(roc_auc_score(truth == positive, likely))
        else:
            self.found.append(f"the holdout holds one class of {self.target!r}: AUC is undefined.")
        return {"f1": float(f1), "auc": area, "accuracy": accuracy}

    def regression(self, train: TypedTable, test: TypedTable) -> Scores:
        """R² and RMSE on the test table."""
        truth = test.columns[self.target].values
        rows, test_rows = self._rows(train, test)
        fitted = self._fit(
            REGRESSORS[self.model](self.seed), rows, train.columns[self.target].values
        )
        guess = fitted.predict(test_rows)
        rmse = float(np.sqrt(np.mean((truth - guess) ** 2)))
        if np.ptp(truth) == 0:
            self.found.append(f"the holdout's {self.target!r} is constant: R² is undefined.")
            return {"r2": math.nan, "rmse": rmse}
        return {"r2": float(r2_score(truth, guess)), "rmse": rmse}

    def _rows(self, train: TypedTable, test: TypedTable) -> tuple[NDArray[Any], NDArray[Any]]:
        encode = Encoder.fit(train.without(self.target))
        self.found.extend(encode.notes)
        return encode(train.without(self.target)), encode(test.without(self.target))

    def _fit(self, estimator: Any, rows: NDArray[Any], labels: NDArray[Any]) -> Any:
        with warnings.catch_warnings():
            if self.mode == "reference" or self.model == "mlp":  # both stop where they are told
                warnings.simplefilter("ignore", ConvergenceWarning)
            return make_pipeline(RobustScaler(), estimator).fit(rows, labels)
