"""A target as an exact sum over columns and pairs of columns: a scorecard.

    score = b + Σ_k f_k(x_k) + Σ_{j<k} f_jk(x_j, x_k)

Every f is a table of numbers over bins, so that each point of a score can be read. A generalised
additive model with pairs (Lou, Caruana, Gehrke & Hooker 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from interpretable_gan.errors import RunError
from interpretable_gan.models.tables.bins import Bins
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

Link = Literal["logit", "identity", "log"]
LINKS: tuple[Link, ...] = ("logit", "identity", "log")
"""How a score becomes a prediction: the probability of the wanted value, the value itself, or the
expected count."""

SINGLES, PAIRS = "single columns", "pairs of columns"
"""The kinds of terms."""

JOIN = " × "
"""Between the names of a pair."""

Term = tuple[str, ...]
"""The one column, or the two, that a term looks at."""


def numbers(schema: Schema, term: Term) -> str:
    """The columns of a term by their numbers, as names of tensors have them: ``2,5``."""
    return ",".join(str(schema.names.index(name)) for name in term)


@dataclass(frozen=True, eq=False)
class AdditiveHead:
    """An additive model of one column of a table.

    Args:
        schema: of the table; its ``target`` is what is predicted.
        link: how a score becomes a prediction.
        fine, coarse: bins of each column, for its own term and for pairs.
        scores: of each term, over bins: (bins,) or (bins, bins). 0 on average over training rows.
        spreads: of the same shapes: standard deviation over refits.
        bias: what each score starts from, ``()``.

    Raises:
        RunError: parts that do not fit together.
    """

    schema: Schema
    link: Link
    fine: Mapping[str, Bins]
    coarse: Mapping[str, Bins]
    scores: Mapping[Term, Tensor]
    spreads: Mapping[Term, Tensor]
    bias: Tensor

    def __post_init__(self) -> None:
        for term, values in self.scores.items():
            shape = tuple(bins.count for bins in self.bins(term))
            if tuple(values.shape) != shape or self.spreads[term].shape != values.shape:
                raise RunError(f"term {JOIN.join(term)} has scores {tuple(values.shape)}: {shape}")

    @property
    def target(self) -> Attribute:
        """What is predicted."""
        return self.schema[self.schema.target or ""]

    @property
    def wanted(self) -> str:
        """The value of the target whose probability is predicted; '' of a number."""
        return self.schema.aim(self.target.name, self.schema.wanted)[1]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are looked at, in the order of the table."""
        return tuple(term[0] for term in self.scores if len(term) == 1)

    @property
    def pairs(self) -> tuple[Term, ...]:
        """The pairs of columns that are looked at."""
        return tuple(term for term in self.scores if len(term) == 2)

    def bins(self, term: Term) -> tuple[Bins, ...]:
        """The bins along each axis of a term's scores."""
        return tuple((self.fine if len(term) == 1 else self.coarse)[name] for name in term)

    def places(self, rows: Tensor, term: Term) -> tuple[Tensor, ...]:
        """The bin of each row along each axis of a term's scores."""
        at = self.schema.names.index
        return tuple(
            bins.of(rows[:, at(name)]) for name, bins in zip(term, self.bins(term), strict=True)
        )

    def values(self, rows: Tensor) -> dict[Term, Tensor]:
        """What each term adds to the score of each row, (rows,) each.

        Args:
            rows: float64 (rows, columns), as `TableModality.check` gives them.
        """
        return {term: scores[self.places(rows, term)] for term, scores in self.scores.items()}

    def score(self, rows: Tensor) -> Tensor:
        """The scores, (rows,): log-odds of the wanted value, the value, or the log of the count."""
        total = self.bias.expand(len(rows)).clone()
        for value in self.values(rows).values():
            total += value
        return total

    def predict(self, rows: Tensor) -> Tensor:
        """Probability of the wanted value, the value itself, or the expected count, (rows,)."""
        return self.predicted(self.score(rows))

    def predicted(self, score: Tensor) -> Tensor:
        """What scores predict."""
        if self.link == "logit":
            return score.sigmoid()
        return score.exp() if self.link == "log" else score

    def terms(self, rows: Tensor) -> Terms:
        """The scores as exact sums: one part of single columns, one of pairs of columns."""
        found = self.values(rows)
        parts = [
            Part(kind, "named", torch.stack(added, dim=1)[:, :, None], tuple(names))
            for kind, added, names in (
                (SINGLES, [found[each,] for each in self.columns], self.columns),
                (PAIRS, [found[pair] for pair in self.pairs], map(JOIN.join, self.pairs)),
            )
            if added
        ]
        return Terms(tuple(parts), self.bias, self.score(rows))

    def scaled(self, slope: float, shift: float) -> AdditiveHead:
        """The head whose scores are slope · score + shift, term by term."""
        return replace(
            self,
            scores={term: slope * each for term, each in self.scores.items()},
            spreads={term: slope * each for term, each in self.spreads.items()},
            bias=slope * self.bias + shift,
        )

    def to(self, device: torch.device | str) -> AdditiveHead:
        """The same head on another device."""
        return AdditiveHead(
            self.schema,
            self.link,
            {name: bins.to(device) for name, bins in self.fine.items()},
            {name: bins.to(device) for name, bins in self.coarse.items()},
            {term: each.to(device) for term, each in self.scores.items()},
            {term: each.to(device) for term, each in self.spreads.items()},
            self.bias.to(device),
        )

    def tensors(self) -> dict[str, Tensor]:
        """All of it by name; the names say the terms."""
        found = {"head.bias": self.bias, "head.link": torch.tensor(LINKS.index(self.link))}
        for kind, group in (("fine", self.fine), ("coarse", self.coarse)):
            for name, bins in group.items():
                found |= bins.tensors(f"head.{kind}.{name}")
        for term, values in self.scores.items():
            key = numbers(self.schema, term)
            found |= {f"head.score.{key}": values, f"head.spread.{key}": self.spreads[term]}
        return found

    @classmethod
    def loaded(cls, schema: Schema, tensors: Mapping[str, Tensor]) -> AdditiveHead:
        """What `tensors` gave.

        Raises:
            RunError: something is missing, or of another schema.
        """
        try:
            terms = {
                tuple(schema.names[int(n)] for n in name.rsplit(".", 1)[1].split(",")): name
                for name in tensors
                if name.startswith("head.score.")
            }
            ordered = sorted(terms, key=lambda t: (len(t), [schema.names.index(n) for n in t]))
            names = {kind: [n for t in terms if len(t) == k for n in t] for k, kind in KINDS}
            bins = {
                kind: {name: Bins.loaded(f"head.{kind}.{name}", tensors) for name in names[kind]}
                for _, kind in KINDS
            }
            return cls(
                schema,
                LINKS[int(tensors["head.link"])],
                bins["fine"],
                bins["coarse"],
                {term: tensors[terms[term]] for term in ordered},
                {term: tensors[terms[term].replace("score", "spread", 1)] for term in ordered},
                tensors["head.bias"],
            )
        except (KeyError, IndexError, ValueError) as error:
            raise RunError(f"the head for the target is damaged ({error!r})") from None


KINDS = ((1, "fine"), (2, "coarse"))
"""Number of columns of a term, and what its bins are called."""
