"""A model of a table: what draws its rows, and a head that predicts a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor

from interpretable_gan.errors import RunError
from interpretable_gan.modalities.tables import TableModality
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import PAIRS, AdditiveHead
from interpretable_gan.models.tables.reference import EVERY, TYPICAL, Reference
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema


class TableModel:
    """A model of the rows of a table.

    Args:
        schema: the columns.
        config: what decided it.
        sampler: draws rows.
        head: predicts the schema's target; None where it names none.
        references: groups of training rows with which decisions are compared, by name.
    """

    name = "table"

    def __init__(
        self,
        schema: Schema,
        config: TableConfig,
        sampler: RowSampler,
        head: AdditiveHead | None = None,
        references: Mapping[str, Reference] | None = None,
    ) -> None:
        self.schema, self.config = schema, config
        self.modality = TableModality(schema)
        self.sampler, self._head, self.references = sampler, head, dict(references or {})

    @classmethod
    def of(cls, schema: Schema, config: TableConfig, tensors: Mapping[str, Tensor]) -> TableModel:
        """The model that `tensors` describe.

        Raises:
            RunError: something is missing, or of another schema.
        """
        sampler = RowSampler.loaded(schema, tensors)
        head, references = None, {}
        if "head.bias" in tensors:
            head = AdditiveHead.loaded(schema, tensors)
            kept = [name for name in (EVERY, TYPICAL) if f"reference.{name}.rows" in tensors]
            references = {name: Reference.loaded(name, head, tensors) for name in kept}
        return cls(schema, config, sampler, head, references)

    @property
    def head(self) -> AdditiveHead:
        """What predicts the target.

        Raises:
            RunError: the model was trained without one.
        """
        if self._head is None:
            raise RunError(
                "this run has no target to explain: train one with igan train SOURCE --target "
                "COLUMN."
            )
        return self._head

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._head.bias.device if self._head else torch.device("cpu")

    def to(self, device: torch.device | str) -> TableModel:
        """A copy on another device; this one stays where it is."""
        return TableModel(
            self.schema,
            self.config,
            self.sampler,
            self._head.to(device) if self._head else None,
            {name: each.to(device) for name, each in self.references.items()},
        )

    def tensors(self) -> dict[str, Tensor]:
        """All that it is made of, by name."""
        found = self.sampler.tensors() | (self._head.tensors() if self._head else {})
        for each in self.references.values():
            found |= each.tensors(self.schema)
        return found

    def given(
        self, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0
    ) -> Tensor:
        """Rows ``(n, columns)`` drawn given some of their columns, see `RowSampler.draw`."""
        return torch.from_numpy(self.sampler.draw(n, attributes, seed=seed).cells)

    def terms(self, examples: Any) -> Terms:
        """The score of the target as an exact sum over columns and pairs of columns.

        Args:
            examples: rows, as `TableModality.check` takes them.

        Raises:
            DataError: rows that are none of this table.
            RunError: there is no target.
        """
        head = self.head
        return head.terms(self.modality.check(examples).to(self.device))

    def predict(self, examples: Any) -> Tensor:
        """The probability of the wanted value of the target, or its number, (rows,)."""
        head = self.head
        return head.predict(self.modality.check(examples).to(self.device))

    def patches(self, part: Part) -> Bool[Tensor, "rows places columns"]:
        """Which columns each term of a part looks at."""
        names = self.schema.names
        seen = torch.zeros(len(part.rows), 1, len(names), dtype=torch.bool)
        for number, row in enumerate(part.rows):
            for column in self.head.pairs[number] if part.kind == PAIRS else (row,):
                seen[number, 0, names.index(column)] = True
        return seen
