"""Gradient-boosted trees with exact splits: the same trees as scikit-learn's, several times faster.

scikit-learn sorts every code anew in every node of every tree. The order of the rows along a code
never changes, so here it is sorted once; a node inherits its parent's order, and all codes are
searched in one pass of array operations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.metrics.rows import FloatArray, IntArray

STAGES = 100
LEARNING_RATE = 0.1
DEPTH = 3
TIE = 1e-7
"""Neighbouring values closer than this cannot be split apart, as in scikit-learn."""
COARSE = 8
"""A code with fewer distinct values than a COARSE-th of the rows is summed by value."""
PURE = float(np.finfo(np.float64).eps)
"""A node whose residuals vary less than this is a leaf."""


@dataclass
class Tree:
    """A regression tree: ``feature`` −1 marks a leaf, ``left``/``right`` are node numbers."""

    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add(self) -> int:
        """A new node, a leaf of value 0 until told otherwise."""
        self.feature.append(-1)
        self.threshold.append(0.0)
        self.left.append(-1)
        self.right.append(-1)
        self.value.append(0.0)
        return len(self.feature) - 1

    def predict(self, x: NDArray[np.float32]) -> FloatArray:
        """(rows,) leaf values of codes (rows, codes)."""
        feature, threshold = np.array(self.feature), np.array(self.threshold)
        left, right = np.array(self.left), np.array(self.right)
        node = np.zeros(len(x), dtype=np.int64)
        for _ in range(DEPTH):
            split = feature[node]
            below = x[np.arange(len(x)), np.maximum(split, 0)] <= threshold[node]
            node = np.where(split < 0, node, np.where(below, left[node], right[node]))
        return np.array(self.value)[node]


class BoostedTrees:
    """Softmax gradient boosting (Friedman 2001): 100 stages, depth 3, rate 0.1, all rows and codes.

    One tree per class and stage, one per stage for two classes. Follows scikit-learn's estimator
    manners (``fit``, ``predict``, ``score``, ``classes_``, ``feature_importances_``), and its
    trees: codes are rounded to float32, equally good splits are chosen between at random.

    Args:
        seed: decides between equally good splits.
        stages: trees per class.
    """

    def __init__(self, seed: int = 0, stages: int = STAGES) -> None:
        self.seed = seed
        self.stages = stages

    def fit(self, codes: FloatArray, labels: NDArray[np.generic]) -> BoostedTrees:
        """Learn from codes (rows, codes) and labels (rows,) with at least two classes."""
        rng = np.random.default_rng(self.seed)
        x = np.ascontiguousarray(np.asarray(codes).T, dtype=np.float32)  # (codes, rows)
        self.classes_, y = np.unique(labels, return_inverse=True)
        outputs = 1 if len(self.classes_) == 2 else len(self.classes_)
        truth = y[:, None] == (np.arange(outputs) if outputs > 1 else [1])  # (rows, outputs)
        presorted = Presorted(x)
        self.importances = np.zeros(len(x))
        self.split_trees = 0
        self.trees: list[list[Tree]] = []
        self.start = _prior_scores(truth)
        scores = np.tile(self.start, (len(y), 1))
        for _ in range(self.stages):
            chance = _probabilities(scores)
            residuals = truth - chance
            self.trees.append([])
            for k in range(outputs):
                self._grow(presorted, residuals[:, k], chance[:, k], scores[:, k], rng)
        self.fitted_ = self._named(scores)
        """What the trees say about the training rows."""
        return self

    def _grow(
        self,
        presorted: Presorted,
        residual: FloatArray,
        chance: FloatArray,
        scores: FloatArray,
        rng: np.random.Generator,
    ) -> None:
        """Fit one tree to the residuals and move ``scores`` by its leaves."""
        tree, rows = Tree(), len(residual)
        classes = len(self.classes_)
        shrink = (classes - 1) / classes if classes > 2 else 1.0

        def grow(node: int, order: IntArray, members: IntArray, depth: int) -> None:
            split = None
            centred = residual[members] - residual[members].mean()
            if depth < DEPTH and len(members) > 1 and np.mean(centred**2) > PURE:
                split = presorted.best_split(order, members, residual, rng)
            if split is None:
                curvature = float(np.sum(chance[members] * (1 - chance[members])))
                step = float(residual[members].sum()) * shrink
                leaf = step / curvature if abs(curvature) >= 1e-150 else 0.0
                tree.value[node] = leaf
                scores[members] += LEARNING_RATE * leaf
                return
            code, threshold, gain = split
            tree.feature[node], tree.threshold[node] = code, threshold
            self.importances[code] += gain / rows
            below = presorted.values[code] <= threshold
            on_side = presorted.side_of(order, below, depth)
            for side, child in ((below, tree.left), (~below, tree.right)):
                child[node] = tree.add()
                inside = members[side[members]]
                if depth + 1 < DEPTH:
                    ordered = presorted.within(order, on_side, len(inside), depth)
                else:  # leaves are not searched
                    ordered = order[:0]
                grow(child[node], ordered, inside, depth + 1)
                np.logical_not(on_side, out=on_side)

        grow(tree.add(), presorted.order, np.arange(rows), 0)
        self.split_trees += tree.feature[0] >= 0
        self.trees[-1].append(tree)

    @property
    def feature_importances_(self) -> FloatArray:
        """Share of the impurity decrease that each code brought; all zero if no tree split."""
        total = self.importances.sum()
        return self.importances / total if total > 0 else self.importances

    def decision_function(self, codes: FloatArray) -> FloatArray:
        """Scores (rows, classes), one column for two classes."""
        x = np.asarray(codes, dtype=np.float32)
        scores = np.tile(self.start, (len(x), 1))
        for stage in self.trees:
            for k, tree in enumerate(stage):
                scores[:, k] += LEARNING_RATE * tree.predict(x)
        return scores

    def predict(self, codes: FloatArray) -> NDArray[np.generic]:
        """The likeliest class of each row."""
        return self._named(self.decision_function(codes))

    def _named(self, scores: FloatArray) -> NDArray[np.generic]:
        best = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] >= 0).astype(int)
        return np.asarray(self.classes_[best])

    def score(self, codes: FloatArray, labels: NDArray[np.generic]) -> float:
        """Accuracy."""
        return float(np.mean(self.predict(codes) == labels))


class Presorted:
    """Codes prepared once for the search of every node's split.

    A code with few distinct values is kept as the rank of each row's value, so that a node needs
    one sum per distinct value; any other as the order of the rows along it. The big arrays live
    here and are written over: asking the system for fresh memory would cost more than the sums.
    """

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.values = values  # (codes, rows)
        order = np.argsort(values, axis=1, kind="stable")
        ascending = np.take_along_axis(values, order, axis=1)
        place = np.zeros(values.shape, dtype=np.int64)
        np.cumsum(np.diff(ascending, axis=1) > TIE, axis=1, out=place[:, 1:])
        coarse = place[:, -1] < values.shape[1] / COARSE
        self.fine, self.coarse = np.flatnonzero(~coarse), np.flatnonzero(coarse)
        self.order = order[~coarse]  # (fine codes, rows)
        self.levels = int(place[coarse].max(initial=0)) + 1
        self.rank = np.empty((len(self.coarse), values.shape[1]), dtype=np.int64)
        np.put_along_axis(self.rank, order[coarse], place[coarse], axis=1)
        self.level_value = np.zeros((len(self.coarse), self.levels), dtype=np.float32)
        np.put_along_axis(self.level_value, place[coarse], ascending[coarse], axis=1)
        self._child_orders = np.empty((DEPTH, self.order.size), dtype=np.int64)
        self._sides = np.empty((DEPTH, self.order.size), dtype=bool)
        self._residual, self._left = np.empty((2, self.order.size))

    def side_of(self, order: IntArray, below: NDArray[np.bool_], depth: int) -> NDArray[np.bool_]:
        """For each entry of a node's order, whether that row is below the node's split."""
        on_side = self._sides[depth, : order.size]
        return np.take(below, order.ravel(), out=on_side, mode="clip")

    def within(
        self, order: IntArray, on_side: NDArray[np.bool_], count: int, depth: int
    ) -> IntArray:
        """The node's order of only the ``count`` rows that are on one side of its split."""
        child = self._child_orders[depth, : len(order) * count]
        # every code lists the same rows, so each line of the result has ``count`` of them
        return np.compress(on_side, order.ravel(), out=child).reshape(len(order), count)

    def best_split(
        self, order: IntArray, members: IntArray, residual: FloatArray, rng: np.random.Generator
    ) -> tuple[int, float, float] | None:
        """Code, threshold and impurity decrease (times rows) of the best split of a node.

        ``order`` (fine codes, rows of the node) lists the node's rows along each fine code. With
        residuals centred in the node, cutting off i of its n rows with sum S lowers the squared
        error by S² n / (i (n − i)). Equally good codes are chosen between at random.
        """
        mean = residual[members].mean()
        gain = np.full(len(self.values), -1.0)
        place = np.zeros(len(self.values), dtype=np.int64)
        counts = np.empty((0, 0))
        if len(self.fine):
            gain[self.fine], place[self.fine] = self._cuts_in_order(order, residual, mean)
        if len(self.coarse):
            sums, counts = self._sums_by_level(members, residual[members] - mean)
            gain[self.coarse], place[self.coarse] = _cuts_between_levels(sums, counts)
        top = gain.max()
        if top < 0:
            return None
        equal = np.flatnonzero(gain >= top * (1 - 1e-12))
        code = int(equal[0] if len(equal) == 1 else rng.choice(equal))
        low, high = self._around(code, place[code], order, counts)
        middle = low / 2 + high / 2
        return code, low if middle == high else middle, float(gain[code])

    def _around(
        self, code: int, place: int, order: IntArray, counts: FloatArray
    ) -> tuple[float, float]:
        """The values of the node's rows on both sides of a cut."""
        if code in self.coarse:
            at = int(np.searchsorted(self.coarse, code))
            after = place + 1 + int(np.argmax(counts[at, place + 1 :] > 0))
            return float(self.level_value[at, place]), float(self.level_value[at, after])
        at = int(np.searchsorted(self.fine, code))
        low, high = self.values[code, order[at, place : place + 2]]
        return float(low), float(high)

    def _cuts_in_order(
        self, order: IntArray, residual: FloatArray, mean: float
    ) -> tuple[FloatArray, IntArray]:
        """Best gain along each fine code (−1 for none), and after which row of its order to cut."""
        codes, rows = order.shape
        shape = (codes, rows)
        centred = self._residual[: order.size].reshape(shape)
        left = self._left[: order.size].reshape(shape)
        np.take(residual, order, out=centred, mode="clip")
        centred -= mean
        # torch's running sum is four times as fast as numpy's
        torch.cumsum(torch.from_numpy(centred), dim=1, out=torch.from_numpy(left))
        gain = np.multiply(left, left, out=left)[:, :-1]
        count = np.arange(1, rows)
        gain *= rows / (count * (rows - count))
        place = gain.argmax(axis=1)
        for at, k in enumerate(self.fine):
            values = self.values[k]
            if values[order[at, place[at] + 1]] - values[order[at, place[at]]] <= TIE:
                gain[at, np.diff(values[order[at]]) <= TIE] = -1.0
                place[at] = gain[at].argmax()
        return gain[np.arange(codes), place], place

    def _sums_by_level(
        self, members: IntArray, centred: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Sum of residuals and number of rows at each distinct value: (coarse codes, levels)."""
        codes, size = len(self.coarse), len(self.coarse) * self.levels
        cell = self.rank[:, members] + np.arange(codes)[:, None] * self.levels
        sums = np.bincount(cell.ravel(), weights=np.tile(centred, codes), minlength=size)
        counts = np.bincount(cell.ravel(), minlength=size).astype(np.float64)
        shape = (codes, self.levels)
        return sums.astype(np.float64).reshape(shape), counts.reshape(shape)


def _cuts_between_levels(sums: FloatArray, counts: FloatArray) -> tuple[FloatArray, IntArray]:
    """Best gain along each code (−1 where its rows are all equal), and after which level to cut."""
    rows = counts[0].sum()
    left, count = sums.cumsum(axis=1), counts.cumsum(axis=1)
    possible = (counts > 0) & (count < rows)
    share = np.where(possible, count * (rows - count), 1.0)
    gain = np.where(possible, left * left * rows / share, -1.0)
    place = gain.argmax(axis=1)
    return gain[np.arange(len(gain)), place], place


def _prior_scores(truth: NDArray[np.bool_]) -> FloatArray:
    """Log of the class frequencies; log-odds for two classes."""
    tiny = np.finfo(np.float32).eps
    share = np.clip(truth.mean(axis=0), tiny, 1 - tiny)
    return np.log(share) if len(share) > 1 else np.log(share / (1 - share))


def _probabilities(scores: FloatArray) -> FloatArray:
    from scipy.special import expit, softmax

    return np.asarray(softmax(scores, axis=1) if scores.shape[1] > 1 else expit(scores))
