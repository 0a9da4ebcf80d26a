"""What usually becomes of edits, and what one more is worth, have known answers."""

import pytest
import torch
from people import COLUMNS, SCHEMA

from interpretable_gan.directions.count import COST, EXCESS, MEMORY, SHIFT, Count, Running
from interpretable_gan.directions.edits import Edits


def counting(allowed=1.0, legible=None, first=1.0):
    """``first``: how many edits of the first kind are counted for one of every other."""
    edits = Edits(SCHEMA)
    rates, counted = torch.full(edits.others.shape, allowed), torch.ones(len(edits.others))
    counted[0] = first
    legible = torch.ones(COLUMNS) if legible is None else legible
    return Count(edits, legible, rates, counted, traits=2)


def nobody(edits):
    """Edits of people without a trait."""
    return torch.zeros(edits, 2)


def test_a_running_mean_is_of_the_last_edits_of_its_kind():
    running = Running(3, memory=4)
    for value in (1.0, 2.0, 3.0):
        running.add(torch.tensor([0]), torch.tensor([value]))
    assert running.mean.tolist() == pytest.approx([2, 0, 0])
    for _ in range(60):
        running.add(torch.tensor([0, 2, 0]), torch.tensor([4.0, 9.0, 6.0]))
    assert running.mean.tolist() == pytest.approx([5, 0, 9])
    running.add(torch.tensor([0]), torch.tensor([9.0]))
    assert running.mean[0] == pytest.approx(6)  # one of four


def test_what_is_seen_and_lost_is_remembered():
    count = counting()
    seen, lost = torch.tensor([[0.2, 0.9, 0.6]]), torch.full((1, 3, COLUMNS), 0.1)
    for _ in range(2 * MEMORY):
        count.worth(torch.tensor([0, 2, 0]), nobody(3), seen, lost, torch.zeros(3))
    assert count.seen.mean[:3].tolist() == pytest.approx([0.4, 0, 0.9], rel=1e-5)
    assert count.lost.mean[0].tolist() == pytest.approx([0.1] * COLUMNS, rel=1e-5)
    assert not count.lost.mean[1].any()


def test_witnesses_tell_what_is_above_the_rate_in_the_data():
    count = counting(allowed=0.4)
    chosen = torch.tensor([0, 0, 0, 0])
    shown = torch.tensor([1.0, 1.0, 0.5, 0.0])
    flipped = torch.zeros(4, COLUMNS)
    flipped[:2, 1] = 1
    count.testify(chosen, nobody(4), shown, flipped)
    above, _ = count.above()
    assert above[:2, 1].tolist() == pytest.approx([2 / 2.5 - 0.4] * 2)
    assert above.sum() == above[:2, 1].sum()


@pytest.mark.parametrize(("first", "above"), [(1, 0.1), (3, 0.35)])
def test_both_values_of_an_attribute_are_held_to_its_rate_together(first, above):
    """One that flips a column every time is made up for by one that never does, as often as both
    are counted."""
    count = counting(allowed=0.4, first=first)
    flipped = torch.zeros(4, COLUMNS)
    flipped[:2, 1] = 1
    count.testify(torch.tensor([0, 0, 1, 1]), nobody(4), torch.ones(4), flipped)
    assert count.above()[0][:2, 1].tolist() == pytest.approx([above, above])


def test_rates_are_those_of_others_who_have_it_worse():
    """Half of those who are edited have a trait and flip a column three times in four, the others
    once: where more have the trait, more flip."""
    count = counting(allowed=0.4)
    who = torch.tensor([1.0, -1.0]).repeat_interleave(4)[:, None] * torch.tensor([1.0, 0.0])
    flipped = torch.zeros(8, COLUMNS)
    flipped[:3, 1] = flipped[4, 1] = 1
    count.testify(torch.zeros(8, dtype=torch.long), who, torch.ones(8), flipped)
    above, where = count.above()
    share = (1 + SHIFT) / 2  # of those with the trait, when its mean is SHIFT
    assert above[0, 1] == pytest.approx(0.75 * share + 0.25 * (1 - share) - 0.4)
    assert where[0, 1].tolist() == pytest.approx([SHIFT, 0])


def test_those_who_have_it_worse_count_for_more(monkeypatch):
    monkeypatch.setattr("interpretable_gan.directions.count.COST", 0)
    count, who = counting(allowed=0.0), torch.tensor([1.0, -1.0, 1.0, -1.0])
    who = torch.stack([who, torch.zeros(4)], dim=1)
    chosen, seen = torch.tensor([0, 0, 1, 1]), torch.ones(1, 4)
    lost = torch.zeros(1, 4, COLUMNS)
    lost[0, :, 1] = (who[:, 0] > 0).float()
    count.testify(chosen, who, seen[0], lost[0])
    worth = count.worth(chosen, who, seen, lost, torch.zeros(4))[0, :2]
    # flips half of the time: half more than usual where it does, half less where it does not
    price = (count.above()[0][0, 1] * count._excess[0, 1]).item()
    assert worth.tolist() == pytest.approx(
        [1 - price * (1 + SHIFT), 1 + price * (1 - SHIFT)], rel=1e-4
    )


@pytest.mark.parametrize("first", [1.0, 3.0])
def test_worths_add_up_to_the_gradient_of_what_the_card_counts(first):
    edits, legible = Edits(SCHEMA), torch.tensor([1.0, 1, 0, 0, 0, 1])
    p, drop = torch.rand(1, 48, 1).requires_grad_(), torch.rand(48, COLUMNS)
    others = edits.others[0] * legible
    chosen = torch.arange(48) % 2  # both values of one attribute

    often, lost = ((p[0] * each).view(24, 2, -1).mean(dim=0) for each in (torch.ones(()), drop))
    counts = torch.tensor([first, 1.0])
    flips = (counts @ lost) / (counts @ often[:, 0])
    above = ((flips - 0.4) * edits.others[0]).clamp(min=0)
    whole = 2 * often.sqrt().sum() - COST * (lost / often * others).sum() / others.sum()
    whole = whole - 2 * EXCESS * above.square().sum()
    (exact,) = torch.autograd.grad(whole / 2, p)

    count = counting(0.4, legible, first)
    count.testify(chosen, nobody(48), p[0, :, 0].detach(), (p[0] * drop).detach())
    worth = count.worth(chosen, nobody(48), p[:, :, 0], (p[0] * drop)[None], torch.zeros(48))
    (found,) = torch.autograd.grad(worth.mean(), p)
    assert torch.allclose(found, exact, rtol=1e-4, atol=1e-6)
