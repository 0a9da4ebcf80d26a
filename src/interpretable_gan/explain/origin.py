"""Which model something was made for: what is kept beside one serves no other weights."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.models.recommend.model import Recommender
    from interpretable_gan.models.tables.model import TableModel


def fingerprint(model: ImageModel | TableModel | Recommender) -> str:
    """SHA-256 of the weights that a saved run holds."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.tensors().items()):
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def refuse_other(what: str, made_for: str, model: ImageModel, again: str) -> None:
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
