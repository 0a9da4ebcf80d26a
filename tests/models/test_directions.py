"""What is asked in full goes along a direction; what labels claim stays where it is."""

import torch

from interpretable_gan.models.directions import Directions


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


def test_before_they_are_found_nothing_moves():
    unknown = Directions(torch.zeros(2, dtype=torch.bool), columns=4, style=2, typical=0.5)
    assert not moved(unknown, 1.0, -1.0).any()


def test_where_labels_say_all_nothing_moves():
    assert not moved(directions(typical=1.0), 1.0, -1.0).any()
