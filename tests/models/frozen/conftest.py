"""Runs around a small generator."""

import pytest

from halves import freeze_halves
from interpretable_gan.models.frozen.config import FrozenConfig
from world import TINY, trained

SETTINGS = {
    name: each
    for name, each in TINY.items()
    if name not in ("size", "style", "discovered", "generator_widths")
}
"""Settings of the smallest networks around a generator."""


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    """Settings of a tiny run, with the file of a generator among them."""
    return SETTINGS | {"generator": str(freeze_halves(tmp_path_factory.mktemp("halves")))}


@pytest.fixture(scope="session")
def frozen(world, settings, tmp_path_factory):
    """A run of four steps around somebody's generator, on portraits; leave its folder as is."""
    config = FrozenConfig.of("tiny", **settings)
    return trained(world.data, config, tmp_path_factory.mktemp("frozen") / "run")
