"""A run: one folder with everything a training left behind, and nothing in it carries code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interpretable_gan.errors import RunError
from interpretable_gan.models.gan.config import TrainingConfig
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.checkpoint import STATE, WEIGHTS, load_moment, no_weights
from interpretable_gan.training.doctor import examine

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN


@dataclass(frozen=True)
class Run:
    """A run folder: ``config.json``, ``schema.yaml``, ``weights.safetensors``,
    ``state.safetensors``, ``log.jsonl``, ``samples/``, and reports beside them.
    """

    path: Path
    config: TrainingConfig
    schema: Schema

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Open a run folder, trained or in training.

        Raises:
            RunError: it is none, or its config is damaged.
        """
        path = Path(path)
        if not (path / "config.json").is_file():
            raise RunError(f"{path} is no run: it has no config.json. Runs come from `igan train`.")
        try:
            settings = json.loads((path / "config.json").read_text(encoding="utf-8"))
            config = TrainingConfig.model_validate(settings)
        except ValueError as error:
            reason = " ".join(line.strip() for line in str(error).splitlines()[:3])
            raise RunError(f"{path / 'config.json'} is damaged ({reason}).") from None
        return cls(path, config, Schema.load(path / "schema.yaml"))

    def log(self) -> list[dict[str, Any]]:
        """The records of the log; the first tells where and on what the run was trained.

        Raises:
            RunError: the log is missing or damaged.
        """
        path = self.path / "log.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise RunError(f"{path} cannot be read: restore it, or make an empty one.") from None
        records = []
        for line in lines:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                break  # a line that was being written when the run was killed
            if not isinstance(record, dict):
                raise RunError(f"{path} is damaged: {line[:40]!r} is no record. Remove that line.")
            records.append(record)
        return records

    def notes(self) -> list[str]:
        """What the doctor says of the run, in sentences; empty when healthy."""
        records = self.log()
        first = records[0].get("notes", []) if records else []
        return [*first, *(note.sentence for note in examine(records, self.config.images))]

    def unfinished(self) -> str | None:
        """One sentence on a run that has not seen all of its images; None for one that has.

        Raises:
            RunError: its training state is damaged.
        """
        if not (self.path / WEIGHTS).exists():
            return no_weights(self.path)
        if not (self.path / STATE).exists():
            return None
        seen = load_moment(self.path / STATE).step * self.config.batch
        if seen >= self.config.images:
            return None
        return (
            f"{self.path} has seen {seen:,} of its {self.config.images:,} images so far. "
            f"To go on: igan train --resume {self.path}"
        )

    def model(self) -> InterpretableGAN:
        """The model as of the last checkpoint.

        Raises:
            RunError: no checkpoint yet, or a damaged one.
        """
        from interpretable_gan.models.gan.model import InterpretableGAN

        return InterpretableGAN.load(self.path)
