"""What all learners of image models share: networks and what moves them, saved and resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from torch import Tensor, nn

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models import base
from interpretable_gan.models.config import ImageConfig
from interpretable_gan.models.gan.networks import part
from interpretable_gan.models.images import refuse_other_size
from interpretable_gan.schema.schema import Schema


class Named(Protocol):
    """Networks, each with a name."""

    def named(self) -> Mapping[str, nn.Module]:
        """All of them by name."""
        ...


NetworksT = TypeVar("NetworksT", bound=Named)
ConfigT = TypeVar("ConfigT", bound=ImageConfig)


class ImageLearner(Generic[NetworksT, ConfigT]):
    """Networks on their device; a family adds its ``optimizers``, by name, and its step.

    Args:
        data: what is learned from; images of side ``config.size``.
        config: of the run.
        runtime: where it runs.
        build: makes the networks of a schema, a config and so many channels of images.

    Raises:
        DataError: images of another size.
    """

    optimizers: dict[str, base.Optimizer]

    def __init__(
        self,
        data: Dataset,
        config: ConfigT,
        runtime: base.Runtime,
        build: Callable[[Schema, Any, int], NetworksT],
    ) -> None:
        refuse_other_size(data, config.size)
        self.data, self.config, self.runtime = data, config, runtime
        self.schema: Schema = data.schema.with_discovered(config.discovered)
        self.networks = build(self.schema, config, data.channels)
        for network in self.networks.named().values():
            runtime.place(network)

    def state(self) -> dict[str, Tensor]:
        """Networks and what their optimisers remember, by name."""
        parts: dict[str, Any] = {**self.networks.named()}
        parts |= {f"optimizer.{name}": each for name, each in self.optimizers.items()}
        return {
            f"{name}.{key}": tensor
            for name, each in parts.items()
            for key, tensor in each.state_dict().items()
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for name, network in self.networks.named().items():
            network.load_state_dict(part(state, name))
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(part(state, f"optimizer.{name}"))

    def update(self, name: str, loss: Tensor, rate: float, step: int) -> None:
        """Move what an optimiser moves down the slope of a loss."""
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.runtime.average_gradients(optimizer.parameters)
        optimizer.step(rate * self.config.pace(step))
