"""A config refuses nonsense and survives being written down."""

import pytest

from interpretable_gan.errors import ConfigError
from interpretable_gan.training.config import PRESETS, TrainingConfig


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_survives_json(preset):
    config = TrainingConfig.of(preset)
    assert TrainingConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"preset": "smal"}, r"no preset 'smal'. Did you mean 'small'\?"),
        ({"imags": 5}, r"no setting 'imags'. Did you mean 'images'\?"),
        ({"weights": {"reding": 1}}, r"no setting 'weights.reding'. Did you mean 'reading'\?"),
        ({"images": 0}, "images: .*greater than or equal to 1.*got 0"),
        ({"size": 48}, "generator_widths has 4 entries, but size 48"),
        ({"size": 20}, "size 20: images have a side of"),
        ({"edited": 0.6, "recalled": 0.5}, "edited 0.6 and recalled 0.5 are shares of one batch"),
    ],
)
def test_nonsense_gets_one_sentence(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        TrainingConfig.of(**settings)


def test_some_weights_can_be_changed_without_the_others():
    config = TrainingConfig.of(weights={"reading": 3})
    assert config.weights.reading == 3
    assert config.weights.obeying == TrainingConfig().weights.obeying


def test_rates_rise_hold_and_fall_while_the_game_opens():
    config = TrainingConfig.of(images=10_000, batch=10, opening=0.2, cooling=0.5)
    assert config.pace(0) == pytest.approx(1 / 50)
    assert [config.pace(step) for step in (100, 400)] == [1, 1]
    assert config.pace(750) == pytest.approx(0.5)
    assert config.pace(999) == pytest.approx(0.01)
    assert [config.opened(step) for step in (0, 100, 200, 999)] == [0, 0.5, 1, 1]
