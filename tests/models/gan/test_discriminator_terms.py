"""Every term of the discriminator's objective pushes what it is about, the right way, and nothing
else."""

from dataclasses import replace

import pytest
import torch
from objective_case import (
    AGE,
    CODE,
    COLUMNS,
    EDITED,
    HAT,
    KEPT,
    KNOWN,
    LABELS,
    NAMED,
    PAIRS,
    SMILING,
    Table,
    batch,
    halves,
    numbered,
    of_discriminator,
    orders,
    pushes,
    some,
    step_down,
    tell,
)

from interpretable_gan.models.gan.config import GANConfig


@pytest.fixture
def table():
    return Table()


def test_the_game_lifts_real_images_and_lowers_generated_ones(table):
    game = of_discriminator(table).game
    for part in (table.residual, table.realism):
        real, fake = halves(game, part)
        assert (real > 0).all()
        assert (fake < 0).all()
    assert pushes(game, table.bias) == 0, "what all images share decides no pair"


def test_pairs_judged_by_names_alone_move_neither_residual_nor_discovered(table):
    by_all = torch.tensor([1.0, 0.0] * 4)
    game = of_discriminator(table, batch(nameless=by_all)).game
    real, _ = halves(game, table.realism)
    assert (real[:, :NAMED] > 0).all()
    assert torch.equal((real[:, NAMED:] > 0).all(dim=1), by_all == 1)
    assert torch.equal(halves(game, table.residual)[0][:, 0] > 0, by_all == 1)


def test_agreement_plays_where_real_and_generated_share_a_code_and_nowhere_else(table):
    game, code = of_discriminator(table).game, CODE
    real, fake = halves(game, table.shown)
    claimed = code[:KEPT] != 0
    assert (real * code > 0)[:KEPT][claimed].all()
    assert (fake * code < 0)[:KEPT][claimed].all()
    assert not real[KEPT:].any()
    assert not fake[KEPT:].any()


def test_reading_learns_known_labels_of_real_images(table):
    tell(table.reading, real=torch.cat([2 * LABELS, torch.zeros(PAIRS, 2)], dim=1))
    real, fake = halves(of_discriminator(table).reading, table.reading)
    assert not fake.any(), "labels of generated images are only what was asked"
    assert not real[:, :NAMED][~KNOWN].any()
    binary = KNOWN[:, :AGE]
    assert (real[:, :AGE] * LABELS[:, :AGE] > 0)[binary].all(), "a label is certain"
    assert (real[:, AGE] * LABELS[:, AGE] < 0)[KNOWN[:, AGE]].all(), "read twice as large"
    assert not real[:, NAMED:].any()


def test_discovering_reads_from_generated_images_what_was_put_in(table):
    real, fake = halves(of_discriminator(table).discovering, table.reading)
    assert (fake * orders().code > 0)[:, NAMED:].all()
    assert not fake[:, :NAMED].any()
    assert not real.any()


def test_the_penalty_flattens_each_real_and_generated_image_in_its_turn(table):
    tell(table.slope, real=0.3, fake=-0.3)
    turns = []
    for step in range(PAIRS):
        real, fake = halves(of_discriminator(table, step=step).penalty, table.slope)
        assert (real <= 0).all(), "towards 0"
        assert (fake >= 0).all(), "towards 0"
        assert torch.equal(real, -fake)
        turns += real.nonzero()[:, 0].tolist()
    assert turns == list(range(PAIRS))


@pytest.mark.parametrize("height", [3.0, -3.0])
def test_level_pulls_the_mean_score_to_zero(table, height):
    with torch.no_grad():
        table.bias += height
    term = of_discriminator(table).level
    assert pushes(term, table.bias) * height < 0
    real, fake = halves(term, table.residual)
    assert torch.equal(real, fake)


def test_the_budget_lowers_a_share_of_the_residual_that_is_too_large(table):
    tell(table.realism, real=some(PAIRS, COLUMNS))
    tell(table.residual, real=some(PAIRS, 1), fake=-some(PAIRS, 1))
    before = of_discriminator(table)
    assert before.budget > 0
    step_down(before.budget, table.residual, length=0.5)
    assert of_discriminator(table).residual_share < before.residual_share - 0.1


@pytest.mark.parametrize("size", [0.01, 100.0], ids=["small", "alike"])
def test_a_residual_that_is_small_or_alike_in_both_of_a_pair_costs_nothing(table, size):
    tell(table.realism, real=some(PAIRS, COLUMNS))
    tell(table.residual, real=size * some(PAIRS, 1), fake=(size > 1) * size * some(PAIRS, 1))
    found = of_discriminator(table)
    assert found.residual_share < 0.01
    assert not pushes(found.budget, table.residual).any()


def test_matching_has_real_images_agree_with_their_own_code(table):
    real, fake = halves(of_discriminator(table).matching, table.shown)
    code = CODE
    assert (real * code > 0)[code != 0].all(), "their own, not what was asked beside them"
    assert not fake.any()


def test_matching_judges_claims_as_if_they_were_made_in_full(table):
    typical = GANConfig().typical
    tell(table.shown, real=CODE.sign())
    full = torch.nn.functional.softplus(-2 * CODE.abs() / typical).mean()
    assert of_discriminator(table).matching.item() == pytest.approx(full.item())


def test_an_edit_is_credited_to_what_was_changed_and_not_to_what_moves_most(table):
    """Image 6 is image 2 with another hat, image 7 is image 0 with another smile."""
    moves = torch.zeros(PAIRS, COLUMNS)
    moves[EDITED] = torch.tensor([[0.9, 0.3, 0.4, 0.0, 0.2], [0.3, 0.9, 0.4, 0.0, 0.2]])
    tell(table.realism, fake=moves)
    real, fake = halves(of_discriminator(table).crediting, table.realism)
    assert (fake[[6, 7], [HAT, SMILING]] > 0).all()
    assert (fake[[2, 0], [HAT, SMILING]] < 0).all(), "the other way in the twin"
    assert (fake[[6, 7], [SMILING, HAT]] < 0).all()
    assert not fake[EDITED, AGE:].any(), "only what moves most is in the way"
    assert not real.any()


def test_an_edit_is_credited_by_what_is_seen_and_not_by_what_is_claimed(table):
    """What the images show of the hat is the same, and only the claim of it is another one."""
    moves = torch.zeros(PAIRS, COLUMNS)
    moves[6, AGE] = 0.3
    tell(table.realism, fake=moves)
    tell(table.shown, fake=torch.tensor([0.0, 1.0, 0.0]))
    term = of_discriminator(table).crediting
    assert term > 1, "nothing was seen to move but age"


def test_separation_takes_correlated_attributes_apart(table):
    both = some(2 * PAIRS, 1)
    with torch.no_grad():
        table.realism += some(2 * PAIRS, COLUMNS)
        table.realism[:, [SMILING]] += 2 * both
        table.realism[:, [HAT]] += 2 * both

    def correlation():
        return torch.corrcoef(table.realism.detach()[:, [SMILING, HAT]].T)[0, 1]

    before, term = correlation(), of_discriminator(table).separation
    assert all(half.any() for half in halves(term, table.realism)), "of real and of generated"
    step_down(term, table.realism, length=2)
    assert before > 0.8
    assert correlation() < before - 0.05


def test_impartiality_forgets_what_realism_says_of_both_of_a_pair(table):
    tell(table.realism, real=1.0, fake=0.5)
    real, fake = halves(of_discriminator(table).impartiality, table.realism)
    assert (real < 0).all()
    assert (fake < 0).all()
    tell(table.realism, real=1.0, fake=-1.0)
    assert not pushes(of_discriminator(table).impartiality, table.realism).any()


def test_sharing_makes_what_tells_a_pair_apart_smaller(table):
    def sharing():
        return of_discriminator(table, weights={"sharing": 1.0}).sharing

    tell(table.realism, real=1.0, fake=0.5)
    real, fake = halves(sharing(), table.realism)
    assert (real < 0).all()
    assert (fake > 0).all()
    tell(table.realism, real=1.0, fake=1.0)
    assert not pushes(sharing(), table.realism).any()


def test_the_paired_decision_is_right_where_the_real_image_wins(table):
    wins = torch.tensor([1.0] * 5 + [-1.0] * 3)[:, None]  # the last two share no code
    tell(table.residual, real=wins)
    found = of_discriminator(table)
    assert found.paired_accuracy == pytest.approx(5 / 6)
    assert torch.equal(found.won, wins[:, 0])
    assert not found.won.requires_grad, "the generator cannot move what real images score"


def test_importance_is_what_moves_decisions_on_real_images(table):
    tell(table.realism, real=torch.tensor([0.0, 3.0, 0.0, 0.0, -1.0]), fake=some(PAIRS, 1))
    with torch.no_grad():
        table.realism[PAIRS:] -= table.realism[PAIRS:].mean(dim=0)
    assert of_discriminator(table).importance.tolist() == pytest.approx([0, 3, 0, 0, 1], abs=1e-6)


def test_spread_is_how_various_generated_images_are_beside_real_ones(table):
    game = replace(batch(), view=numbered(range(PAIRS)) / 2 + 4)  # half as far apart
    assert of_discriminator(table, game).spread == pytest.approx(2)


def test_the_discriminator_minimises_the_sum_of_its_terms_by_weight(table):
    for parameter in table.parameters():
        parameter.data = some(*parameter.shape)
    found = of_discriminator(table, weights={"sharing": 0.7})
    weights = GANConfig.of(weights={"sharing": 0.7}).weights
    terms = "reading discovering penalty level matching budget separation impartiality sharing"
    total = found.game + weights.crediting * found.crediting
    for name in terms.split():
        total = total + getattr(weights, name) * getattr(found, name)
    assert found.total.item() == pytest.approx(total.item(), rel=1e-5)
