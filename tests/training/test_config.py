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
    ],
)
def test_nonsense_gets_one_sentence(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        TrainingConfig.of(**settings)


def test_some_weights_can_be_changed_without_the_others():
    config = TrainingConfig.of(weights={"reading": 3})
    assert config.weights.reading == 3
    assert config.weights.obeying == TrainingConfig().weights.obeying
