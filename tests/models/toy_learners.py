"""How the toys learn: two networks against each other, or one that maximises its score."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from toys import Toy

from interpretable_gan.chance import generator as chance
from interpretable_gan.models.base import Batch, MakesOptimizer, Runtime

RATE = 0.05
"""Of both learners."""


@dataclass(frozen=True)
class Alone:
    """This process, on a CPU."""

    batch: int = 8
    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def place(self, network: nn.Module) -> nn.Module:
        return network

    def arithmetic(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        pass

    def average(self, tensors: list[torch.Tensor]) -> None:
        pass


class Momentum:
    """Steps that remember earlier ones; kernels are moved as all else."""

    def __init__(self, network: nn.Module, kernels: Sequence[nn.Parameter]) -> None:
        self.parameters = list(network.parameters())
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters]

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        for parameter, velocity in zip(self.parameters, self.velocities, strict=True):
            if parameter.grad is not None:
                velocity.mul_(0.9).add_(parameter.grad)
                parameter.sub_(rate * velocity)

    def state_dict(self) -> dict[str, Tensor]:
        return {str(number): velocity for number, velocity in enumerate(self.velocities)}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        for number, velocity in state.items():
            self.velocities[int(number)].copy_(velocity)


class ToyLearner:
    """What both share: the toy that learns, an optimizer for each of its networks, a state."""

    def __init__(self, data: Toy, seed: int, runtime: Runtime, optimizer: MakesOptimizer) -> None:
        self.schema, self.seed, self.runtime = data.schema, seed, runtime
        self.toy = runtime.place(type(data)(seed)).requires_grad_(True)
        self.optimizers = {name: optimizer(part, []) for name, part in self.toy.named_children()}

    def update(self, network: str, loss: Tensor) -> None:
        """One step of one network down its loss."""
        optimizer = self.optimizers[network]
        optimizer.zero_grad()
        loss.backward()
        self.runtime.average_gradients(optimizer.parameters)
        optimizer.step(RATE)

    def state(self) -> dict[str, Tensor]:
        found = {f"toy.{name}": tensor for name, tensor in self.toy.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            found |= {f"{name}.{key}": tensor for key, tensor in optimizer.state_dict().items()}
        return found

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self.toy.load_state_dict(_under("toy", state))
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(_under(name, state))

    def model(self) -> Toy:
        return copy.deepcopy(self.toy).requires_grad_(False)


class GameLearner(ToyLearner):
    """A generator and a discriminator, with the non-saturating loss (Goodfellow et al. 2014)."""

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        real, labels, known = batch
        code = torch.where(known, labels, 0)
        luck = chance(self.seed, "styles", step, self.runtime.rank)
        style = torch.randn(len(code), self.toy.style, generator=luck).to(self.runtime.device)
        with self.runtime.arithmetic():
            on_real = self.toy.terms(real, code)
            on_fake = self.toy.terms(self.toy.draw(code, style).detach(), code)
            judged = F.softplus(-on_real.total).mean() + F.softplus(on_fake.total).mean()
            self.update("discriminator", judged)
            drawn = F.softplus(-self.toy.terms(self.toy.draw(code, style), code).total).mean()
            self.update("generator", drawn)
        gap = on_real.minus(on_fake).by_row()
        return {
            "discriminator": judged.detach(),
            "generator": drawn.detach(),
            "gap": torch.stack([gap[name].detach().mean() for name in self.schema.names]),
        }


class LikelihoodLearner(ToyLearner):
    """One network that raises its score, a log-density or a bound of one."""

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        examples, labels, known = batch
        with self.runtime.arithmetic():
            terms = self.toy.terms(examples, torch.where(known, labels, 0))
            loss = -terms.total.mean()
            self.update("weights", loss)
        added = {name: values.detach() for name, values in terms.by_row().items()}
        by_attribute = [
            added[name].where(known[:, columns].all(dim=1), torch.nan).nanmean()
            for name, columns in self.schema.slices.items()
        ]
        return {"loss": loss.detach(), "by attribute": torch.stack(by_attribute)}


def _under(name: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a state holds under a name."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): t for key, t in state.items() if key.startswith(prefix)}
