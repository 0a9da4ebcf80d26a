"""A model around another: what it does not do itself is the inner one's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from interpretable_gan.modalities.base import Modality
from interpretable_gan.shapes import Code, Style


class Wrapper:
    """Passes a `Model` through, and all that the inner model offers beyond it.

    ``model``: the inner one.
    """

    model: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "model":  # not there while an object is being copied
            raise AttributeError(name)
        return getattr(self.model, name)

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.model.name

    @property
    def modality(self) -> Modality:
        """What its examples are."""
        return self.model.modality

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.model.device

    def tensors(self) -> dict[str, Tensor]:
        """Those of the inner model; a run keeps what is around it in a file beside them."""
        return self.model.tensors()

    def codes(self, n: int, *, seed: int = 0) -> Code:
        """Codes ``(n, columns)`` that are usual in the training data."""
        return self.model.codes(n, seed=seed)

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``."""
        return self.model.styles(n, seed=seed)

    def encode(self, examples: Any) -> tuple[Code, Style]:
        """Code and style of examples. Codes of real examples ask for nothing in full."""
        return self.model.encode(examples)
