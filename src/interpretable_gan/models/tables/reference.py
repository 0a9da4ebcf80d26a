"""A group of rows with which decisions are compared, and each column's share of the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from interpretable_gan.errors import DataError, RunError
from interpretable_gan.models.tables.head import AdditiveHead, Term, numbers
from interpretable_gan.schema.schema import Schema

TYPICAL, EVERY = "approved", "all"
"""The groups that a model keeps: training rows that it approves, and all of them."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What a head says of a group of rows.

    Args:
        name: of the group.
        rows: how many there are.
        typical: of each column the middle number or the most frequent level, (columns,).
        score: their mean score, ``()``.
        means: term → mean of what it adds, ``()``.
        along: pair → mean of what it adds where one column is as in a row and the other as in the
            group: over bins of the first column, and over bins of the second.
    """

    name: str
    rows: int
    typical: Tensor
    score: Tensor
    means: Mapping[Term, Tensor]
    along: Mapping[Term, tuple[Tensor, Tensor]]

    @classmethod
    def of(cls, head: AdditiveHead, rows: Tensor, name: str) -> Reference:
        """The group of the given rows, float64 (rows, columns).

        Raises:
            DataError: there are none.
        """
        if not len(rows):
            raise DataError(f"no row is {name!r}, so that nothing can be compared with them.")
        values = head.values(rows)
        along = {}
        for pair in head.pairs:
            first, second = head.places(rows, pair)
            scores = head.scores[pair]
            along[pair] = (scores[:, second].mean(dim=1), scores[first].mean(dim=0))
        return cls(
            name,
            len(rows),
            _typical(head.schema, rows),
            head.score(rows).mean(),
            {term: added.mean() for term, added in values.items()},
            along,
        )

    def column_shares(self, head: AdditiveHead, rows: Tensor) -> Tensor:
        """What each column adds to the difference between a row's score and the group's mean.

        Interventional Shapley values with the group as background (Lundberg & Lee 2017; Janzing et
        al. 2020), in closed form, since no term has more than two columns: all of a single term's
        difference, and of a pair's

            φ_j = ½ [f(x_j, x_k) − E f(X_j, x_k) + E f(x_j, X_k) − E f(X_j, X_k)]

        Returns:
            (rows, columns of the head); each row adds up to its score minus the group's mean.
        """
        values = head.values(rows)
        found = {name: values[name,] - self.means[name,] for name in head.columns}
        for pair in head.pairs:
            first, second = pair
            bins = head.places(rows, pair)
            kept_first, kept_second = (
                means[place] for means, place in zip(self.along[pair], bins, strict=True)
            )
            whole, gap = values[pair] - self.means[pair], kept_first - kept_second
            found[first] = found[first] + (whole + gap) / 2
            found[second] = found[second] + (whole - gap) / 2
        return torch.stack(list(found.values()), dim=1)

    def to(self, device: torch.device | str) -> Reference:
        """The same group on another device."""
        return Reference(
            self.name,
            self.rows,
            self.typical.to(device),
            self.score.to(device),
            {term: each.to(device) for term, each in self.means.items()},
            {pair: (a.to(device), b.to(device)) for pair, (a, b) in self.along.items()},
        )

    def tensors(self, schema: Schema) -> dict[str, Tensor]:
        """All of it by name."""
        start = f"reference.{self.name}"
        found = {
            f"{start}.rows": torch.tensor(self.rows),
            f"{start}.typical": self.typical.nan_to_num(nan=NOT_KNOWN),
            f"{start}.score": self.score,
        }
        for term, mean in self.means.items():
            found[f"{start}.mean.{numbers(schema, term)}"] = mean
        for pair, (first, second) in self.along.items():
            found[f"{start}.first.{numbers(schema, pair)}"] = first
            found[f"{start}.second.{numbers(schema, pair)}"] = second
        return found

    @classmethod
    def loaded(cls, name: str, head: AdditiveHead, tensors: Mapping[str, Tensor]) -> Reference:
        """What `tensors` gave.

        Raises:
            RunError: something is missing.
        """
        start, schema = f"reference.{name}", head.schema
        try:
            typical = tensors[f"{start}.typical"]
            return cls(
                name,
                int(tensors[f"{start}.rows"]),
                torch.where(typical == NOT_KNOWN, torch.nan, typical),
                tensors[f"{start}.score"],
                {t: tensors[f"{start}.mean.{numbers(schema, t)}"] for t in head.scores},
                {
                    pair: (
                        tensors[f"{start}.first.{numbers(schema, pair)}"],
                        tensors[f"{start}.second.{numbers(schema, pair)}"],
                    )
                    for pair in head.pairs
                },
            )
        except KeyError as error:
            raise RunError(f"the group {name!r} is damaged ({error!r})") from None


NOT_KNOWN = -1e300
"""What stands for nan in a file, whose numbers are all finite."""


def _typical(schema: Schema, rows: Tensor) -> Tensor:
    """The middle number or the most frequent level of each column; nan where none is known."""
    found = []
    for number, attribute in enumerate(schema.named):
        cells = rows[:, number]
        known = cells[~cells.isnan()]
        if not len(known):
            found.append(cells.new_tensor(torch.nan))
        elif attribute.has_order:
            found.append(known.sort().values[(len(known) - 1) // 2])  # one that is there
        else:
            found.append(known.mode().values)
    return torch.stack(found)
