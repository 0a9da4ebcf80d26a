"""The smallest run that is still a run: 160 portraits of 16×16, networks of a few channels."""

import pytest
import torch

from interpretable_gan.data import portraits
from interpretable_gan.models.gan.config import GANConfig


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data():
    return portraits.dataset(size=16, count=160, seed=0)


@pytest.fixture(scope="session")
def config():
    return GANConfig.of(
        "tiny",
        size=16,
        generator_widths=(8, 8, 8),
        discriminator_widths=(8, 8),
        discovered=2,
        style=4,
        batch=8,
        images=80 * 8,
        save_every=400,
        threads=1,
    )
