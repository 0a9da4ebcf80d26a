"""The whole discriminator of a table, as an audit fits it: columns, pairs, a discovered attribute
and a residual.

    D(x) = b + Σ_k f_k(x_k) + Σ_{j<k} f_jk(x_j, x_k) + g(cluster of x) + w · r(x)

The cluster is a hidden state of the likelihood model, which nobody named. The residual r is boosted
trees that learned what the rest gets wrong, and w is learned on other rows, so that a residual
which only remembers gets no weight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.ensemble import HistGradientBoostingRegressor

from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.discriminator import judged, labelled
from interpretable_gan.models.tables.head import JOIN, AdditiveHead
from interpretable_gan.models.tables.head_fit import fit_head
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

CLUSTER = "cluster of rows"
REFITS = 2
"""Fits of the additive part: intervals are over test rows, and need none."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowJudge:
    """Tells real rows from drawn ones; its score is the log-odds of a row being real.

    Args:
        head: over the columns and the cluster.
        cluster: name of the attribute that was discovered.
        sampler: finds the cluster of a row.
        trees: the residual.
        weight: of the residual.
    """

    head: AdditiveHead
    cluster: str
    sampler: RowSampler
    trees: Any
    weight: float

    def terms(self, cells: Array) -> Terms:
        """The scores as exact sums.

        Args:
            cells: rows of the table, float64 (rows, columns).
        """
        found = self.head.terms(judged(self.head, with_cluster(self.sampler, cells)))
        parts = []
        for part in found.parts:
            looked_at = self.columns(part)
            for source in ("named", "discovered"):
                own = [
                    k for k, c in enumerate(looked_at) if (self.cluster in c) == (source != "named")
                ]
                if own:
                    names = tuple(part.rows[k] for k in own)
                    kind = part.kind if source == "named" else f"{part.kind} with a cluster"
                    parts.append(Part(kind, source, part.values[:, own], names))
        rest = torch.from_numpy(self.weight * self.trees.predict(cells))
        parts.append(Part("boosted trees", "residual", rest[:, None, None], ("everything else",)))
        return Terms(tuple(parts), found.bias, found.total + rest)

    def columns(self, part: Part) -> tuple[tuple[str, ...], ...]:
        """The columns that each term of a part of ours looks at."""
        kept = {JOIN.join(term): term for term in self.head.scores}
        return tuple(kept[row] for row in part.rows)


def with_cluster(sampler: RowSampler, cells: Array) -> Array:
    """Rows with one more column, their cluster."""
    return np.concatenate([cells, sampler.cluster(cells)[:, None]], axis=1)


def fit_judge(data: TableData, sampler: RowSampler, config: TableConfig) -> RowJudge:
    """Learn to tell the training rows from as many drawn ones; validation rows weigh the residual.

    Raises:
        MissingExtraError: ``interpret`` is not installed.
    """
    names = data.schema.names
    name = next(n for n in (CLUSTER, f"{CLUSTER} (found)", "found cluster") if n not in names)
    levels = tuple(str(number) for number in range(max(len(sampler.circuit.root), 2)))
    found = Attribute(name=name, kind="categorical", levels=levels)
    wider = Schema(name=data.schema.name, attributes=(*data.schema.named, found), augmentations=())
    real = data.cells[data.rows("train")]
    drawn = sampler.draw(len(real), seed=config.seed + 2).cells
    sides = [with_cluster(sampler, rows) for rows in (real, drawn)]
    head = fit_head(
        labelled(replace(data, schema=wider), *sides), config.model_copy(update={"refits": REFITS})
    )
    rows, truth = np.concatenate([real, drawn]), np.repeat([1.0, 0.0], len(real))
    said = head.predict(judged(head, np.concatenate(sides))).numpy()
    trees = HistGradientBoostingRegressor(
        max_iter=200, early_stopping=True, random_state=config.seed
    ).fit(rows, truth - said)
    judge = RowJudge(head, name, sampler, trees, 1.0)
    return replace(judge, weight=_weight(judge, data, config))


def _weight(judge: RowJudge, data: TableData, config: TableConfig) -> float:
    """What the residual is worth on validation rows and as many drawn ones: the weight of least
    log-loss, 0 or more; 0 without such rows."""
    real = data.cells[data.rows("validation")]
    if not len(real):
        return 0.0
    rows = np.concatenate([real, judge.sampler.draw(len(real), seed=config.seed + 3).cells])
    sign = np.repeat([1.0, -1.0], len(real))
    terms = judge.terms(rows)
    rest = terms.by_source()["residual"].numpy()
    base = terms.total.numpy() - rest
    loss = minimize_scalar(
        lambda w: np.logaddexp(0, -sign * (base + w * rest)).mean(),
        bounds=(0, 20),
        method="bounded",
    )
    return float(loss.x)
