"""The two kinds of weights a run keeps.

``weights.safetensors`` is what others load: the averaged generator, the discriminator with its
encoder, and codes to draw from. ``state.pt`` is what training resumes from. Neither carries code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from interpretable_gan.atomic import write
from interpretable_gan.errors import RunError


def save_weights(path: Path, tensors: dict[str, Tensor]) -> None:
    """Save named tensors as safetensors."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write(path, lambda temporary: save_file(plain, temporary))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Load what `save_weights` saved.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise RunError(
            f"{path} cannot be read as weights ({error}). Train again or restore it."
        ) from None


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Save tensors and plain values from which training resumes."""
    write(path, lambda temporary: torch.save(state, temporary))


def load_state(path: Path) -> dict[str, Any]:
    """Load what `save_state` saved; refuses anything but tensors and plain values.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises several kinds for a damaged file
        reason = str(error).splitlines()[0]
        raise RunError(f"{path} cannot be read as a training state ({reason}).") from None
    return loaded
