"""Randomness that any process can ask again."""

import numpy as np
import pytest
import torch

from interpretable_gan.chance import generator, rows


def test_the_same_question_gets_the_same_answer_and_another_question_another():
    def draw(*question):
        return torch.rand(4, generator=generator(*question)).tolist()

    asked = [(0, "noise", 1), (1, "noise", 1), (0, "codes", 1), (0, "noise", 2), (0, "noise", 1, 1)]
    answers = [tuple(draw(*question)) for question in asked]
    assert draw(0, "noise", 1) == list(answers[0])
    assert len(set(answers)) == len(answers)


@pytest.mark.parametrize("share", [1, 3, 7], ids=str)
def test_every_row_is_seen_once_before_any_is_seen_twice(share):
    walk = np.concatenate([rows(5, 10, first, share) for first in range(0, 21 * share, share)])
    for epoch in range(len(walk) // 10):
        assert sorted(walk[10 * epoch : 10 * epoch + 10]) == list(range(10))
    assert walk[:10].tolist() != walk[10:20].tolist() or share == 1
