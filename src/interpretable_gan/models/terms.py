"""A score as an exact sum of parts: what every explanation is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.shapes import Scores

Source = Literal["named", "discovered", "residual"]
SOURCES: tuple[Source, ...] = ("named", "discovered", "residual")
"""Where a term comes from: what people named (attributes with labels, columns, past items), an
attribute that training found, or neither."""

Key = TypeVar("Key", bound=str)


@dataclass(frozen=True)
class Part:
    """One kind of term of a score, such as the agreement of named attributes.

    Args:
        kind: agreement, realism, divergence, reconstruction, single columns, pairs, history, …
        source: whether its rows have names, were discovered, or neither.
        values: ``(batch, rows, places)``; ``places`` is 1 where none is claimed.
        rows: what each row belongs to: attributes, pairs of columns, past items (1 back, …).
        places: where in the example: cells of a grid, row by row; columns; empty for the whole
            example. What a term can see there is for `Explains.patches` to say.
    """

    kind: str
    source: Source
    values: Float[Tensor, "batch rows places"]
    rows: tuple[str, ...]
    places: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.rows), max(len(self.places), 1))
        if self.values.ndim != 3 or tuple(self.values.shape[1:]) != shape:
            raise ValueError(
                f"part {self.kind!r}: values {tuple(self.values.shape)} do not fit {shape[0]} rows "
                f"and {shape[1]} places: give (batch, {shape[0]}, {shape[1]})."
            )
        for names in (self.rows, self.places):
            if doubled := [name for name in names if names.count(name) > 1]:
                raise ValueError(f"part {self.kind!r} has {doubled[0]!r} twice: rename one.")

    @property
    def label(self) -> str:
        """What tables call it: its kind where its rows have names, else its source."""
        return self.kind if self.source == "named" else self.source

    @property
    def over_places(self) -> Float[Tensor, "batch rows"]:
        """What each row adds, summed over places."""
        return self.values.sum(dim=2)


@dataclass(frozen=True)
class Terms:
    """A score as an exact sum: a GAN's logit, a VAE's evidence bound, a flow's log-density.

        total = bias + Σ of all values of all parts

    A row belongs to one source: parts that share a row's name add to the same attribute.

    Args:
        parts: what the score is made of.
        bias: what it starts from, ``()``.
        total: the score that the network itself computed, ``(batch,)``.
    """

    parts: tuple[Part, ...]
    bias: Float[Tensor, ""]
    total: Scores

    def __post_init__(self) -> None:
        sources: dict[str, Source] = {}
        for part in self.parts:
            if len(part.values) != len(self.total):
                counts = f"{len(part.values)} examples, but the total has {len(self.total)}"
                raise ValueError(f"part {part.kind!r} has {counts}: give as many.")
            for row in part.rows:
                if (other := sources.setdefault(row, part.source)) != part.source:
                    raise ValueError(f"row {row!r} is {other} and {part.source}: rename one.")

    def __len__(self) -> int:
        return len(self.total)

    def error(self) -> Tensor:
        """The largest of the `gaps`, ``()``. Lower is better; rounding of float32 leaves about
        1e-6."""
        gaps = self.gaps()
        return torch.cat([gaps, gaps.new_zeros(1)]).max()

    def gaps(self) -> Scores:
        """Gaps between the sum of all terms and the total, relative to the total where that is
        larger than 1, ``(batch,)``."""
        total, sums = self.total.double(), self.bias.double()
        for part in self.parts:
            sums = sums + part.values.double().sum(dim=(1, 2))
        return (sums - total).abs() / total.abs().clamp(min=1)

    def of(self, source: Source) -> tuple[Part, ...]:
        """The parts of one source."""
        return tuple(part for part in self.parts if part.source == source)

    def by_row(self, *sources: Source) -> dict[str, Scores]:
        """What each row adds over all parts and places, ``(batch,)`` each, of the given sources;
        by default of those that have names or were discovered."""
        return self._sums(
            (row, values)
            for part in self.parts
            if part.source in (sources or ("named", "discovered"))
            for row, values in zip(part.rows, part.over_places.unbind(1), strict=True)
        )

    def by_kind(self) -> dict[str, Scores]:
        """What each kind of term adds, ``(batch,)`` each."""
        return self._sums((part.kind, part.values.sum(dim=(1, 2))) for part in self.parts)

    def by_source(self) -> dict[Source, Scores]:
        """What each source adds, ``(batch,)`` each, 0 where it has no parts."""
        added = ((part.source, part.values.sum(dim=(1, 2))) for part in self.parts)
        return self._sums(added, SOURCES)

    def without(self, source: Source) -> Scores:
        """The score when all parts of a source are deleted, ``(batch,)``."""
        return self.total - self.by_source()[source]

    def shares(self) -> dict[Source, Scores]:
        """Each source's share of the sum of absolute contributions of rows, ``(batch,)`` each: 0 to
        1, they add up to 1, nan where nothing contributes. The bias does not count."""
        sizes = ((part.source, part.over_places.abs().sum(dim=1)) for part in self.parts)
        weights = self._sums(sizes, SOURCES)
        whole = torch.stack(list(weights.values())).sum(dim=0)
        return {source: weight / whole for source, weight in weights.items()}

    def variance_shares(self) -> dict[Source, Tensor]:
        """Each source's share of the variance of the score over examples,
        Cov(source, whole) / Var(whole), ``()`` each.

        They add up to 1; a source that works against the others has a negative share; nan where the
        score never varies. Meant for paired differences, ``real.minus(fake)``: agreement swings
        with the code, for real and generated examples alike.
        """
        sums = {source: values.double() for source, values in self.by_source().items()}
        whole = torch.stack(list(sums.values())).sum(dim=0)
        centred = whole - whole.mean()
        variance = centred.square().mean()
        return {source: (values * centred).mean() / variance for source, values in sums.items()}

    def minus(self, other: Terms) -> Terms:
        """The difference of two scores, term by term: of real examples and their generated
        partners, or of examples and the `mean` of others. The bias cancels.

        Raises:
            SchemaError, DataError: other kinds, rows or places; neither as many examples nor one.
        """
        if len(other) not in (1, len(self)):
            raise DataError(
                f"{len(self)} scores cannot be compared with {len(other)}: give as many, or one "
                "for all such as terms.mean()."
            )
        bias = torch.zeros_like(self.bias)
        return self._with(lambda pair: pair[0] - pair[1], [self, other], bias)

    def mean(self) -> Terms:
        """The mean over examples, as the terms of one example."""
        return self._with(lambda mine: mine[0].mean(dim=0, keepdim=True), [self], self.bias)

    def at(self, index: Tensor | slice) -> Terms:
        """The terms of some examples, by number or by mask."""
        return self._with(lambda mine: mine[0][index], [self], self.bias)

    def to(self, device: torch.device | str) -> Terms:
        """The same terms on another device."""
        return self._with(lambda mine: mine[0].to(device), [self], self.bias.to(device))

    @staticmethod
    def joined(batches: Sequence[Terms]) -> Terms:
        """The terms of several batches as those of one.

        Raises:
            SchemaError: terms of different kinds, rows or places.
        """
        return batches[0]._with(torch.cat, batches, batches[0].bias)

    def _sums(
        self, added: Iterable[tuple[Key, Scores]], keys: Iterable[Key] = ()
    ) -> dict[Key, Scores]:
        """What was added under each key; of ``keys`` also those under which nothing was."""
        found = {key: torch.zeros_like(self.total) for key in keys}
        for key, values in added:
            found[key] = found[key] + values if key in found else values
        return found

    def _with(
        self, join: Callable[[list[Tensor]], Tensor], batches: Sequence[Terms], bias: Tensor
    ) -> Terms:
        """Terms of the same parts, whose values are made of those of several batches."""
        layouts = {tuple((p.kind, p.source, p.rows, p.places) for p in t.parts) for t in batches}
        if len(layouts) > 1:
            raise SchemaError("terms of different kinds, rows or places: take those of one model.")
        parts = tuple(
            replace(part, values=join([each.parts[number].values for each in batches]))
            for number, part in enumerate(self.parts)
        )
        return Terms(parts, bias, join([each.total for each in batches]))


def arrays(found: Mapping[Key, Tensor]) -> dict[Key, NDArray[np.float64]]:
    """What `Terms` give by name (rows, kinds, sources, shares) as numpy arrays."""
    return {name: values.detach().cpu().double().numpy() for name, values in found.items()}
