"""Which model something was made for: what is kept beside one serves no other weights."""

from __future__ import annotations

import hashlib
from typing import Protocol

from torch import Tensor

from interpretable_gan.errors import RunError


class Weighted(Protocol):
    """What has weights."""

    def tensors(self) -> dict[str, Tensor]:
        """All that it is made of, by name."""
        ...


def fingerprint(model: Weighted) -> str:
    """SHA-256 of the weights that a saved run holds."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.tensors().items()):
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def refuse_other(what: str, made_for: str, model: Weighted, again: str) -> None:
    """Stop before something serves a model that it was not made for.

    Args:
        what: such as ``the calibration``.
        made_for: the `fingerprint` it was made with.
        again: how to make it anew.

    Raises:
        RunError: it was made for other weights.
    """
    if made_for != fingerprint(model):
        raise RunError(f"{what} was made for other weights than the model has: {again}.")
