"""Each term has the value the paper gives it."""

import math

import pytest
import torch

from interpretable_gan.models.gan import losses
from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.style import Posterior


def decision(agreement, realism, residual):
    return Decision(agreement, realism, residual, torch.tensor(0.5), torch.zeros_like(realism))


@pytest.mark.parametrize(
    ("gap", "value"), [(0.0, math.log(2)), (20.0, 0.0), (-20.0, 20.0)], ids=["even", "won", "lost"]
)
def test_the_relativistic_game_counts_the_gap(gap, value):
    loss = losses.relativistic(torch.full((4,), gap), torch.zeros(4))
    assert loss.item() == pytest.approx(value, abs=1e-6)


def test_the_penalty_is_the_squared_gradient():
    chance = torch.Generator().manual_seed(0)
    slope = torch.randn(3 * 8 * 8, generator=chance)
    images = torch.randn(5, 3, 8, 8, generator=chance)
    found = losses.gradient_penalty(lambda x: 0.5 * (x.flatten(1) @ slope).square(), images)
    expected = (images.flatten(1) @ slope).square().mean() * slope.square().sum()
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_every_level_of_features_resembles_alike_however_few_its_numbers():
    fine, deep = torch.zeros(2, 4, 16, 16), torch.zeros(2, 8, 2, 2)
    assert losses.resembling([fine, deep], [fine + 1, deep]) == 1
    assert losses.resembling([fine, deep], [fine, deep - 1]) == 1


def test_a_style_costs_the_nats_that_it_says_of_its_image():
    zeros = torch.zeros(4, 3)
    assert losses.divergence(Posterior(zeros, zeros)).item() == 0
    sharp = Posterior(zeros + 2, zeros - 4)  # KL(N(2, e^-4) || N(0, 1)), three numbers
    each = torch.distributions.kl_divergence(
        torch.distributions.Normal(2.0, math.exp(-2)), torch.distributions.Normal(0.0, 1.0)
    )
    assert losses.divergence(sharp).item() == pytest.approx(3 * each.item(), rel=1e-6)


@pytest.mark.parametrize(("scale", "share"), [(0.0, 0.0), (1.0, 0.5), (1000.0, 1.0)])
def test_the_residual_share_is_its_part_of_the_variance_of_differences(scale, share):
    chance = torch.Generator().manual_seed(0)
    named, residual = torch.randn(2, 100_000, generator=chance)
    zero = torch.zeros(100_000, 1)
    real = decision(named[:, None], zero, scale * residual)
    fake = decision(zero, zero, torch.zeros(100_000))
    assert losses.residual_share(real, fake).item() == pytest.approx(share, abs=0.01)


def test_the_judged_logit_leaves_out_what_was_dropped():
    parts = decision(torch.ones(2, 2), torch.ones(2, 3), torch.ones(2))
    on, off = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    by_names, unpaired = losses.judged(parts, on, off).tolist()
    assert by_names == 0.5 + 2 + 2
    assert unpaired == 0.5 + 3 + 1
    assert parts.logit.tolist() == [6.5, 6.5]


def test_matching_judges_claims_in_full():
    parts = decision(torch.full((4, 3), 0.5), torch.zeros(4, 3), torch.zeros(4))
    assert losses.matching(parts, 0.25).item() == pytest.approx(math.log1p(math.exp(-4)))


def test_realism_that_both_of_a_pair_have_is_no_part_of_the_game_and_costs():
    chance = torch.Generator().manual_seed(0)
    real, fake, alike = torch.randn(3, 100, 2, generator=chance)
    none, rest = torch.zeros(100, 2), torch.zeros(100)

    def parts(realism):
        return decision(none, realism, rest)

    paired = torch.ones(100)
    plain = losses.judged(parts(real), paired, paired) - losses.judged(parts(fake), paired, paired)
    real_too, fake_too = parts(real + alike), parts(fake + alike)
    shared = losses.judged(real_too, paired, paired) - losses.judged(fake_too, paired, paired)
    torch.testing.assert_close(plain, shared)
    assert losses.impartiality(parts(real), parts(-real)).item() == 0
    cost = losses.impartiality(parts(real + alike), parts(alike - real)).item()
    assert cost == pytest.approx(alike.square().sum(dim=1).mean().item(), rel=1e-5)


def test_what_two_attributes_tell_costs_least_where_they_share_it():
    """The same decision, 0.8 in all: by one attribute's agreement, or half by another's realism."""
    rest = torch.zeros(4)

    def cost(agreement, realism):
        real = decision(
            torch.tensor([[agreement, 0.0]] * 4), torch.tensor([[0.0, realism]] * 4), rest
        )
        fake = decision(torch.zeros(4, 2), torch.zeros(4, 2), rest)
        return losses.sharing(real, fake).item()

    assert cost(0.8, 0.0) == pytest.approx(0.64)
    assert cost(0.4, 0.4) == pytest.approx(0.32)


@pytest.mark.parametrize(("own", "value"), [(3.0, 0.0), (1.2, 0.0), (0.5, math.log(2.25))])
def test_an_edit_is_credited_until_its_own_attribute_leads(own, value):
    """Of the two rows the second is the first with attribute 0 changed from -0.5 to 1."""
    orders = Orders(
        code=torch.tensor([[-0.5, -0.5, 0.3], [1.0, -0.5, 0.3]]),
        style=torch.zeros(2, 1),
        known=torch.ones(2, 3, dtype=torch.bool),
        kept=1,
        twin_of=torch.tensor([0]),
        changed=torch.tensor([0]),
    )
    shown = torch.tensor([[0.0, 0.0], [-2 * own, 0.0]])  # by what is seen, before the claim
    realism = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.75, 0.25]])
    fake = decision(orders.code[:, :2] * shown, realism, torch.zeros(2))
    assert losses.crediting(fake, orders, torch.eye(3)).item() == pytest.approx(value, abs=1e-2)


@pytest.mark.parametrize(("mixing", "value"), [(0.0, 0.0), (1.0, 1.0)], ids=["apart", "one"])
def test_separation_is_the_squared_correlation_of_columns(mixing, value):
    first, second = torch.randn(2, 10_000, generator=torch.Generator().manual_seed(0))
    realism = torch.stack([first, mixing * first + (1 - mixing) * second], dim=1)
    parts = decision(realism, realism, first)
    assert losses.separation(parts).item() == pytest.approx(value, abs=0.01)


def test_keeping_counts_only_what_was_not_asked_to_change():
    before, after = torch.zeros(2, 2), torch.tensor([[3.0, 1.0], [3.0, 1.0]])
    untouched = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    assert losses.keeping(after, before, untouched).item() == 0.5
