"""The calibration that a run keeps beside its weights, for the commands that tell probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.explain.calibration import Calibration
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.models.reader.model import Reader
    from interpretable_gan.training.run import Run

CALIBRATION = "calibration.json"


def calibration_of(
    run: Run, model: ImageModel | Reader, source: str | None, *, quiet: bool
) -> Calibration | None:
    """The run's calibration: made from ``source``, kept from an earlier call, or none. One of other
    weights is not used."""
    from interpretable_gan.explain.calibration import Calibration, calibrate

    path = run.path / CALIBRATION
    if source is not None:
        data = open_data(run, source, quiet=quiet)
        with progress("calibrating", quiet=quiet) as report:
            calibration = calibrate(model, data, progress=report)
        calibration.save(path)
        say(f"Saved {path}. {calibration.sentence()}", quiet=quiet)
        return calibration
    if is_stale(path, model):
        say(f"{path} was made for other weights and is not used: give --data again.", quiet=quiet)
        return None
    return Calibration.load(path) if path.is_file() else None


def is_stale(path: Path, model: ImageModel | Reader) -> bool:
    """Whether there is a calibration, but of other weights than the model's.

    Raises:
        RunError: a damaged one.
    """
    from interpretable_gan.explain.calibration import Calibration

    return path.is_file() and not Calibration.load(path).serves(model)
