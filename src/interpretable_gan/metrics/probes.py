"""The predictors that ask codes about a factor: logistic regression and trees."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.boosted_trees import BoostedTrees
from interpretable_gan.metrics.result import Mode
from interpretable_gan.metrics.rows import FloatArray, Note

FOREST_DEPTHS = (8, 16, 32, 64, 128)


class Classifier(Protocol):
    """What every fitted probe can do."""

    classes_: NDArray[Any]

    def predict(self, codes: FloatArray) -> NDArray[Any]: ...


TreeProbe = Literal["gbt", "gbt_sklearn", "forest"]


def boosted(codes: FloatArray, labels: FloatArray, seed: int) -> Classifier:
    """Boosted trees, 100 stages of depth 3: scikit-learn's values, faster."""
    return BoostedTrees(seed).fit(codes, labels)


def boosted_sklearn(codes: FloatArray, labels: FloatArray, seed: int) -> Classifier:
    """scikit-learn's own boosted trees, to compare with."""
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(random_state=seed).fit(codes, labels)


def forest(codes: FloatArray, labels: FloatArray, seed: int) -> Classifier:
    """A random forest of 10 trees whose depth is chosen on a fifth of the rows."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV, ShuffleSplit

    search = GridSearchCV(
        RandomForestClassifier(n_estimators=10, random_state=seed),
        {"max_depth": FOREST_DEPTHS},
        cv=ShuffleSplit(1, test_size=0.2, random_state=seed),
    )
    return search.fit(codes, labels).best_estimator_


TREE_PROBES: dict[str, Callable[[FloatArray, FloatArray, int], Classifier]] = {
    "gbt": boosted,
    "gbt_sklearn": boosted_sklearn,
    "forest": forest,
}


def majority(labels: FloatArray) -> Classifier:
    """Always says the commonest class: for labels that nothing can be fitted to."""
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="most_frequent").fit(np.zeros((len(labels), 1)), labels)


def accuracies(
    model: Any, codes: FloatArray, labels: NDArray[Any], test_codes: FloatArray, test: NDArray[Any]
) -> tuple[float, float]:
    """Share of training and of test rows whose class the fitted model names."""
    says = getattr(model, "fitted_", None)  # our trees remember what they say of training rows
    says = model.predict(codes) if says is None else says
    return float(np.mean(says == labels)), accuracy(model, test_codes, test)


def logistic_regression(
    codes: FloatArray,
    labels: NDArray[Any],
    *,
    mode: Mode,
    note: Note,
    penalty: float = 1.0,
    balanced: bool = False,
) -> Any:
    """Softmax regression with ½‖W‖² · ``penalty``, fitted by L-BFGS to a gradient of 1e-4.

    *reference* stops at 100 iterations and uses what it has; *strict* goes on until it converges,
    and says so when 10,000 iterations were not enough.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=1 / penalty if penalty else np.inf,
        class_weight="balanced" if balanced else None,
        max_iter=100 if mode == "reference" else 10_000,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(codes, labels)
    if mode == "strict" and any(issubclass(w.category, ConvergenceWarning) for w in caught):
        note("logistic regression did not converge in 10,000 iterations")
    return model


def accuracy(model: Classifier, codes: FloatArray, labels: NDArray[Any]) -> float:
    """Share of rows whose class the model names."""
    return float(np.mean(model.predict(codes) == labels))


def standardised(train: FloatArray, *others: FloatArray) -> tuple[FloatArray, ...]:
    """All parts with the training mean taken off and divided by the training deviation.

    A constant column becomes 0.
    """
    center, scale = train.mean(axis=0), train.std(axis=0)
    scale = np.where(np.ptp(train, axis=0) > 0, scale, 1.0)
    return tuple((part - center) / scale for part in (train, *others))


def fitted(codes: FloatArray, labels: NDArray[Any], rng: np.random.Generator, note: Note) -> Any:
    """Fitted boosted trees, or the majority class where there is only one class or no code."""
    if len(np.unique(labels)) < 2 or not codes.shape[1]:
        note("one class or no code left to learn from: the commonest class is predicted")
        return majority(labels)
    return boosted(codes, labels, int(rng.integers(2**31)))
