"""What is asked in full goes along a direction; what labels claim stays where it is."""

import torch

from interpretable_gan.models.gan.directions import Directions


def directions(typical=0.5):
    torch.manual_seed(0)
    measured = torch.tensor([False, False, True])
    found = Directions(measured, columns=4, style=2, typical=typical).requires_grad_(False)
    found.on.copy_(torch.randn(3, 6))
    found.off.copy_(torch.randn(3, 6))
    return found


def moved(found, *claims, measured=0.9):
    code, style = torch.tensor([[*claims, measured, 0.2]]), torch.ones(1, 2)
    return torch.cat(
        [after - before for after, before in zip(found(code, style), (code, style), strict=True)], 1
    )[0]


def test_what_labels_claim_stays_where_it_is():
    found = directions()
    assert not moved(found, 0.5, -0.5).any()
    assert not moved(found, 0.0, 0.3).any()


def test_asked_in_full_goes_all_the_way_and_half_way_between():
    found = directions()
    torch.testing.assert_close(moved(found, 1.0, 0.1), found.on[0])
    torch.testing.assert_close(moved(found, 0.1, -1.0), found.off[1])
    torch.testing.assert_close(moved(found, 0.75, 0.0), found.on[0] / 2)


def test_attributes_asked_for_together_add_up():
    found = directions()
    torch.testing.assert_close(moved(found, 1.0, -1.0), found.on[0] + found.off[1])


def test_what_is_there_is_held_more_firmly():
    found = directions()
    found.gain_on[0] = torch.tensor([0, 0.5, 0, 0, 0, -0.25])
    code = torch.tensor([[1.0, -0.4, 0.2, 0.0]])
    expected = torch.cat([code, torch.ones(1, 2)], 1) + found.on[0]
    expected[0, 1] -= 0.2
    expected[0, 5] -= 0.25
    torch.testing.assert_close(torch.cat(found(code, torch.ones(1, 2)), 1), expected)


def test_who_is_edited_takes_a_shift_of_their_own():
    found = directions()
    codes = torch.randn(200, 4) * torch.tensor([0.05, 1.0, 0.01, 1.0])
    found.learn_traits(codes)
    found.off_traits[0, 0, 4] = 1.0
    some, others = moved(found, -1.0, 0.5), moved(found, -1.0, -0.5)
    spread = codes[:, 1].clamp(-0.5, 0.5).std()
    torch.testing.assert_close((some - others).abs()[4], 1 / spread, rtol=0.02, atol=0)
    torch.testing.assert_close((some + others)[4] / 2, found.off[0, 4], rtol=0, atol=0.4)
    assert not moved(found, 0.5, 0.5).any()


def test_traits_vary_by_one_and_what_never_varies_is_none():
    found = directions()
    codes = torch.randn(500, 4).clamp(-0.5, 0.5)
    codes[:, 2] = 0.3
    found.learn_traits(codes)
    traits = (codes[:, :3] - found.usual) @ found.traits.T
    torch.testing.assert_close(traits.std(dim=0)[:2], torch.ones(2), rtol=0.01, atol=0)
    assert not traits[:, 2:].any()


def test_before_they_are_found_nothing_moves():
    unknown = Directions(torch.zeros(2, dtype=torch.bool), columns=4, style=2, typical=0.5)
    assert not moved(unknown, 1.0, -1.0).any()


def test_where_labels_say_all_nothing_moves():
    assert not moved(directions(typical=1.0), 1.0, -1.0).any()
