"""A run: one folder with everything a training left behind, and nothing in it carries code."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from interpretable_gan.atomic import read_json, write_text
from interpretable_gan.errors import InterpretableGANWarning, RunError
from interpretable_gan.models.config import FORMAT, TrainingConfig
from interpretable_gan.models.families import family_named
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.models.steered import FILE as SHIFTS
from interpretable_gan.models.steered import Steered, load_shifts, save_shifts
from interpretable_gan.models.taught import FILE as WORDS
from interpretable_gan.models.taught import Taught, Word, load_words, save_words
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.checkpoint import (
    STATE,
    WEIGHTS,
    load_moment,
    load_weights,
    no_weights,
    not_finite,
    save_weights,
)
from interpretable_gan.training.doctor import examine


@dataclass(frozen=True)
class Run:
    """A run folder: ``config.json``, ``schema.yaml``, ``weights.safetensors``,
    ``state.safetensors``, ``log.jsonl``, ``samples/``, and reports beside them.
    """

    path: Path
    config: Any  # of its family
    schema: Schema

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Open a run folder, trained or in training.

        Raises:
            RunError: it is none, its config is damaged, or a later version wrote it.
        """
        path = Path(path)
        if not (path / "config.json").is_file():
            raise RunError(f"{path} is no run: it has no config.json. Runs come from `igan train`.")
        try:
            settings = read_json(path / "config.json")
            written = settings.get("format", 1)
            if written > FORMAT:
                raise RunError(
                    f"{path} was written by a later version (format {written}, this version reads "
                    f"up to {FORMAT}): upgrade interpretable-gan to open it."
                )
            settings = {"family": "gan"} | settings | {"format": FORMAT}
            config = family_named(settings["family"]).config.model_validate(settings)
        except (ValueError, TypeError, AttributeError) as error:
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
            except (ValueError, RecursionError):
                break  # a line that was being written when the run was killed
            if not isinstance(record, dict):
                raise RunError(f"{path} is damaged: {line[:40]!r} is no record. Remove that line.")
            records.append(record)
        return records

    def notes(self) -> list[str]:
        """What the doctor says of the run, in sentences; empty when healthy.

        Raises:
            RunError: the log is missing or damaged.
        """
        records = self.log()
        first = records[0].get("notes", []) if records else []
        if not isinstance(self.config, TrainingConfig):  # nothing went step by step
            return first
        try:
            return [*first, *(note.sentence for note in examine(records, self.config.images))]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunError(
                f"{self.path / 'log.jsonl'} is damaged ({error!r} is not as the doctor knows it): "
                "restore it, or make an empty one."
            ) from None

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

    def words(self) -> tuple[Word, ...]:
        """What the run was taught after training, see `teach`.

        Raises:
            RunError: the file is damaged.
        """
        return load_words(self.path / WORDS)

    def keep(self, words: Sequence[Word]) -> None:
        """Let these be the words of the run; written whole or not at all."""
        save_words(self.path / WORDS, words)

    def model(
        self, device: str | torch.device = "auto", *, steered: bool = True, taught: bool = True
    ) -> Any:
        """The model as of the last checkpoint.

        A run of version 0.1 opens without its directions, which is said in a warning.

        Args:
            device: ``auto`` is a GPU where there is one.
            steered: with the shifts of `igan steer`, where the run has some.
            taught: with the words of `igan teach`, where it has some; those that were taught to
                other weights are left out, which is said in a warning.

        Raises:
            RunError: no checkpoint yet, damaged files, or weights that are no numbers.
        """
        path = self.path / WEIGHTS
        tensors = _finite(path)
        if dropped := [name for name in tensors if name.startswith("directions.")]:
            tensors = {name: each for name, each in tensors.items() if name not in dropped}
            warnings.warn(
                f"{self.path} is a run of version 0.1: it opens without its directions, so edits "
                "are as the generator alone draws them.",
                InterpretableGANWarning,
                stacklevel=2,
            )
        try:
            model: Any = family_named(self.config.family).model(self.schema, self.config, tensors)
        except RunError as error:
            raise RunError(
                f"{path}: {error}. They are of two runs or of an earlier version: restore what "
                "belongs together, or train again."
            ) from None
        model = model.to(best_device() if device == "auto" else device)
        words = self._usable_words(model) if taught else ()
        if steered and (self.path / SHIFTS).exists():
            model = Steered(model, load_shifts(self.path / SHIFTS))
        return Taught(model, words) if words else model

    def _usable_words(self, model: Any) -> list[Word]:
        """The words that were taught to the weights that the model has."""
        words = self.words()
        origin = fingerprint(model) if words else ""
        if stale := [word.attribute.name for word in words if word.model != origin]:
            warnings.warn(
                f"{self.path} was trained on since it was taught {', '.join(stale)}: teach that "
                "again, until then it is left out.",
                InterpretableGANWarning,
                stacklevel=3,
            )
        return [word for word in words if word.model == origin]


def save_model(model: Any, folder: str | Path) -> Run:
    """Save a trained model to a folder of its own: config, schema, weights and, where it has some,
    shifts and words; no training state.

    Raises:
        RunError: the folder holds a run already.
    """
    folder = Path(folder)
    if (folder / "config.json").exists():
        raise RunError(f"{folder} holds a run already: choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, model.tensors())
    if isinstance(model, Taught):
        save_words(folder / WORDS, model.words)
        model = model.model
    if isinstance(model, Steered):
        save_shifts(folder / SHIFTS, model.shifts)
    model.schema.save(folder / "schema.yaml")
    write_text(folder / "log.jsonl", "")
    write_text(folder / "config.json", model.config.model_dump_json(indent=2))
    return Run.open(folder)


def best_device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _finite(path: Path) -> dict[str, Tensor]:
    """The weights of a file.

    Raises:
        RunError: missing or damaged, or some are NaN or infinite.
    """
    tensors = load_weights(path)
    if name := not_finite(tensors):
        raise RunError(f"{path}: {name} is NaN or infinite in places. Restore it, or train again.")
    return tensors
