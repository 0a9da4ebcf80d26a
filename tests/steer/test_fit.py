"""Steering finds the one direction that moves what is asked for, and stops at the budget."""

from dataclasses import replace

import pytest
import torch

import linear
from interpretable_gan.errors import ConfigError, RunError
from interpretable_gan.steer.directions import conditional, ridge
from interpretable_gan.steer.fit import steer
from interpretable_gan.steer.trial import Outcome, Trial, values

SMILING, HAT = linear.SCHEMA.slices["smiling"].start, linear.SCHEMA.slices["hat"].start
BLOND = linear.SCHEMA.slices["hair"].start + 1
OTHERS_OF_BLOND = [0, 4, 5]


def moved(model, weights, shift):
    """What a shift of z changes in the readers' log-odds, ``(named,)``."""
    return shift @ model.mixing @ weights


@pytest.fixture(scope="module")
def weights():
    return linear.weights()


@pytest.fixture(scope="module")
def steered(weights):
    return steer(linear.model(), None, readers=linear.readers(weights))


def test_a_shift_moves_the_wanted_reading_and_leaves_all_others_alone(steered, weights):
    for shift, column, side in [
        (steered.shifts.on[SMILING], SMILING, 1),
        (steered.shifts.off[SMILING], SMILING, -1),
        (steered.shifts.on[HAT], HAT, 1),
    ]:
        change = moved(steered.model, weights, shift)
        assert side * change[column] > 0.4
        change[column] = 0
        assert change.abs().max() < 1e-3


def test_a_level_leaves_other_attributes_alone_not_its_own_other_levels(steered, weights):
    change = moved(steered.model, weights, steered.shifts.on[BLOND])
    assert change[BLOND] > 0.5
    assert change[OTHERS_OF_BLOND].abs().max() < 1e-3


def test_no_shorter_direction_moves_the_reading_as_far_and_nothing_else(steered, weights):
    """Of all shifts with these readings, the one of least length: the pseudo-inverse."""
    slopes = steered.model.mixing @ weights  # (z, named)
    wanted = moved(steered.model, weights, steered.shifts.on[SMILING])
    shortest = torch.linalg.pinv(slopes.T) @ wanted
    torch.testing.assert_close(steered.shifts.on[SMILING], shortest, atol=2e-3, rtol=2e-3)


def test_what_reads_the_same_as_another_attribute_has_no_direction_of_its_own(weights):
    alike = weights.clone()
    alike[:, HAT] = alike[:, SMILING]
    found = steer(linear.model(), None, readers=linear.readers(alike))
    assert found.shifts.steered == ("hair",)
    assert not found.shifts.on[SMILING].any()


@pytest.mark.parametrize("budget", [0.6, 1.0])
def test_edits_keep_to_the_budget_and_use_it(budget):
    model, readers = Bent(linear.model().mixing), linear.readers(linear.weights())
    steered = steer(model, None, readers=readers, budget=budget)
    trial = Trial(model, readers, seed=0)
    plain, full = trial.outcome(model), trial.outcome(steered)
    assert (plain.change < budget).any()
    for number, value in enumerate(trial.values):
        shift = (steered.shifts.on if value.side > 0 else steered.shifts.off)[value.column]
        if plain.change[number] > budget:
            assert not shift.any()
        else:
            assert budget - 0.05 < full.change[number] <= budget


class Bent(linear.Linear):
    """Images bend: whatever moves far in z moves every reading."""

    def render(self, code, style):
        z = torch.cat([code, style], dim=1)
        return ((z + 0.5 * z.square().sum(dim=1, keepdim=True)) @ self.mixing)[:, None, None]


def test_values_are_seen_and_others_change_no_more_than_before(steered, weights):
    """On samples that shifts were not fitted with, where all is linear."""
    trial = Trial(steered.model, linear.readers(weights), seed=1)
    plain, full = trial.outcome(steered.model), trial.outcome(steered)
    assert plain.success.max() < 0.2
    assert full.success.min() > 0.5
    torch.testing.assert_close(full.change, plain.change, atol=1e-3, rtol=0)


def test_change_is_measured_in_what_a_fresh_style_changes():
    """A hat is read in the style alone: asking for a smile changes nothing of it, a fresh style
    all."""
    weights = torch.zeros(linear.Z, linear.SCHEMA.named_columns)
    weights[SMILING, SMILING] = 1
    weights[linear.SCHEMA.columns :, HAT] = 1
    model = linear.Linear(torch.eye(linear.Z))
    readers = linear.readers(weights, ("smiling", "hat"))
    smiling_on = Trial(model, readers, seed=0).outcome(model)
    assert smiling_on.change[0] == 0
    assert smiling_on.success[0] == 1

    class Restyled(linear.Linear):
        def draw(self, code, style):
            return super().draw(code, self.styles(len(style), seed=7))

    restyled = Trial(model, readers, seed=0).outcome(Restyled(model.mixing))
    assert restyled.change[0] == pytest.approx(1, abs=0.05)


def test_what_cannot_be_read_is_neither_steered_nor_left_alone(weights):
    readers = linear.readers(weights, ("smiling", "hair"))
    steered = steer(linear.model(), None, readers=readers)
    assert steered.shifts.steered == ("smiling", "hair")
    assert not steered.shifts.on[HAT].any()
    change = moved(steered.model, weights, steered.shifts.on[SMILING])
    assert change[HAT].abs() > 0.01


def test_a_continuous_attribute_has_no_shift_but_is_left_alone(steered, weights):
    age = linear.SCHEMA.slices["age"].start
    assert "age" not in steered.shifts.steered
    assert not steered.shifts.on[age].any()
    assert not steered.shifts.off[age].any()


@pytest.mark.parametrize(
    ("settings", "readable"),
    [
        pytest.param({"typical": 1.0}, ("smiling", "hat"), id="labels say all"),
        pytest.param({}, (), id="nothing is readable"),
        pytest.param({}, ("age",), id="only a continuous one is"),
        pytest.param({}, ("smiling",), id="no others to measure a budget by"),
    ],
)
def test_nothing_shifts_where_there_is_nothing_to_go_by(settings, readable, weights):
    model = linear.model(**settings)
    steered = steer(model, None, readers=linear.readers(weights, readable))
    assert steered.shifts.steered == ()
    assert not steered.shifts.on.any()
    assert not steered.shifts.off.any()


def test_no_readers_are_trained_where_labels_say_all():
    assert steer(linear.model(typical=1.0), None).shifts.steered == ()


@pytest.mark.parametrize("budget", [0, -1, float("nan"), float("inf")])
def test_a_budget_is_above_0(budget, weights):
    with pytest.raises(ConfigError, match="give a number above 0, such as 1"):
        steer(linear.model(), None, readers=linear.readers(weights), budget=budget)


def test_a_model_that_draws_nan_is_refused(weights):
    with pytest.raises(RunError, match="toy draws images whose log-odds are NaN"):
        steer(linear.model(), None, readers=linear.readers(weights * float("nan")))


def test_the_same_seed_gives_the_same_shifts(steered, weights):
    again = steer(linear.model(), None, readers=linear.readers(weights))
    assert torch.equal(again.shifts.on, steered.shifts.on)


def test_the_values_are_both_sides_of_binary_attributes_and_every_level():
    found = values(linear.SCHEMA, ("smiling", "hair", "age", "hat"))
    assert [f"{value.attribute} {value.label}" for value in found] == [
        "smiling on", "smiling off", "hair black", "hair blond", "hair red", "hat on", "hat off",
    ]  # fmt: skip
    assert [value.side for value in found] == [1, -1, 1, 1, 1, 1, -1]


def test_the_regression_finds_known_slopes_and_gives_none_to_what_does_not_vary():
    chance = torch.Generator().manual_seed(0)
    z = torch.randn(4000, 3, generator=chance)
    z[:, 2] *= 1e-4
    slopes = torch.tensor([[1.0], [-2.0], [0.0]])
    noise = torch.randn(4000, 1, generator=chance)
    found = ridge(z, z @ slopes + 5 + noise)
    torch.testing.assert_close(found.float(), slopes, atol=0.06, rtol=0)


def test_a_conditional_direction_is_of_unit_length_and_at_right_angles_to_all_others():
    chance = torch.Generator().manual_seed(0)
    slope, others = torch.randn(9, generator=chance), torch.randn(9, 4, generator=chance)
    found = conditional(slope, torch.cat([others, others], dim=1))  # others that say the same twice
    assert found.norm() == pytest.approx(1)
    assert (found @ others).abs().max() < 1e-5
    assert found @ slope > 0


def test_success_counts_only_images_that_lacked_the_value(weights):
    """Readers who see a smile in every image cannot say how often asking for one brings it."""
    model, readers = linear.model(), linear.readers(weights)
    biased = replace(readers, network=lambda images: readers(images) + 100)
    smiling_on, smiling_off, *_ = Trial(model, biased, seed=0).outcome(model).success
    assert smiling_on.isnan()
    assert smiling_off == 0


def test_a_value_whose_plain_edit_exceeds_the_budget_has_no_shift_even_if_one_would_mend_it(
    weights, monkeypatch
):
    model = linear.model()

    def outcome(self, drawn_by):
        changes = torch.full([len(self.values)], 2.0 if drawn_by is model else 0.5)
        return Outcome(success=changes, change=changes)

    monkeypatch.setattr(Trial, "outcome", outcome)
    assert steer(model, None, readers=linear.readers(weights)).shifts.steered == ()
