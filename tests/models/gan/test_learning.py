"""A short training learns what the model is for: to draw what was asked, to tell real from
generated, and to do so by what has a name.

Floors leave room below seeds 0, 1 and 2, whose values stand beside them.
"""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from interpretable_gan.data import portraits
from interpretable_gan.models.base import sample
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.loop import train


@pytest.fixture(scope="module")
def data():
    return portraits.dataset(size=16, count=1000, seed=0)


@pytest.fixture(scope="module")
def model(data):
    """160 steps: about 15 seconds of one core."""
    config = GANConfig.of(
        size=16,
        generator_widths=(32, 24, 16),
        discriminator_widths=(8, 16),
        discovered=2,
        style=8,
        batch=32,
        images=160 * 32,
        averaging=1000,
        precision="float32",
        threads=1,
    )
    return train(data, config)


@pytest.fixture(scope="module")
def held_out(data):
    """Images that training did not see, and their labels."""
    images, labels, _ = data.batch(np.concatenate([data.rows("validation"), data.rows("test")]))
    return images, labels


def pixels(images):
    return images.flatten(1).numpy()


@pytest.mark.parametrize("name", ["hat", "skin_tone", "light"])
def test_images_show_as_much_as_was_asked(name, model, data, held_out):
    """Read by a linear fit of real pixels to labels, in which the model has no part."""
    column = data.schema.slices[name].start
    images, labels, _ = data.batch(data.rows("train"))
    reader = Ridge(100).fit(pixels(images), labels[:, column].numpy())
    known = np.corrcoef(reader.predict(pixels(held_out[0])), held_out[1][:, column].numpy())[0, 1]
    assert known > 0.9, "the reader is no judge"

    low, high = data.schema[name].range or (0, 1)
    least, half, most = (
        reader.predict(pixels(sample(model, 200, {name: asked})))
        for asked in (low, (low + high) / 2, high)
    )
    assert (least < 0).mean() > 0.9  # 1.00 for all attributes and seeds
    assert (most > 0).mean() > 0.9  # 1.00
    assert least.mean() < -0.4  # -0.63 to -1.21, where labels go from -1 to 1
    assert most.mean() > 0.4  # 0.56 to 1.31
    assert abs(half.mean()) < 0.3  # up to 0.11


def test_the_decision_tells_real_from_generated_by_what_has_a_name(model, held_out):
    """Pairs of a held-out image and a generated one with the same named code."""
    images, labels = held_out
    code = model.code_of(images, labels)
    fakes = model.draw(code, model.styles(len(images)))
    lead = model.terms(images, code).minus(model.terms(fakes, code))
    assert (lead.total > 0).float().mean() > 0.8  # 0.96 to 0.99; chance is 0.5
    assert lead.total.mean() < 1.5  # 0.7 to 1.1; 1.8 where the generator does not play

    lost = {source: terms.mean().item() for source, terms in lead.by_source().items()}
    assert lost["named"] > 0.3  # 0.6 to 1.0 is lost with the named terms
    assert lost["named"] > 3 * lost["residual"]  # 7 to 17 times as much
