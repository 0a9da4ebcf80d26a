"""Parts of a recommender as tensors and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from interpretable_gan.models.recommend.encoder import Parts

DENSE = ("named", "columns", "tastes", "traits", "popularity", "mean")


def saved(name: str, parts: Parts) -> dict[str, Tensor]:
    """Parts as tensors, the residual by column."""
    found = {
        f"{name}.{part}": torch.from_numpy(np.array(getattr(parts, part), order="C"))
        for part in DENSE
    }
    sparse = sp.csc_array(parts.residual)
    sparse.sort_indices()
    for part in ("data", "indices", "indptr"):
        found[f"{name}.residual.{part}"] = torch.from_numpy(getattr(sparse, part).copy())
    return found


def loaded(name: str, tensors: Mapping[str, Tensor]) -> Parts:
    """Parts from tensors."""
    found = {part: tensors[f"{name}.{part}"].numpy() for part in DENSE}
    pieces = tuple(
        tensors[f"{name}.residual.{part}"].numpy() for part in ("data", "indices", "indptr")
    )
    shape = (len(found["mean"]), len(found["popularity"]))
    return Parts(residual=sp.csc_array(pieces, shape=shape), **found)
