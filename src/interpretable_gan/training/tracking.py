"""Curves for TensorBoard, beside the log that every run keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from interpretable_gan.errors import MissingExtraError

if TYPE_CHECKING:
    from interpretable_gan.progress import Status


class TensorBoard:
    """A progress callback that writes losses and measurements to ``RUN/tensorboard``.

    Raises:
        MissingExtraError: tensorboardX is not installed.
    """

    def __init__(self, run: Path) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise MissingExtraError("TensorBoard", "track") from None
        self._writer = SummaryWriter(str(run / "tensorboard"))

    def __call__(self, status: Status) -> None:
        for name, value in status.losses.items():
            self._writer.add_scalar(name, value, status.done)

    def close(self) -> None:
        """Write what is still waiting."""
        self._writer.close()
