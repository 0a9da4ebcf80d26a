"""Files that are whole or absent, whatever stops a write, and that show damage when they are read.

JSON and tensors are written with a checksum. It guards against disks, not against people: whoever
means to change a file can change both.
"""

from __future__ import annotations

import glob
import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


CHECKSUM = "crc32"
"""The field of JSON, and of the header of a file of tensors, with a checksum of all else."""

ABANDONED = 86_400
"""Seconds after which nobody writes to a temporary file any more: whoever did was killed."""


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Call ``save`` with a temporary name beside ``path``, then rename: all of it or nothing.

    Makes the folder it lies in. Temporary files of a killed process are removed after a day.

    Raises:
        OSError: it cannot be written, for example on a full disk; what ``path`` held stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path.parent, f".{glob.escape(path.name)}-*")
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


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove the temporary files of a folder that nobody has written to for a day."""
    for path in folder.glob(pattern):
        with suppress(OSError):  # somebody else has removed it
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one go."""
    write(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_json(path: Path, fields: Mapping[str, Any]) -> None:
    """Replace a file of JSON in one go, with a checksum beside the fields."""
    plain = json.loads(json.dumps(fields, allow_nan=False))
    text = json.dumps(plain | {CHECKSUM: _crc(plain)}, indent=1, ensure_ascii=False)
    write_text(path, f"{text}\n")


def read_json(path: Path) -> Any:
    """What `write_json` wrote, or any other JSON; without its checksum, where it has one.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or not what was written.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("values are nested too deep") from None
    if isinstance(fields, dict) and CHECKSUM in fields:
        _compare(fields.pop(CHECKSUM), _crc(fields))
    return fields


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Replace a file of named tensors, as safetensors, in one go, with a checksum in its header."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    about = {**(metadata or {}), CHECKSUM: _crc_of_tensors(plain, metadata or {})}

    def save(temporary: Path) -> None:
        try:
            save_file(plain, temporary, metadata=about)
        except SafetensorError as error:  # also of a full disk
            raise OSError(str(error)) from None

    write(path, save)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata as `write_tensors` wrote them; files without a checksum are read, too.

    Raises:
        OSError: it cannot be read, is damaged, or not what was written.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = dict(file.metadata() or {})
        if CHECKSUM in metadata:
            _compare(metadata.pop(CHECKSUM), _crc_of_tensors(tensors, metadata))
    except OSError:
        raise
    except (SafetensorError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise OSError(" ".join(str(error).split())) from None
    return tensors, metadata


def _crc(fields: Any) -> str:
    return f"{zlib.crc32(json.dumps(fields, sort_keys=True).encode()):08x}"


def _crc_of_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """Over names, types, shapes, values and metadata."""
    import torch

    about = {name: [str(each.dtype), list(each.shape)] for name, each in tensors.items()}
    crc = zlib.crc32(_crc([about, dict(metadata)]).encode())
    for _, tensor in sorted(tensors.items()):
        flat = tensor.reshape(-1).clone(memory_format=torch.contiguous_format)
        crc = zlib.crc32(flat.view(torch.uint8).numpy().data, crc)
    return f"{crc:08x}"


def _compare(told: object, found: str) -> None:
    """Raises ValueError where they differ."""
    if told != found:
        raise ValueError("its content is not what was written: the checksum differs")
