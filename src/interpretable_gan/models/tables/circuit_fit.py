"""Fitting a circuit: a tree of the columns that go together most, then expectation maximisation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor

from interpretable_gan.chance import generator
from interpretable_gan.models.tables.circuit import ROOT, TINY, Circuit
from interpretable_gan.progress import Progress, Status, silent

COARSE = 24
"""States into which those of a column are put together to see which columns go together."""

BATCH = 1024
"""Rows of a step."""

EPOCHS, STEPS, MOST_STEPS = 40, 400, 4000
"""Of the fit: epochs, and how many steps these are at least and at most."""

FIRST, LAST = 0.3, 0.01
"""How far a step moves the tables to what its rows say, at the start and at the end."""

SMOOTH = 0.05
"""Rows that each entry of a table is counted as seen beside its own."""

ROWS_OF_A_STATE = 150
"""Training rows for each hidden state, so that its tables can be learned."""

LEAST, MOST = 8, 128
"""Hidden states of a column."""

Rows = NDArray[np.int64]


def fit_circuit(
    states: Rows,
    counts: list[int],
    *,
    hidden: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Circuit:
    """Fit a circuit to rows of states.

    Args:
        states: (rows, columns).
        counts: how many states each column has.
        hidden: states of each hidden variable; by default one for `ROWS_OF_A_STATE` rows.
        seed: of the start and of the order of rows.
        progress: told how many epochs are done.
    """
    hidden = hidden or min(max(len(states) // ROWS_OF_A_STATE, LEAST), MOST)
    seen = [torch.from_numpy(_seen(states[:, k], n)) for k, n in enumerate(counts)]
    circuit = _start(states, seen, chow_liu(states, counts), hidden, seed)
    rows, steps = torch.from_numpy(states), math.ceil(len(states) / BATCH)
    epochs = max(min(EPOCHS, MOST_STEPS // steps), math.ceil(STEPS / steps))
    for epoch in range(epochs):
        order = torch.randperm(len(rows), generator=generator(seed, "circuit", epoch))
        for step, batch in enumerate(order.chunk(steps)):
            done = (epoch * steps + step) / (epochs * steps)
            rate = FIRST * (LAST / FIRST) ** done
            circuit = _moved(circuit, rows[batch], seen, rate, len(rows))
        progress(Status(epoch + 1, epochs))
    return circuit


def chow_liu(states: Rows, counts: list[int]) -> tuple[int, ...]:
    """The parent of each column in the tree of most mutual information (Chow & Liu 1968)."""
    coarse = [_coarse(states[:, k], n) for k, n in enumerate(counts)]
    columns = len(counts)
    gains = np.zeros((columns, columns))
    for i in range(columns):
        for j in range(i):
            gains[i, j] = _mutual_information(coarse[i], coarse[j])
    tree = minimum_spanning_tree(-(gains + TINY))
    centre = int(np.asarray((gains + gains.T).sum(axis=0)).argmax())
    _, parents = breadth_first_order(tree, centre, directed=False)
    return tuple(ROOT if k == centre else int(parents[k]) for k in range(columns))


def _coarse(states: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The most frequent states as they are and runs of the others put together, in order."""
    if count <= COARSE:
        return states
    shares = np.bincount(states, minlength=count).cumsum() / len(states)
    return np.floor((shares[states] - 1e-9) * COARSE).astype(np.int64)


def _mutual_information(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """In nats, less what chance alone would give (Miller 1955)."""
    width = int(b.max()) + 1
    joint = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width)
    share = joint / joint.sum()
    apart = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    there = share > 0
    found = float((share[there] * np.log(share[there] / apart[there])).sum())
    rows, columns = (joint.sum(axis=1) > 0).sum(), (joint.sum(axis=0) > 0).sum()
    return max(found - (rows - 1) * (columns - 1) / (2 * len(a)), 0.0)


def _seen(states: NDArray[np.int64], count: int) -> NDArray[np.float32]:
    """The share of rows in each state: what was never seen stays so."""
    return (np.bincount(states, minlength=count) / len(states)).astype(np.float32)


def _start(
    states: Rows, seen: list[Tensor], parents: tuple[int, ...], hidden: int, seed: int
) -> Circuit:
    """A tree of the columns themselves: each hidden variable says in which run of its column's
    states a row lies and, where there are more hidden states than runs, to which cluster the row
    belongs, so that it can learn what its own column does not tell."""
    ranks = np.stack(
        [share.cumsum(0).numpy()[states[:, k]] for k, share in enumerate(seen)], axis=1
    )
    clusters = MiniBatchKMeans(hidden, random_state=seed, n_init=1, batch_size=4096).fit(ranks)
    groups = []
    for k, share in enumerate(seen):
        runs = _runs(states[:, k], share, hidden)
        parts = hidden // (int(runs.max()) + 1)
        groups.append(torch.from_numpy(runs * parts + clusters.labels_ % parts))
    leaves = tuple(
        _shares(_counted(group, torch.from_numpy(states[:, k]), (hidden, len(seen[k]))) + seen[k])
        for k, group in enumerate(groups)
    )
    top = parents.index(ROOT)
    root = torch.bincount(groups[top], minlength=hidden).float() + 1
    edges = torch.stack(
        [
            _shares(_counted(groups[max(parent, 0)], groups[k], (hidden, hidden)) + 1 / hidden)
            for k, parent in enumerate(parents)
        ]
    )
    return Circuit(parents, root / root.sum(), edges, leaves)


def _runs(states: NDArray[np.int64], share: Tensor, most: int) -> NDArray[np.int64]:
    """Each state that is there as a run of its own, or as many runs of equally many rows as there
    may be, numbered from 0, (rows,)."""
    there = (share > 0).numpy()
    if there.sum() <= most:
        return np.cumsum(there)[states] - 1
    middle = (share.cumsum(0) - share / 2).numpy()[states]
    numbers = np.unique(np.floor(middle * most).clip(0, most - 1), return_inverse=True)[1]
    return numbers.astype(np.int64)


def _counted(first: Tensor, second: Tensor, shape: tuple[int, int]) -> Tensor:
    """How often two numbers come together in a row."""
    counts = torch.bincount(first * shape[1] + second, minlength=shape[0] * shape[1])
    return counts.view(shape).float()


def _moved(circuit: Circuit, rows: Tensor, seen: list[Tensor], rate: float, total: int) -> Circuit:
    """The circuit after one step of stepwise expectation maximisation (Liang & Klein 2009)."""
    evidence = circuit.evidence(rows)
    below, above, _ = circuit.upward(evidence)
    smooth = SMOOTH * len(rows) / total
    edges, leaves = circuit.edges.clone(), list(circuit.leaves)
    after: dict[int, Tensor] = {}
    for number in circuit.order:
        parent = circuit.parents[number]
        if parent == ROOT:
            mine = circuit.root * below[number]
        else:
            others = after[parent] / above[number].clamp(min=TINY)
            expected = circuit.edges[number] * (others.T @ below[number])
            edges[number] += rate * (_shares(expected + smooth) - edges[number])
            mine = (others @ circuit.edges[number]) * below[number]
        after[number] = mine / mine.sum(dim=1, keepdim=True).clamp(min=TINY)
        leaf = torch.zeros_like(leaves[number]).T.contiguous()
        leaf.index_add_(0, rows[:, number], after[number])
        told = _shares(leaf.T + smooth * len(seen[number]) * seen[number])
        leaves[number] = leaves[number] + rate * (told - leaves[number])
    root = after[circuit.order[0]].mean(dim=0)
    moved = circuit.root + rate * (root - circuit.root)
    return replace(circuit, root=moved, edges=edges, leaves=tuple(leaves))


def _shares(counts: Tensor) -> Tensor:
    """Rows of counts as shares."""
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=TINY)
