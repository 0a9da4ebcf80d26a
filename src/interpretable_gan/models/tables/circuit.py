"""A likelihood model of rows with exact conditionals: a tree of hidden states.

    p(x) = Σ_z p(z_root) Π_k p(z_k | z_parent(k)) p(x_k | z_k)

Each column x_k hangs on a hidden state z_k of its own, and the hidden states form a tree (hidden
Chow-Liu tree: Liu, Zhang & Van den Broeck 2021). Any set of columns can be given, also as ranges:
one pass up the tree and one down give what the others are then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

ROOT = -1
"""The parent of the root."""


@dataclass(frozen=True, eq=False)
class Circuit:
    """The tree and its tables of probabilities.

    Args:
        parents: number of each column's parent, `ROOT` for the root, (columns,).
        root: p(z_root), (hidden,).
        edges: p(z_k | z_parent) of each column, (columns, hidden of parent, hidden); the root's is
            not looked at.
        leaves: p(x_k | z_k) of each column, (hidden, states).
    """

    parents: tuple[int, ...]
    root: Tensor
    edges: Tensor
    leaves: tuple[Tensor, ...]

    @property
    def order(self) -> tuple[int, ...]:
        """Columns with every parent before its children."""
        found = [self.parents.index(ROOT)]
        for number in found:
            found += [child for child, parent in enumerate(self.parents) if parent == number]
        return tuple(found)

    def upward(self, evidence: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """What lies below each hidden state says of it.

        Args:
            evidence: p(what is known of x_k | z_k) of each column, (rows, hidden).

        Returns:
            Of each column how likely everything at and below it is given its state, up to a factor,
            (rows, hidden); the same as its parent sees it; and log p(all that is known), (rows,).
        """
        below = list(evidence)
        seen = list(evidence)
        total = torch.zeros(len(evidence[0]), device=self.root.device)
        for number in reversed(self.order):
            size = below[number].sum(dim=1, keepdim=True).clamp(min=TINY)
            below[number] = below[number] / size
            total = total + size[:, 0].log()
            parent = self.parents[number]
            if parent != ROOT:
                seen[number] = below[number] @ self.edges[number].T
                below[parent] = below[parent] * seen[number]
        top = self.order[0]
        return below, seen, total + (below[top] @ self.root).clamp(min=TINY).log()

    def log_likelihood(self, states: Tensor) -> Tensor:
        """log p(x) of rows of states, (rows, columns) int64, in nats, (rows,)."""
        return self.upward(self.evidence(states))[2]

    def evidence(self, states: Tensor) -> list[Tensor]:
        """p(x_k | z_k) of each column, (rows, hidden)."""
        return [leaf.T[states[:, number]] for number, leaf in enumerate(self.leaves)]

    def draw(
        self, n: int, weights: Mapping[int, Tensor], luck: torch.Generator
    ) -> tuple[Tensor, float]:
        """Rows of states given some columns, drawn exactly.

        Args:
            n: how many rows.
            weights: column → what share of each of its states is as asked, (states,); columns that
                are not named are free.
            luck: of all draws.

        Returns:
            (n, columns) int64, and the probability of what was asked. Where that is 0 the rows mean
            nothing.
        """
        leaves = [
            leaf * weights[number] if number in weights else leaf
            for number, leaf in enumerate(self.leaves)
        ]
        evidence = [leaf.sum(dim=1)[None] for leaf in leaves]
        below, _, chance = self.upward(evidence)
        hidden: dict[int, Tensor] = {}
        found = torch.empty(n, len(leaves), dtype=torch.int64)
        for number in self.order:
            parent = self.parents[number]
            table = self.root[None] if parent == ROOT else self.edges[number]
            above = torch.zeros(n, dtype=torch.int64) if parent == ROOT else hidden[parent]
            hidden[number] = _pick(table * below[number], above, luck)
            found[:, number] = _pick(leaves[number], hidden[number], luck)
        return found, float(chance.exp())

    def complete(
        self, states: Tensor, weights: Mapping[int, Tensor], luck: torch.Generator
    ) -> Tensor:
        """Rows of which some columns are drawn anew given all others, row by row and exactly.

        Args:
            states: (rows, columns) int64; what stands in columns to be drawn does not count.
            weights: column to be drawn → what share of each of its states is as asked, (states,).
            luck: of all draws.
        """
        leaves = [
            leaf * weights[number] if number in weights else leaf
            for number, leaf in enumerate(self.leaves)
        ]
        evidence = [
            leaf.sum(dim=1).expand(len(states), -1) if number in weights else known
            for number, (leaf, known) in enumerate(zip(leaves, self.evidence(states), strict=True))
        ]
        below, _, _ = self.upward(evidence)
        rows = torch.arange(len(states))
        hidden: dict[int, Tensor] = {}
        found = states.clone()
        for number in self.order:
            parent = self.parents[number]
            table = self.root if parent == ROOT else self.edges[number][hidden[parent]]
            hidden[number] = _pick(table * below[number], rows, luck)
            if number in weights:
                found[:, number] = _pick(leaves[number], hidden[number], luck)
        return found

    def cluster(self, states: Tensor) -> Tensor:
        """The likeliest state of the root of each row: a cluster that fitting found, (rows,)."""
        below, _, _ = self.upward(self.evidence(states))
        return (below[self.order[0]] * self.root).argmax(dim=1)

    def tensors(self) -> dict[str, Tensor]:
        """All of it by name."""
        named = {f"circuit.leaf.{number}": leaf for number, leaf in enumerate(self.leaves)}
        return named | {
            "circuit.parents": torch.tensor(self.parents),
            "circuit.root": self.root,
            "circuit.edges": self.edges,
        }

    @classmethod
    def loaded(cls, tensors: Mapping[str, Tensor]) -> Circuit:
        """What `tensors` gave."""
        parents = tuple(tensors["circuit.parents"].tolist())
        leaves = tuple(tensors[f"circuit.leaf.{number}"] for number in range(len(parents)))
        return cls(parents, tensors["circuit.root"], tensors["circuit.edges"], leaves)


TINY = 1e-30
"""Least probability, so that a logarithm is finite."""


def _pick(table: Tensor, rows: Tensor, luck: torch.Generator) -> Tensor:
    """One column of the given row of a table for each draw, as often as the table says.

    Args:
        table: weights, not all 0 in a row, (rows, columns).
        rows: (draws,) int64.
    """
    shares = table.double()
    ends = (shares / shares.sum(dim=1, keepdim=True).clamp(min=TINY)).cumsum(dim=1)
    ends[:, -1] = 1.0
    offset = torch.arange(len(table), dtype=torch.float64)[:, None]
    even = torch.rand(len(rows), generator=luck, dtype=torch.float64)
    at = torch.searchsorted((ends + offset).ravel(), rows + even, right=True)
    return (at - rows * table.shape[1]).clamp(0, table.shape[1] - 1)
