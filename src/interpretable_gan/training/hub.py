"""A trained model from wherever it lies: a folder, or a repository on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interpretable_gan.errors import RunError
from interpretable_gan.training.run import Run

WANTED = ("*.json", "*.yaml", "*.safetensors", "*.jsonl")
"""Files of a repository that are fetched: data only, and no page."""


def from_pretrained(source: str | Path, *, device: str = "auto") -> Any:
    """The model of a run folder, of what ``igan export --to hf`` wrote, or of a repository.

    Nothing but data is loaded: JSON, YAML and safetensors.

    Args:
        source: a folder, or ``owner/name`` of a repository on the Hub, which is fetched or taken
            from the local cache.
        device: as `Run.model` has it.

    Raises:
        RunError: neither a folder nor a repository that can be had, or a damaged one.
    """
    path = Path(source)
    if not path.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )

        try:
            path = Path(snapshot_download(str(source), allow_patterns=list(WANTED)))
        except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            raise RunError(
                f"{source} is neither a folder nor a repository that can be had "
                f"({type(error).__name__}): check its name and the network."
            ) from None
    return Run.open(path).model(device)
