"""What leaving out a row does to a score, beside fitting again without it."""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse import csr_matrix

from interpretable_gan.explain.influence import bins_of, influential_rows, left_out


def fitted(features, truth, kept):
    """A penalised additive logistic model, by Newton's method to the end."""
    theta = np.zeros(features.shape[1])
    for _ in range(30):
        said = 1 / (1 + np.exp(-features[kept] @ theta))
        slope = features[kept].T @ (truth[kept] - said) - theta
        curve = (features[kept].T * (said * (1 - said))) @ features[kept] + np.eye(len(theta))
        theta += np.linalg.solve(curve, slope)
    return theta


def test_one_newton_step_is_close_to_fifty_refits():
    luck = np.random.default_rng(0)
    bins = luck.integers(0, 6, (400, 4))
    features = np.concatenate([np.eye(6)[bins[:, k]] for k in range(4)], axis=1)
    truth = (luck.random(400) < 1 / (1 + np.exp(-(bins[:, 0] - 2.5)))).astype(float)
    every = np.arange(400)
    theta = fitted(features, truth, every)
    said = 1 / (1 + np.exp(-features @ theta))
    example = features[3:4]
    mine = left_out(csr_matrix(features), csr_matrix(example), said * (1 - said), truth - said)
    rows = luck.permutation(400)[:50]
    theirs = [float(example[0] @ (fitted(features, truth, every != row) - theta)) for row in rows]
    assert np.corrcoef(mine[rows], theirs)[0, 1] > 0.99
    assert np.abs(mine[rows] - theirs).max() < 0.2 * np.abs(theirs).max()


def test_bins_give_the_scores_of_the_head(loans):
    head, rows = loans.model.head, torch.from_numpy(loans.data.cells[:50])
    entries = np.concatenate(
        [[float(head.bias)], *(s.ravel().numpy() for s in head.scores.values())]
    )
    np.testing.assert_allclose(bins_of(head, rows) @ entries, head.score(rows).numpy(), atol=1e-12)


def test_rows_of_the_other_outcome_pull_the_other_way(loans):
    found = influential_rows(loans.model, loans.data.cells[:1], loans.data)
    risk = loans.data.schema.names.index("risk")
    nearest = [row for row, _ in found.strongest(10)]
    moves = [move for _, move in found.strongest(10)]
    good = loans.data.cells[nearest, risk] == loans.data.schema["risk"].values.index("good")
    assert all((move < 0) == bool(g) for move, g in zip(moves, good, strict=True))
