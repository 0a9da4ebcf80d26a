"""A run: one folder with everything a training left behind, and nothing in it carries code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interpretable_gan.errors import RunError
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.training.config import TrainingConfig
from interpretable_gan.training.doctor import examine

if TYPE_CHECKING:
    from interpretable_gan.model import InterpretableGAN


@dataclass(frozen=True)
class Run:
    """A run folder: ``config.json``, ``schema.yaml``, ``weights.safetensors``, ``state.pt``,
    ``log.jsonl``, ``samples/``, and reports beside them.
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
            reason = str(error).splitlines()[0]
            raise RunError(f"{path / 'config.json'} is damaged ({reason}).") from None
        return cls(path, config, Schema.load(path / "schema.yaml"))

    def log(self) -> list[dict[str, Any]]:
        """The records of the log; the first tells where and on what the run was trained."""
        lines = (self.path / "log.jsonl").read_text(encoding="utf-8").splitlines()
        records = []
        for line in lines:
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                break  # a line that was being written when the run was killed
        return records

    def notes(self) -> list[str]:
        """What the doctor says of the run, in sentences; empty when healthy."""
        records = self.log()
        first = records[0].get("notes", []) if records else []
        return [*first, *(note.sentence for note in examine(records, self.config.images))]

    def model(self) -> InterpretableGAN:
        """The model as of the last checkpoint.

        Raises:
            RunError: no checkpoint yet, or a damaged one.
        """
        from interpretable_gan.model import InterpretableGAN

        return InterpretableGAN.load(self.path)
