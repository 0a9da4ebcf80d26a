"""Steering, an optional step after training: see `steer`. Public names load on first use."""

from interpretable_gan.lazy import on_demand

PUBLIC = {"steer": "fit", "Readers": "readers", "train_readers": "readers"}  # name → its module

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
