"""A config refuses nonsense and survives being written down."""

import math

import pytest

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.config import SIZES
from interpretable_gan.models.gan.config import PRESETS, GANConfig


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_survives_json(preset):
    config = GANConfig.of(preset)
    assert GANConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"preset": "smal"}, r"no preset 'smal'. Did you mean 'small'\?"),
        ({"imags": 5}, r"no setting 'imags'. Did you mean 'images'\?"),
        ({"weights": {"reding": 1}}, r"no setting 'weights.reding'. Did you mean 'reading'\?"),
        ({"weights": {"foo": 1}}, r"There are: reading, discovering, .*, resembling\.$"),
        ({"weights": {"obeying": -5}}, "weights.obeying: .*greater than or equal to 0, but got -5"),
        ({"weights": {"obeying": math.nan}}, "weights.obeying: .*finite number, but got nan"),
        ({"noise": math.inf}, "noise: .*finite number, but got inf"),
        ({"seed": -1}, "seed: .*greater than or equal to 0, but got -1"),
        ({"images": 0}, "images: .*greater than or equal to 1.*got 0"),
        ({"size": 48}, "size 48: images have a side of 16, 32, 64 or 128"),
        ({"generator_widths": []}, "generator_widths: .*at least 1 item"),
        ({"generator_widths": [8, 0, 8, 8]}, "generator_widths.1: .*greater than or equal to 1"),
        (
            {"size": 64, "generator_widths": [24, 16, 8]},
            r"has 3 entries, but size 64 needs 5.*leave it out, or give.*\[24, 24, 24, 16, 8\]",
        ),
        ({"edited": 0.6, "recalled": 0.5}, "edited 0.6 and recalled 0.5 are shares of one batch"),
    ],
)
def test_nonsense_gets_one_sentence(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        GANConfig.of(**settings)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_draws_every_size_and_its_own_as_it_says(preset, size):
    config, own = GANConfig.of(preset, size=size), GANConfig.of(preset)
    assert 4 * 2 ** (len(config.generator_widths) - 1) == size
    assert config.generator_widths[-2:] == own.generator_widths[-2:], "the finest sides stay"
    if size == own.size:
        assert config == own


def test_base_is_narrower_at_its_coarse_sides_for_smaller_images():
    assert GANConfig.of("base", size=64).generator_widths == (384, 256, 192, 96, 48)
    assert GANConfig.of("tiny", size=64).generator_widths == (128, 128, 96, 64, 32)


def test_some_weights_can_be_changed_without_the_others():
    """Those of a preset stay, too, where it has its own."""
    for preset in ("tiny", "photo"):
        config, own = GANConfig.of(preset, weights={"reading": 3}), GANConfig.of(preset)
        assert config.weights == own.weights.model_copy(update={"reading": 3})


def test_rates_rise_hold_and_fall_while_the_game_opens():
    config = GANConfig.of(images=10_000, batch=10, opening=0.2, cooling=0.5)
    assert config.pace(0) == pytest.approx(1 / 50)
    assert [config.pace(step) for step in (100, 400)] == [1, 1]
    assert config.pace(750) == pytest.approx(0.5)
    assert config.pace(999) == pytest.approx(0.01)
    assert [config.opened(step) for step in (0, 100, 200, 999)] == [0, 0.5, 1, 1]
