"""What usually becomes of edits, and what one more is worth, have known answers."""

import pytest
import torch
from people import COLUMNS, SCHEMA

from interpretable_gan.directions.count import COST, EXCESS, MEMORY, Count, Running
from interpretable_gan.directions.edits import Edits


def counting(allowed=1.0, legible=None):
    edits = Edits(SCHEMA)
    rates = torch.full(edits.others.shape, allowed)
    return Count(edits, torch.ones(COLUMNS) if legible is None else legible, rates)


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
        count.worth(torch.tensor([0, 2, 0]), seen, lost, torch.zeros(3))
    assert count.seen.mean[:3].tolist() == pytest.approx([0.4, 0, 0.9], rel=1e-5)
    assert count.lost.mean[0].tolist() == pytest.approx([0.1] * COLUMNS, rel=1e-5)
    assert not count.lost.mean[1].any()


def test_witnesses_tell_what_is_above_the_rate_in_the_data():
    count = counting(allowed=0.4)
    chosen = torch.tensor([0, 0, 0, 0])
    shown = torch.tensor([1.0, 1.0, 0.5, 0.0])
    flipped = torch.zeros(4, COLUMNS)
    flipped[:2, 1] = 1
    count.testify(chosen, shown, flipped)
    assert count.above[:2, 1].tolist() == pytest.approx([2 / 2.5 - 0.4] * 2)
    assert count.above.sum() == count.above[:2, 1].sum()


def test_both_values_of_an_attribute_are_held_to_its_rate_together():
    """One that flips a column every time is made up for by one that never does."""
    count = counting(allowed=0.4)
    flipped = torch.zeros(4, COLUMNS)
    flipped[:2, 1] = 1
    count.testify(torch.tensor([0, 0, 1, 1]), torch.ones(4), flipped)
    assert count.above[:2, 1].tolist() == pytest.approx([0.1, 0.1])


def test_worths_add_up_to_the_gradient_of_what_the_card_counts():
    edits, legible = Edits(SCHEMA), torch.tensor([1.0, 1, 0, 0, 0, 1])
    p, drop = torch.rand(1, 48, 1).requires_grad_(), torch.rand(48, COLUMNS)
    others = edits.others[0] * legible
    chosen = torch.arange(48) % 2  # both values of one attribute

    often, lost = ((p[0] * each).view(24, 2, -1).mean(dim=0) for each in (torch.ones(()), drop))
    above = ((lost.sum(dim=0) / often.sum() - 0.4) * edits.others[0]).clamp(min=0)
    whole = 2 * often.sqrt().sum() - COST * (lost / often * others).sum() / others.sum()
    whole = whole - 2 * EXCESS * above.square().sum()
    (exact,) = torch.autograd.grad(whole / 2, p)

    count = counting(0.4, legible)
    count.testify(chosen, p[0, :, 0].detach(), (p[0] * drop).detach())
    worth = count.worth(chosen, p[:, :, 0], (p[0] * drop)[None], torch.zeros(48))
    (found,) = torch.autograd.grad(worth.mean(), p)
    assert torch.allclose(found, exact, rtol=1e-4, atol=1e-6)
