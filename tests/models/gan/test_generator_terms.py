"""Every term of the generator's objective pushes what it is about, the right way, and nothing
else."""

import pytest
import torch
from objective_case import (
    AGE,
    CODE,
    COLUMNS,
    EDITED,
    HAT,
    KEPT,
    NAMED,
    PAIRS,
    SMILING,
    TWINS,
    Table,
    batch,
    expected,
    halves,
    of_generator,
    orders,
    pushes,
    remembered,
    some,
    tell,
)

from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.step import frozen


@pytest.fixture
def table():
    return Table()


def test_playing_lifts_generated_images_and_leaves_real_ones_alone(table):
    playing = of_generator(table, batch(nameless=torch.tensor([1.0, 0.0] * 4))).playing
    for part in (table.residual, table.realism):
        real, fake = halves(playing, part)
        assert not real.any()
        assert (fake[::2] > 0).all()
    assert not halves(playing, table.residual)[1][1::2].any(), "these are judged by names alone"


def test_playing_asks_for_agreement_where_a_real_image_has_the_same_code(table):
    _, fake = halves(of_generator(table).playing, table.shown)
    code = CODE
    assert (fake * code > 0)[:KEPT][code[:KEPT] != 0].all()
    assert not fake[KEPT:].any()


def test_playing_asks_most_of_who_lags_behind(table):
    far = torch.tensor([5.0, -5.0] * 4)
    _, fake = halves(of_generator(table, won=far).playing, table.residual)
    assert (fake[::2] > 100 * fake[1::2]).all()


def test_obeying_has_the_encoder_read_what_was_asked(table):
    asked, known = expected(orders().code)[:, :NAMED], orders().known
    _, fake = halves(of_generator(table).obeying, table.reading)
    assert (fake[:, :NAMED] * asked > 0)[known].all()
    assert not fake[:, :NAMED][~known].any()
    read = torch.cat(
        [2 * torch.atanh(asked[:, :AGE]), asked[:, AGE:], torch.zeros(PAIRS, 2)], dim=1
    )
    tell(table.reading, fake=read)
    settled = pushes(of_generator(table).obeying, table.reading)
    assert settled.abs().max() < 1e-3 * fake.abs().max(), "as plainly as was asked and not more"


def test_discovering_shows_in_every_image_what_was_put_in(table):
    _, fake = halves(of_generator(table).discovering, table.reading)
    assert (fake * orders().code > 0)[:, NAMED:].all()
    assert not fake[:, :NAMED].any()


def test_intervening_shows_the_changes_and_asks_nothing_else(table):
    _, fake = halves(of_generator(table).intervening, table.reading)
    assert fake.nonzero().tolist() == [[6, HAT], [7, SMILING]]
    assert (fake[[6, 7], [HAT, SMILING]] < 0).all(), "off, as was asked"


def test_obeyed_are_the_changes_that_the_encoder_sees(table):
    read = torch.zeros(PAIRS, COLUMNS)
    read[6, HAT], read[7, SMILING] = -1.0, 1.0  # both were asked to be off
    tell(table.reading, fake=read)
    assert of_generator(table).obeyed.tolist() == [True, False]


def test_keeping_draws_an_edited_image_and_its_twin_together_in_what_was_not_changed(table):
    read = torch.arange(PAIRS).float()[:, None].expand(PAIRS, COLUMNS) / 4
    tell(table.reading, fake=read)
    _, fake = halves(of_generator(table).keeping, table.reading)
    unchanged = torch.tensor([[1, 0, 1, 0, 0], [0, 1, 1, 0, 0]], dtype=torch.bool)
    assert torch.equal(fake[EDITED] < 0, unchanged), "down to their twins"
    assert torch.equal(fake[TWINS] > 0, unchanged), "up to what was edited"
    assert not fake[[1, 3, 4, 5]].any()


def test_reconstructing_draws_the_remembered_images(table):
    drawn, images = torch.zeros(PAIRS, 1, 2, 2, requires_grad=True), some(3, 1, 2, 2)
    terms = of_generator(table, drawn=drawn, memory=remembered(images))
    moved = pushes(terms.reconstructing, drawn)
    assert torch.allclose(moved[:3] / moved[:3].norm(), images / images.norm())
    assert not moved[3:].any()


@pytest.mark.parametrize("far", [2.0, -2.0])
def test_divergence_brings_posteriors_back_to_the_prior(table, far):
    memory = remembered(torch.zeros(3, 1, 2, 2), mean=far, log_variance=far)
    term = of_generator(table, memory=memory).divergence
    for number in (memory.posterior.mean, memory.posterior.log_variance):
        assert (pushes(term, number) * far < 0).all()


@pytest.mark.parametrize("opened", [0.0, 0.25, 1.0])
def test_while_the_game_opens_the_generator_draws_from_memory(table, opened):
    tell(table.reading, fake=some(PAIRS, COLUMNS))
    memory = remembered(torch.ones(3, 1, 2, 2), mean=1.0)
    found, weights = of_generator(table, memory=memory, opened=opened), GANConfig().weights
    recalled = weights.reconstructing * found.reconstructing + weights.divergence * found.divergence
    game = found.playing + sum(
        getattr(weights, name) * getattr(found, name)
        for name in ("obeying", "discovering", "intervening", "keeping")
    )
    assert recalled > 1
    assert game > 1
    assert found.total.item() == pytest.approx((opened * game + recalled).item(), rel=1e-5)


def test_the_discriminator_is_frozen_while_the_generator_learns_from_it(table):
    images = torch.full((1, 1, 2, 2), 8.0, requires_grad=True)
    tell(table.slope, fake=1.0)
    with frozen(table):
        table.decide(images, torch.zeros(1, COLUMNS)).logit.sum().backward()
    assert (images.grad > 0).all()
    assert all(parameter.grad is None for parameter in table.parameters())
    assert all(parameter.requires_grad for parameter in table.parameters()), "it learns on"
