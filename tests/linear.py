"""A world in which every answer is known: images are linear in z, and log-odds in images."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.steer.readers import Readers

SCHEMA = Schema(
    name="toy",
    attributes=(
        Attribute(name="smiling"),
        Attribute(name="hair", kind="categorical", levels=("black", "blond", "red")),
        Attribute(name="age", kind="continuous", range=(0, 100)),
        Attribute(name="hat"),
    ),
).with_discovered(1)
STYLE = 6
Z = SCHEMA.columns + STYLE


class Rows:
    """A modality that takes and shows anything."""

    def check(self, examples):
        return examples

    def show(self, examples):
        return examples


@dataclass(frozen=True, eq=False)
class Linear:
    """Images ``(batch, 1, 1, z)`` = z · mixing."""

    mixing: Tensor  # (z, pixels)
    typical: float = 0.5
    name: str = "toy"
    schema: Schema = SCHEMA
    modality: Rows = field(default_factory=Rows)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def to(self, device):
        return replace(self, mixing=self.mixing.to(device), device=torch.device(device))

    def tensors(self):
        return {"mixing": self.mixing}

    def codes(self, n, *, seed=0):
        chance = torch.Generator().manual_seed(seed)
        code = self.typical * (2 * torch.rand(n, self.schema.columns, generator=chance) - 1)
        return code.to(self.device)

    def styles(self, n, *, seed=0):
        """As spread as codes, so that a ridge regression shrinks all slopes alike."""
        chance = torch.Generator().manual_seed(seed + 1)
        style = self.typical / 3**0.5 * torch.randn(n, STYLE, generator=chance)
        return style.to(self.device)

    def render(self, code, style):
        return (torch.cat([code, style], dim=1) @ self.mixing)[:, None, None]

    def draw(self, code, style):
        return self.render(code, style)

    def encode(self, examples):
        z = examples[:, 0, 0] @ torch.linalg.inv(self.mixing)
        return z.split([self.schema.columns, STYLE], dim=1)

    def read(self, images):
        """Something that a model offers beyond `Model`."""
        return images.sum(dim=(1, 2, 3))


def model(seed=0, **settings):
    """A linear model with a random mixing, in which codes do less than styles."""
    mixing = torch.randn(Z, Z, generator=torch.Generator().manual_seed(seed)) / Z**0.5
    mixing[: SCHEMA.columns] /= 8
    return Linear(mixing, **settings)


def weights(seed=1):
    """Log-odds = pixels · weights, ``(pixels, named)``."""
    return torch.randn(Z, SCHEMA.named_columns, generator=torch.Generator().manual_seed(seed))


def readers(weights, readable=tuple(a.name for a in SCHEMA.named)):
    """Readers of linear log-odds."""
    return Readers(lambda images: images[:, 0, 0] @ weights, readable, "toy")
