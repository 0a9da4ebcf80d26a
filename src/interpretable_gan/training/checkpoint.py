"""The two kinds of weights a run keeps, both safetensors: neither carries code.

`WEIGHTS` is what others load: the averaged generator, the discriminator with its encoder, and codes
to draw from. `STATE` is what training resumes from, with the `Moment` as JSON in its header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from interpretable_gan.atomic import read_tensors, write_tensors
from interpretable_gan.errors import RunError, TrainingError

WEIGHTS = "weights.safetensors"
STATE = "state.safetensors"


@dataclass(frozen=True)
class Moment:
    """Where a training stands: steps taken and seconds spent, by how many processes, on which data
    (see `origin`).
    """

    step: int
    seconds: float
    world: int
    data: dict[str, Any]


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """The first tensor with NaN or infinite values, by name; None when all are finite."""
    return next((name for name, each in tensors.items() if not each.isfinite().all()), None)


def save_weights(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Save named tensors as safetensors.

    Raises:
        TrainingError: one has NaN or infinite values, which no model could be loaded from; what
            ``path`` holds stays as it is.
    """
    if name := not_finite(tensors):
        raise TrainingError(f"{name} is not finite: {path} stays as it was.")
    write_tensors(path, tensors)


def load_weights(path: Path) -> dict[str, Tensor]:
    """Load what `save_weights` saved.

    Raises:
        RunError: the file is missing or damaged.
    """
    if not path.exists():
        raise RunError(no_weights(path.parent))
    try:
        return read_tensors(path)[0]
    except OSError as error:
        raise RunError(
            f"{path} cannot be read as weights ({error}). Train again or restore it."
        ) from None


def no_weights(run: Path) -> str:
    """Why a run has none, and what to do."""
    return (
        f"{run} has no weights yet: it was stopped before its first checkpoint. "
        f"To go on: igan train --resume {run}"
    )


def save_state(path: Path, moment: Moment, tensors: Mapping[str, Tensor]) -> None:
    """Save all from which training resumes."""
    write_tensors(path, tensors, {"moment": json.dumps(asdict(moment))})


def load_state(path: Path) -> tuple[Moment, dict[str, Tensor]]:
    """Load what `save_state` saved.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        tensors, metadata = read_tensors(path)
        return Moment(**json.loads(metadata["moment"])), tensors
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read as a training state ({error}).") from None


def load_moment(path: Path) -> Moment:
    """The moment alone of what `save_state` saved.

    Raises:
        RunError: the file is missing or damaged.
    """
    return load_state(path)[0]
