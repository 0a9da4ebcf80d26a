"""An explanation of the network does not survive that its weights are shuffled; a picture does."""

from functools import partial

import numpy as np
import pytest
import torch

from interpretable_gan.audit.sanity import own_cells, rank_correlation, sanity_check


@pytest.fixture(scope="module")
def judge(world):
    model, rows = world.run.model(), world.data.rows("train")
    images, code, _ = world.data.batch(rows[:8])
    code = torch.cat([code, code.new_zeros(8, 2)], dim=1)
    reference = world.data.batch(rows[8:40])[0]
    return model.networks.discriminator, model.schema, images, code, reference


def test_our_ranking_dies_with_the_weights_and_the_network_is_left_as_it_was(judge):
    discriminator, schema, images, code, reference = judge
    before = {name: value.clone() for name, value in discriminator.state_dict().items()}
    explain = partial(own_cells, schema=schema, images=images, code=code, reference=reference)
    found = sanity_check(discriminator, explain, images, code)
    assert found.correlation[0] == 1  # the residual has no cells
    assert abs(found.correlation[-1]) < 0.1
    assert found.layers[0] == "residual"
    assert found.layers[-1] == "encoder.trunk.enter"
    assert "encoder.read" not in found.layers  # has no say in the logit
    (low, high), value = found.intervals[-1], found.correlation[-1]
    assert low < value < high
    after = discriminator.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert found.to_rows()[-1]["shuffled_down_to"] == "encoder.trunk.enter"


def test_an_explanation_that_ignores_the_network_is_caught(judge):
    discriminator, _, images, code, _ = judge
    found = sanity_check(discriminator, lambda _: images.numpy(), images, code)
    assert (found.correlation == 1).all()


def test_rank_correlation_has_known_answers():
    some = np.array([[1.0, 2, 3], [1, 2, 3], [1, 2, 3]])
    others = np.array([[10.0, 20, 90], [3, 2, 1], [5, 5, 5]])
    np.testing.assert_allclose(rank_correlation(some, others), [1, -1, 0])
