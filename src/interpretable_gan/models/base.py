"""What every family of models offers.

A `Model` draws examples from a code and a style, and encodes examples as both. A model that
`Explains` gives its score as `Terms`, an exact sum. A `Learner` says how a family learns, one step
at a time; the training loop does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from interpretable_gan.errors import ConfigError, SchemaError
from interpretable_gan.modalities.base import Modality
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Style

BATCH = 128
"""Examples drawn or read at a time."""


@runtime_checkable
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
        """A copy of the model on another device; this one stays where it is."""
        ...

    def tensors(self) -> dict[str, Tensor]:
        """All that it is made of, by name, to be saved without code."""
        ...

    def codes(self, n: int, *, seed: int = 0) -> Code:
        """Codes ``(n, columns)`` in [-1, 1] that are usual in the training data."""
        ...

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``."""
        ...

    def draw(self, code: Code, style: Style) -> Tensor:
        """Examples ``(n, …)`` of the given codes and styles. A SchemaError refuses other widths,
        and not as many of both."""
        ...

    def encode(self, examples: Any) -> tuple[Code, Style]:
        """Code and style from which `draw` makes examples like these."""
        ...


@runtime_checkable
class Conditional(Protocol):
    """A model that draws examples given any part of them, so that the rest fits what is asked."""

    def given(
        self, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0
    ) -> Tensor:
        """Examples ``(n, …)`` with the given attributes; the others as they then are."""
        ...


@runtime_checkable
class Explains(Model, Protocol):
    """A model whose score is an exact sum. Baselines leave this out; ``isinstance`` tells."""

    def terms(self, examples: Any, code: Code | None = None) -> Terms:
        """The score of examples against a code as an exact sum; without a code, against what the
        model reads in the examples themselves."""
        ...

    def patches(self, part: Part) -> Bool[Tensor, "rows places *example"]:
        """What of an example each term of a part can see: whatever the rest is changed to, the
        term against the same code stays the same to the bit. A size of 1 stands for any."""
        ...


def sample(
    model: Model | Conditional,
    n: int,
    attributes: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
) -> Tensor:
    """Draw ``n`` examples with the given attributes; all else varies as in the training data, or,
    by a `Conditional` model, as among the training data with such attributes.

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
    if isinstance(model, Conditional):
        return model.given(n, attributes, seed=seed)
    code = codes(model, n, attributes, seed=seed)
    return model.draw(code, model.styles(n, seed=seed))


def codes(
    model: Model, n: int, attributes: Mapping[str, Any] | None = None, *, seed: int = 0
) -> Code:
    """The codes ``(n, columns)`` that `sample` draws; arguments and errors are the same."""
    if n < 1:
        raise ConfigError(f"{n} examples cannot be drawn: ask for one or more.")
    return model.schema.replace(model.codes(n, seed=seed), attributes or {})


def whole(schema: Schema, code: Tensor, examples: int) -> Code:
    """A code of so many examples with all its columns; of discovered attributes it claims nothing
    where it has only the named ones.

    Raises:
        SchemaError: codes of another width, or not one per example.
    """
    if code.ndim != 2 or len(code) != examples:
        raise SchemaError(
            f"{examples} examples need as many codes, (batch, columns), but got "
            f"{tuple(code.shape)}."
        )
    schema.unpack(code)  # refuses another width
    return torch.cat([code, code.new_zeros(examples, schema.columns - code.shape[1])], dim=1)


NetworkT = TypeVar("NetworkT", bound=nn.Module)


@runtime_checkable
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

    def average(self, tensors: list[Tensor]) -> None:
        """Replace tensors by their mean over all processes."""
        ...


@runtime_checkable
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


MakesOptimizer = Callable[[nn.Module, Sequence[nn.Parameter]], Optimizer]
"""Called with a network and those of its parameters that are kernels, matrices to be turned."""

Batch = tuple[Tensor, Code, Tensor]
"""Real examples, their labels as a code, and which of these are known."""


@runtime_checkable
class Learner(Protocol):
    """How a family learns. It is made from (data, config, runtime, optimizer), the last of which is
    `MakesOptimizer`."""

    schema: Schema
    """With the attributes that training will discover."""

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """One update on this process's share of a batch.

        Returns:
            Losses and measurements by name, on the device: single numbers, or one for each
            attribute of the schema, nan where nothing is known.
        """
        ...

    def state(self) -> dict[str, Tensor]:
        """All that steps change, by name, from which `restore` goes on bit for bit; save or copy
        it before the next step."""
        ...

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        ...

    def model(self) -> Model:
        """The model as of now, a copy that further steps leave as it is."""
        ...
