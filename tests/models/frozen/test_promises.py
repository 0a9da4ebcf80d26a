"""A frozen generator keeps what every model and every learner of any family promises."""

import copy

import pytest
import torch
from promises import OF_EXPLANATIONS, OF_LEARNERS, OF_MODELS

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.explain import explain_attribute
from interpretable_gan.models.frozen.config import FrozenConfig
from interpretable_gan.models.frozen.learner import FrozenLearner
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.run import Run
from interpretable_gan.training.runtime import Runtime


@pytest.mark.parametrize("promise", [*OF_MODELS, *OF_EXPLANATIONS])
def test_a_frozen_generator_keeps(promise, frozen):
    promise(frozen.model())


@pytest.mark.parametrize("promise", OF_LEARNERS)
def test_those_around_it_learn_as_every_family_does(promise, world, settings):
    config = FrozenConfig.of("tiny", **settings)
    rows = world.data.rows("train")
    batches = [world.data.batch(rows[n * 16 : n * 16 + 16]) for n in range(4)]
    promise(lambda: FrozenLearner(world.data, config, Runtime(config), Optimizer), batches)


def test_the_generator_stays_as_it_is(frozen):
    program = frozen.model().generator.program
    z = torch.randn(3, program.width)
    own = FrozenConfig.of("tiny", generator=frozen.config.generator).program()
    assert torch.equal(program(z), own(z))
    kept = {name for name in frozen.model().tensors() if name.startswith("generator.")}
    assert kept == {"generator.centre", "generator.lift", "generator.rest"}


def test_no_footprint_is_claimed(frozen):
    told = explain_attribute(frozen.model(), "smiling", samples=2)
    assert told.footprint == {}
    assert "acts most on" not in told.sentence()
    assert told.plot().width


def test_another_file_in_its_place_is_refused(frozen, tmp_path):
    settings = frozen.config.model_dump()
    other = frozen.config.model_copy(update={"checksum": "0" * 64})
    with pytest.raises(ConfigError, match="another file than this run was trained with"):
        other.program()
    gone = frozen.config.model_copy(update={"generator": str(tmp_path / "gone.pt2")})
    with pytest.raises(DataError, match=r"gone\.pt2 is not there"):
        gone.program()
    assert Run.open(frozen.path).config.model_dump() == settings


def test_what_the_generator_decides_is_not_set(settings):
    with pytest.raises(ConfigError, match="size is the generator's"):
        FrozenConfig.of("tiny", **settings, size=32)
    without = {name: each for name, each in copy.copy(settings).items() if name != "generator"}
    with pytest.raises(ConfigError, match="name it by --generator"):
        FrozenConfig.of("tiny", **without)
