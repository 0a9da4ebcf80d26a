"""What every family of models offers.

A `Model` draws examples from a code and a style, and encodes examples as both. A model that
`Explains` gives its score as `Terms`, an exact sum. A `Learner` says how a family learns, one step
at a time; the training loop does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.errors import ConfigError
from interpretable_gan.modalities.base import Modality
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Scores, Style

Source = Literal["named", "discovered", "residual"]
SOURCES: tuple[Source, ...] = ("named", "discovered", "residual")
"""Where a term comes from: an attribute with labels, one that training found, or neither."""

BATCH = 128
"""Examples drawn or read at a time."""


@dataclass(frozen=True)
class Part:
    """One kind of term of a score, such as the agreement of named attributes.

    Args:
        kind: agreement, realism, divergence, reconstruction, single columns, pairs, history, …
        source: whether its rows have names, were discovered, or neither.
        values: ``(batch, rows, places)``; ``places`` is 1 where none is claimed.
        rows: what each row belongs to: attributes, pairs of columns, past items.
        places: where in the example: cells of a grid, columns; empty for the whole example.
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

    @property
    def over_places(self) -> Float[Tensor, "batch rows"]:
        """What each row adds, summed over places."""
        return self.values.sum(dim=2)


@dataclass(frozen=True)
class Terms:
    """A score as an exact sum: a GAN's logit, a VAE's evidence bound, a flow's log-density.

    Args:
        parts: what the score is made of.
        bias: what it starts from, ``()``.
        total: the score that the network itself computed, ``(batch,)``.
    """

    parts: tuple[Part, ...]
    bias: Float[Tensor, ""]
    total: Scores

    def __len__(self) -> int:
        return len(self.total)

    def error(self) -> Tensor:
        """Largest gap between the sum of all terms and the total, relative to the total where that
        is larger than 1, ``()``. Lower is better; rounding of float32 leaves about 1e-6."""
        sums = sum(
            (part.values.double().sum(dim=(1, 2)) for part in self.parts), self.bias.double()
        )
        gap = (sums - self.total.double()).abs() / self.total.double().abs().clamp(min=1)
        return gap.max()

    def by_row(self) -> dict[str, Scores]:
        """What each row adds over all parts and places, ``(batch,)`` each; not the residual."""
        found: dict[str, Scores] = {}
        for part in self.parts:
            if part.source != "residual":
                for row, values in zip(part.rows, part.over_places.unbind(1), strict=True):
                    found[row] = found[row] + values if row in found else values
        return found

    def by_source(self) -> dict[Source, Scores]:
        """What named, discovered and residual parts add, ``(batch,)`` each, 0 where there are
        none."""
        found: dict[Source, Scores] = {source: torch.zeros_like(self.total) for source in SOURCES}
        for part in self.parts:
            found[part.source] = found[part.source] + part.values.sum(dim=(1, 2))
        return found

    def of(self, source: Source) -> tuple[Part, ...]:
        """The parts of one source."""
        return tuple(part for part in self.parts if part.source == source)

    def without(self, source: Source) -> Scores:
        """The score when all parts of a source are deleted, ``(batch,)``."""
        return self.total - self.by_source()[source]

    def to(self, device: torch.device | str) -> Terms:
        """The same terms on another device."""
        return self._with(lambda tensors: tensors[0].to(device), [self], bias=self.bias.to(device))

    @staticmethod
    def joined(batches: Sequence[Terms]) -> Terms:
        """The terms of several batches as those of one."""
        return batches[0]._with(torch.cat, batches, bias=batches[0].bias)

    def _with(
        self, join: Callable[[list[Tensor]], Tensor], batches: Sequence[Terms], bias: Tensor
    ) -> Terms:
        parts = tuple(
            replace(part, values=join([each.parts[number].values for each in batches]))
            for number, part in enumerate(self.parts)
        )
        return Terms(parts, bias, join([each.total for each in batches]))


class Model(Protocol):
    """A trained model of any family. Tensors that it returns lie on its device."""

    @property
    def name(self) -> str:
        """What reports call it, such as ``gan`` or ``gan, steered``."""
        ...

    @property
    def schema(self) -> Schema:
        """The attributes it speaks in."""
        ...

    @property
    def modality(self) -> Modality:
        """What its examples are."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    def to(self, device: torch.device | str) -> Model:
        """The same model on another device."""
        ...

    def codes(self, n: int, *, seed: int = 0) -> Code:
        """Codes ``(n, columns)`` in [-1, 1] that are usual in the training data."""
        ...

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``."""
        ...

    def draw(self, code: Code, style: Style) -> Tensor:
        """Examples ``(n, …)`` of the given codes and styles."""
        ...

    def encode(self, examples: Any) -> tuple[Code, Style]:
        """Code and style from which `draw` makes examples like these."""
        ...


class Explains(Protocol):
    """A model whose score is an exact sum. Baselines leave this out."""

    def terms(self, examples: Any, code: Code | None = None) -> Terms:
        """The score of examples against a code as an exact sum; without a code, against what the
        model reads in the examples themselves."""
        ...


def sample(
    model: Model, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0
) -> Tensor:
    """Draw ``n`` examples with the given attributes; all else varies as in the training data.

    The same seed gives the same codes and styles, so that two calls differ only in what was asked.

    Args:
        model: of any family.
        n: one or more.
        attributes: name → natural value, one for all examples or a list with one per example:
            ``{"smiling": True, "hair_color": "blond", "age": 35}``; a binary attribute also takes
            a strength from 0 to 1.
        seed: of codes and styles.

    Returns:
        Examples ``(n, …)``; images are ``(n, channels, size, size)`` in [-1, 1].

    Raises:
        UnknownAttributeError, SchemaError: a name or value that the schema does not have.
        ConfigError: fewer than one.
    """
    code = codes(model, n, attributes, seed=seed)
    return model.draw(code, model.styles(n, seed=seed))


def codes(
    model: Model, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0
) -> Code:
    """The codes ``(n, columns)`` that `sample` draws; arguments and errors are the same."""
    if n < 1:
        raise ConfigError(f"{n} examples cannot be drawn: ask for one or more.")
    return model.schema.replace(model.codes(n, seed=seed), attributes or {})


NetworkT = TypeVar("NetworkT", bound=nn.Module)


class Runtime(Protocol):
    """Where a learner runs: this process among ``world`` equal ones."""

    device: torch.device
    rank: int
    world: int
    batch: int
    """Real examples a step in this process."""

    def place(self, network: NetworkT) -> NetworkT:
        """The network on this process's device."""
        ...

    def arithmetic(self) -> AbstractContextManager[Any]:
        """The context in which networks compute."""
        ...

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over all processes."""
        ...


class Optimizer(Protocol):
    """What moves the weights of one network."""

    parameters: list[nn.Parameter]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        ...

    def step(self, rate: float) -> None:
        """Move by ``rate`` against the gradients."""
        ...

    def state_dict(self) -> dict[str, Tensor]:
        """What past steps left behind."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state_dict` gave."""
        ...


Batch = tuple[Tensor, Code, Tensor]
"""Real examples, their labels as a code, and which of these are known."""


class Learner(Protocol):
    """How a family learns. It is made from (data, config, runtime, optimizer), where ``optimizer``
    makes an `Optimizer` of a network."""

    schema: Schema
    """With the attributes that training will discover."""

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """One update on this process's share of a batch.

        Returns:
            Losses and measurements by name, on the device: single numbers, or one number for each
            attribute of the schema, nan where nothing is known.
        """
        ...

    def state(self) -> dict[str, Tensor]:
        """All that steps change, by name, from which `restore` goes on bit for bit."""
        ...

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        ...

    def model(self) -> Model:
        """The model as of now, a copy that further steps leave as it is."""
        ...
