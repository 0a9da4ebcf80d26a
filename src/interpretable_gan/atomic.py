"""Writing that never leaves half a file, whatever stops it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Call ``save`` with a temporary name beside ``path``, then rename: all of it or nothing.

    Makes the folder it lies in.

    Raises:
        OSError: it cannot be written, for example on a full disk; what ``path`` held stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        temporary = Path(name)
        try:
            save(temporary)
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        kept = "; what it held before is still there" if path.exists() else ""
        raise OSError(f"{path} cannot be written ({error.strerror or error}){kept}") from error


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one go."""
    write(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None
) -> None:
    """Replace a file of named tensors, as safetensors, in one go."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}

    def save(temporary: Path) -> None:
        try:
            save_file(plain, temporary, metadata=metadata)
        except SafetensorError as error:  # also of a full disk
            raise OSError(str(error)) from None

    write(path, save)
