"""Hand-made edits whose counts are known, and a card of the tiny world made once."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from interpretable_gan.audit.judges import FaceNetworks, ForeignJudge
from interpretable_gan.audit.material import Edited, Material, Observed
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.targets import targets
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SMALL = Sizes(
    samples=60, edits=5, pictures=60, places=1, curves=4, codes=50, evaluator=320, resamples=50
)
STAND_IN = ForeignJudge(
    "stand-in", "f" * 64, ("smiling",), lambda images: (images[:, :1, 8, 8] + 1) / 2
)
"""A judge of one attribute that somebody else might have made, of no use."""


def points(images):
    """Pixels and their places as if they were landmarks."""
    return images.flatten(1)[:, :936] + torch.arange(936)


FACES = FaceNetworks(
    FeatureExtractor("who", "e" * 64, torch.nn.Flatten(), 8, pixels=(-1, 1)),
    FeatureExtractor("mesh", "d" * 64, points, 18, pixels=(-1, 1)),
)
"""Networks that compare pixels, of no use either."""

NAMES = ("smiling", "hat", "beard", "pale")


@dataclass
class Script:
    """Samples in which nothing is on, and edits that do what each test says."""

    schema: Schema
    count: int = 200

    @property
    def judge(self):
        """Reads the signs of scores, and every attribute but the last."""
        return SimpleNamespace(
            schema=self.schema, readable=self.schema.names[:-1], name="evaluator-scripted"
        )

    def material(self, edit):
        """``edit(attribute, rows)`` gives scores after switching it on, and moved contributions."""
        off = -np.ones((self.count, len(self.schema.names)), np.float32)
        flat = np.zeros((self.count, len(self.schema.names)))
        seen = Observed((off, off), off, flat, {}, np.zeros((0, 0), np.float32))
        rows = np.arange(self.count)
        edits = []
        for target in targets(self.schema):
            if target.label == "on":
                scores, moved = edit(target.attribute, off.copy())
                hidden = np.zeros(self.count, bool)
                edits.append(
                    Edited(target, rows, hidden, (scores, scores), moved, np.zeros((0, 0)))
                )
        code = torch.from_numpy(off)
        style = torch.zeros(self.count, 1)
        return Material(rows, rows, code, code, style, seen, seen, flat, tuple(edits))


@pytest.fixture
def faces():
    """Networks that know faces."""
    return FACES


@pytest.fixture
def script():
    return Script(Schema(name="faces", attributes=tuple(Attribute(name=name) for name in NAMES)))


@pytest.fixture(scope="session")
def small():
    """The smallest audit that still measures everything."""
    return SMALL


@pytest.fixture(scope="session")
def least():
    """Sizes with which evaluators learn nothing, for what does not rest on them."""
    return SMALL.model_copy(update={"evaluator": 64, "samples": 40, "pictures": 60})


@pytest.fixture(scope="session")
def audited(world, tmp_path_factory):
    """Call it for a small card of the tiny model on some data."""
    from interpretable_gan.audit.auditing import audit

    def call(data, **settings):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
            settings = {"sizes": SMALL, "command": "igan audit run --force"} | settings
            return audit(world.run.model(), data, **settings)

    return call


@pytest.fixture(scope="session")
def card(world, audited):
    """The card of the tiny world, with twenty test images."""
    return audited(world.data, judges=(STAND_IN,), faces=FACES)


@pytest.fixture
def rows_of_people():
    """Data with 60 test images of 12 people, 100 images apart, and the rest for training."""

    def of(data):
        order = np.arange(len(data))
        splits = {
            "train": order[:30],
            "validation": order[30:40],
            "test": order[40:100],
            "official test": order[100:200],
        }
        return replace(data, splits=splits, groups=order // 5)

    return of
