"""Both views on a model: a painter that obeys is perfect in each, one that does not is found."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan import audit
from interpretable_gan import metrics as ev
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.representations import representation_metrics
from tiles import SCHEMA, Painter, dataset

POINTS = {"train_points": 1000, "test_points": 500, "batch": 8}


def ignoring_the_code(code, style):
    return torch.where(style[:, :1] > 0, 1.0, -1.0).expand(-1, code.shape[1])


def gaps(view):
    """Attribute → MIG gap."""
    names = {"code_names": view.code_names, "factor_names": view.factor_names}
    return ev.mig(view.codes, view.factors, **names).breakdown["per_factor"]


@pytest.mark.parametrize("side", ["encoder", "generator"])
def test_what_can_be_seen_has_a_code_of_its_own_in_either_view(side):
    view = (
        audit.encoder_view(Painter(), dataset())
        if side == "encoder"
        else audit.generator_view(Painter(), count=600)
    )
    assert view.view == side
    assert view.factor_names == SCHEMA.names
    assert view.code_names == Painter.schema.names
    assert view.codes.shape == (len(view.factors), 6)
    found = gaps(view)
    assert min(found[name] for name in ("lamp", "colour", "height")) > 0.8
    assert found["secret"] < 0.05  # the painter shows it nowhere


def test_a_generator_that_ignores_its_code_is_seen_in_the_generator_view_only():
    deaf = Painter(ignoring_the_code)
    assert max(gaps(audit.generator_view(deaf, count=600)).values()) < 0.1
    assert gaps(audit.encoder_view(deaf, dataset()))["lamp"] > 0.8


def test_a_world_sets_every_value_and_reads_it_back():
    world = audit.generator_world(Painter())
    assert world.factor_sizes == (2, 3, 3, 2)
    factors = world.sample_factors(200, np.random.default_rng(0))
    codes = world.encode(factors, np.random.default_rng(1))
    np.testing.assert_array_equal(codes[:, 0] > 0, factors[:, 0] == 1)
    np.testing.assert_array_equal(codes[:, 1], factors[:, 1])
    np.testing.assert_allclose(codes[:, 2], (factors[:, 2] - 1) * 2 / 3, atol=1e-6)


def test_interventions_tell_three_of_four_factors_of_a_painter_that_obeys():
    """The fourth shows nowhere, and its points pass for another's; a deaf painter is at chance."""
    obedient, deaf = (
        ev.factor_vae(audit.generator_world(painter), **POINTS).value
        for painter in (Painter(), Painter(ignoring_the_code))
    )
    assert obedient == pytest.approx(3 / 4, abs=0.08)
    assert deaf == pytest.approx(1 / 4, abs=0.08)


def test_rows_without_a_label_are_left_out():
    half = dataset(hidden=0.5)
    labelled = half.known[half.rows("test")].all(axis=1).sum()
    assert len(audit.encoder_view(Painter(), half).factors) == labelled
    with pytest.raises(DataError, match="no row in which every attribute has a label"):
        audit.encoder_view(Painter(), dataset(hidden=1.0))


def test_a_trained_model_can_be_measured_in_both_views_by_every_metric_on_rows(world):
    """The way an audit goes: an ``InterpretableGAN`` and its data set, nothing else."""
    model = world.run.model()
    seen = audit.encoder_view(model, world.data, split="train")
    drawn = audit.generator_view(model, count=80)
    for view in (seen, drawn):
        assert view.code_names == model.schema.names
        available = representation_metrics(view.arrays())
        for name in ("mig", "mig_sup", "modularity"):
            result = available[name]()
            assert 0 <= result.value <= 1
            assert set(result.breakdown.get("per_factor", view.factor_names)) <= set(
                view.factor_names
            )


def test_a_judge_of_its_own_reads_the_named_attributes_only(world):
    model = world.run.model()
    columns = world.data.schema.named_columns

    def judge(images):
        return model.read_code(images)[:, :columns].numpy()

    drawn = audit.generator_view(model, count=40, reader=judge)
    assert drawn.code_names == drawn.factor_names == world.data.schema.names
    other = audit.generator_world(model, reader=judge)
    codes = other.encode(
        other.sample_factors(8, np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert codes.shape == (8, len(world.data.schema.names))
