"""What the discriminator relies on: planted reliance is found, and shares add up to 1."""

import json

import numpy as np
import pytest

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.explain import explain_model
from interpretable_gan.explain.global_importance import variance_shares


@pytest.fixture(scope="module")
def explained(model, world):
    return explain_model(model, world.data)


def test_shares_of_all_attributes_and_the_residual_add_up_to_one(explained):
    assert explained.sum_error < 1e-6
    assert sum(explained.shares.values()) == pytest.approx(1)


def test_a_discriminator_that_sees_one_attribute_relies_on_it_alone(planted, world):
    found = explain_model(planted, world.data)
    assert found.strongest("real", 1) == found.strongest("generated", 1) == ["smiling"]
    assert found.pairs_share[0] == pytest.approx(1)
    assert not found.real[1:].any()
    assert found.shares["residual"] == pytest.approx(0)
    assert found.paired_accuracy["without_named"] == 0
    assert "100% has a name" in found.sentence()


def test_importance_is_measured_from_the_typical_generated_image(planted, world):
    """A term that is the same for all images decides nothing."""
    before = explain_model(planted, world.data)
    encoder, hat = planted.networks.discriminator.encoder, planted.schema.slices["hat"].start
    encoder.to_evidence.bias[2 * hat] = 5
    realism = planted.networks.discriminator.realism
    realism.weight[hat, 0] = 1 / realism.scale
    after = explain_model(planted, world.data)
    np.testing.assert_allclose(after.real, before.real, atol=1e-4)
    np.testing.assert_allclose(after.pairs_share, before.pairs_share, atol=1e-4)


def test_intervals_hold_the_values_and_narrow_with_more_pairs(model, world, explained):
    for name in ("real", "generated", "pairs_share"):
        value, interval = getattr(explained, name), getattr(explained, f"{name}_interval")
        assert (interval[:, 0] <= value).mean() > 0.9
        assert (value <= interval[:, 1]).mean() > 0.9
    more = explain_model(model, world.data, rows=np.arange(200))
    assert np.diff(more.real_interval).mean() < 0.7 * np.diff(explained.real_interval).mean()


def test_variance_shares_have_known_answers():
    rng = np.random.default_rng(0)
    gaps = rng.normal(size=(50_000, 3)) * [1, 2, 0]
    found = variance_shares(gaps, gaps.sum(1), np.ones(50_000))
    np.testing.assert_allclose(found, [0.2, 0.8, 0], atol=0.01)
    assert np.isnan(variance_shares(np.ones((9, 2)), np.ones(9), np.ones(9))).all()
    twice = np.array([2, 1, 0])
    again = variance_shares(gaps[[0, 0, 1]], gaps[[0, 0, 1]].sum(1), np.ones(3))
    np.testing.assert_allclose(variance_shares(gaps[:3], gaps[:3].sum(1), twice), again)


def test_named_attributes_together_have_the_share_of_their_parts(explained):
    named = len(explained.schema.named)
    both = explained.shares["agreement"] + explained.shares["realism"]
    assert explained.pairs_share[:named].sum() == pytest.approx(both)
    assert explained.pairs_share[named:].sum() == pytest.approx(explained.shares["discovered"])


def test_the_log_tells_how_reliance_changed_over_training(model, world):
    names = model.schema.names
    log = [{"world": 1}] + [
        {"images": 100 * step, "importance": {"smiling": step, "hat": 5 - step, "d00": None}}
        for step in range(5)
    ]
    found = explain_model(model, world.data, log=log)
    assert found.history.images.tolist() == [0, 100, 200, 300, 400]
    assert found.history.importance[:, names.index("smiling")].tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(found.history.importance[:, names.index("d00")]).all()
    assert "grew most on smiling (+4.00) and fell most on hat (-4.00)" in found.sentence()
    assert {"images": 300, "attribute": "hat", "importance": 2.0} in found.history_rows()
    told = json.loads(found.to_json())["history"]
    assert told["importance"]["hat"] == [5, 4, 3, 2, 1]
    assert told["importance"]["beard"] == [None] * 5


def test_a_log_without_importance_has_no_history(model, world, explained):
    found = explain_model(model, world.data, log=[{"world": 1}, {"images": 64, "game": 0.3}])
    assert found.history is None
    assert found.history_rows() == []
    assert found.sentence() == explained.sentence()


def test_it_is_a_table_and_json(explained):
    rows = explained.to_rows()
    assert [row["attribute"] for row in rows] == list(explained.schema.names)
    assert json.loads(explained.to_json())["pairs"] == explained.pairs
    with pytest.raises(ValueError, match="read-only"):
        explained.real[0] = 1
    for part in (explained.shares, explained.shares_interval, explained.paired_accuracy):
        with pytest.raises(TypeError):
            part["residual"] = 0


@pytest.mark.parametrize("on", ["real", "generated"])
def test_a_picture_shows_the_strongest_with_their_intervals(explained, drawn_bars, on):
    explained.plot(on, count=3)
    values, ends = drawn_bars[f"mean absolute contribution on {on} images, with 95 % interval"]
    assert list(values) == explained.strongest(on, 3)
    for name, value in values.items():
        number = explained.schema.names.index(name)
        assert value == getattr(explained, on)[number]
        assert ends[name] == getattr(explained, f"{on}_interval")[number].tolist()


def test_bad_input_gets_one_sentence(model, twin, world):
    with pytest.raises(ConfigError, match="black-box"):
        explain_model(twin, world.data)
    with pytest.raises(DataError, match="1 rows are too few"):
        explain_model(model, world.data, rows=np.arange(1))
