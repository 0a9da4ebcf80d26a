"""Who says what an edit shows and changes, and what they can be asked."""

from dataclasses import replace

import torch
from people import COLUMNS, SCHEMA, jury

from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.directions.jury import legible


def test_legible_is_what_most_readers_read(world):
    good = train_evaluator(world.data, images=4000)
    bad = replace(good, scale=0 * good.scale)
    assert legible(world.data, [good, good, bad]).equal(legible(world.data, [good]))
    assert legible(world.data, [good]).any()
    assert not legible(world.data, [good, bad, bad]).any()


def test_a_verdict_is_what_was_not_shown_before_and_says_another_thing():
    plain = torch.full((3, 64), -1.0)
    plain[:, 5] = 0  # middle age
    edited = plain.clone()
    plain[2, 0] = 1  # has a goatee already
    edited[:, 0] = 1
    edited[0, 1] = 1
    edited[1, 5] = 0.1  # a little older, which is no other age
    edited[2, 1] = 1
    goatee = torch.full((3,), SCHEMA.slices["goatee"].start)
    two = jury(2)
    read = (two(each.view(-1, 1, 8, 8)) for each in (plain, edited))
    shown, flipped = two.verdict(*read, goatee, torch.ones(3))
    assert shown.tolist() == [1, 1, 0]
    expected = torch.zeros(3, COLUMNS)
    expected[:2, 0] = 1  # itself
    expected[0, 1] = 1
    assert torch.equal(flipped, expected)
