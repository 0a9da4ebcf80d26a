"""Rows of a table, drawn as they are likely, or given some of their columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.chance import generator
from interpretable_gan.errors import ConfigError, RunError, SchemaError
from interpretable_gan.models.tables.circuit import Circuit
from interpretable_gan.models.tables.states import States
from interpretable_gan.schema.conditions import Condition, conditions
from interpretable_gan.schema.schema import Schema

AT_ONCE = 100_000
"""Rows drawn at a time."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows that were drawn: float64 ``cells`` (n, columns), the probability of what was ``asked``
    by the model, and of how many training rows that would be less than one."""

    cells: Array
    asked: float
    training_rows: int

    @property
    def is_rare(self) -> bool:
        """Whether among as many rows as the model learned from not even one would be as asked."""
        return self.asked * self.training_rows < 1


@dataclass(frozen=True, eq=False)
class RowSampler:
    """A likelihood model of rows: states of each column, and the circuit that ties them.

    Args:
        schema: the columns.
        states: of each column, in the order of the schema.
        circuit: over the states.
        rows: training rows.
    """

    schema: Schema
    states: tuple[States, ...]
    circuit: Circuit
    rows: int

    def draw(self, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0) -> Drawn:
        """Draw rows given some of their columns; the others are drawn from what they then are,
        exactly by the model and without a row thrown away.

        Args:
            n: one or more.
            attributes: column → a value, a range such as ``18..25``, or None for not known.
            seed: the same gives the same rows.

        Raises:
            UnknownAttributeError, SchemaError: see `conditions`; or no row can be so.
            ConfigError: fewer than one row.
        """
        if n < 1:
            raise ConfigError(f"{n} rows cannot be drawn: ask for one or more.")
        asked = {
            self.schema.names.index(name): condition
            for name, condition in conditions(self.schema, attributes or {}).items()
        }
        weights = {
            k: torch.from_numpy(self.states[k].weights(condition)).float()
            for k, condition in asked.items()
        }
        luck, parts, chance = generator(seed, "rows", 0), [], 1.0
        for first in range(0, n, AT_ONCE):
            count = min(AT_ONCE, n - first)
            states, chance = self.circuit.draw(count, weights, luck)
            if chance <= IMPOSSIBLE:
                raise SchemaError(self._impossible(attributes or {}, weights))
            parts.append(self._cells(states.numpy(), luck, asked))
        return Drawn(np.concatenate(parts), chance, self.rows)

    def redraw(
        self,
        cells: Array,
        columns: Collection[str],
        asked: Mapping[str, Condition] | None = None,
        *,
        seed: int = 0,
    ) -> Array:
        """Rows with some columns drawn anew, from what they are given all others, exactly by the
        model; the others stay as they are.

        Args:
            cells: float64 (rows, columns).
            columns: to be drawn.
            asked: what the drawn cells of some of them hold.
            seed: the same gives the same rows.
        """
        conditions = {self.schema.names.index(name): c for name, c in (asked or {}).items()}
        free = {self.schema.names.index(name) for name in columns} | set(conditions)
        weights = {
            k: torch.from_numpy(self.states[k].weights(conditions[k])).float()
            if k in conditions
            else torch.ones(len(self.states[k]))
            for k in free
        }
        luck, found = generator(seed, "redrawn rows", 0), cells.copy()
        for first in range(0, len(cells), AT_ONCE // 10):
            part = slice(first, first + AT_ONCE // 10)
            states = self.circuit.complete(self._states(cells[part]), weights, luck).numpy()
            for k in sorted(free):
                even = torch.rand(len(states), generator=luck, dtype=torch.float64).numpy()
                found[part, k] = self.states[k].draw(states[:, k], even, conditions.get(k))
        return found

    def cluster(self, cells: Array) -> NDArray[np.int64]:
        """To which cluster that fitting found each row belongs, (rows,)."""
        return self.circuit.cluster(self._states(cells)).numpy()

    def log_likelihood(self, cells: Array) -> Array:
        """log p of the states of rows, in nats, (rows,). Higher is better; comparable only among
        models of the same states."""
        return self.circuit.log_likelihood(self._states(cells)).double().numpy()

    def _states(self, cells: Array) -> Tensor:
        encoded = [each.encode(cells[:, k]) for k, each in enumerate(self.states)]
        return torch.from_numpy(np.stack(encoded, axis=1))

    def tensors(self) -> dict[str, Tensor]:
        """All of it by name."""
        found = self.circuit.tensors() | {"sampler.rows": torch.tensor(self.rows)}
        for k, each in enumerate(self.states):
            found |= each.tensors(f"sampler.states.{k}")
        return found

    @classmethod
    def loaded(cls, schema: Schema, tensors: Mapping[str, Tensor]) -> RowSampler:
        """What `tensors` gave.

        Raises:
            RunError: something is missing, or of another schema.
        """
        try:
            states = tuple(
                States.loaded(f"sampler.states.{k}", tensors) for k in range(len(schema.named))
            )
            return cls(schema, states, Circuit.loaded(tensors), int(tensors["sampler.rows"]))
        except KeyError as error:
            raise RunError(f"what draws rows is damaged ({error!r})") from None

    def _cells(
        self, states: NDArray[np.int64], luck: torch.Generator, asked: Mapping[int, Condition]
    ) -> Array:
        columns = []
        for k, each in enumerate(self.states):
            even = torch.rand(len(states), generator=luck, dtype=torch.float64).numpy()
            columns.append(each.draw(states[:, k], even, asked.get(k)))
        return np.stack(columns, axis=1)

    def _impossible(self, attributes: Mapping[str, Any], weights: Mapping[int, Tensor]) -> str:
        """Which value no training row has, or that they never come together."""
        for k, weight in weights.items():
            alone = self.circuit.draw(1, {k: weight}, generator(0, "rows", 0))[1]
            if alone <= IMPOSSIBLE:
                name = self.schema.names[k]
                return f"no training row has {name} = {attributes[name]}, so no row can be drawn."
        told = " and ".join(f"{name} = {value}" for name, value in attributes.items())
        return f"{told} never come together in the training rows, so no row can be drawn."


IMPOSSIBLE = 1e-25
"""Probability below which something is taken for impossible; float32 tells no less apart."""
