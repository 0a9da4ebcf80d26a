"""Every term of both objectives pushes what it is about, the right way, and nothing else.

The discriminator here is a table: what it says of each image is a number of its own. So the
gradient of a term tells, image by image, what training asks for.
"""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.gan.step import (
    Batch,
    Memory,
    discriminator_loss,
    frozen,
    generator_loss,
)
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="faces",
    attributes=(
        Attribute(name="smiling"),
        Attribute(name="hat"),
        Attribute(name="age", kind="continuous", range=(0, 100)),
    ),
).with_discovered(2)
READING = Reading(SCHEMA)
SMILING, HAT, AGE = range(3)
NAMED, COLUMNS, ROWS, KEPT = 3, 5, 8, 6
TWINS, EDITED = [2, 0], [6, 7]
"""Image 6 is image 2 with a hat or without, image 7 is image 0 smiling or not."""

LABELS = torch.tensor(
    [
        [1.0, 1.0, 0.4],
        [1.0, -1.0, -0.6],
        [-1.0, 1.0, 0.2],
        [-1.0, 0.0, 0.8],  # nobody knows of a hat
        [1.0, 1.0, -0.2],
        [-1.0, -1.0, 0.6],
        [1.0, -1.0, -0.8],  # of this image no label is known
        [1.0, 1.0, -0.4],
    ]
)
KNOWN = LABELS != 0
KNOWN[6] = False
STRENGTH = torch.tensor([0.4, 0.4, 1.0])  # of what labels claim
FULL = torch.tensor([0.9, 0.9, 1.0])  # of what should be read of it


def orders():
    """What is asked for: codes of the first six images, and two of these with one change."""
    named = torch.cat([(LABELS * STRENGTH)[:KEPT], (LABELS * STRENGTH)[TWINS]])
    named[6, HAT], named[7, SMILING] = -1.0, -1.0
    found = torch.tensor([[0.5, -0.5], [-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]])
    found = torch.cat([found, -found[:1]])
    return Orders(
        code=torch.cat([named, torch.cat([found, found[TWINS]])], dim=1),
        style=torch.zeros(ROWS, 1),
        known=torch.cat([KNOWN[:KEPT], KNOWN[TWINS]]),
        kept=KEPT,
        twin_of=torch.tensor(TWINS),
        changed=torch.tensor([HAT, SMILING]),
    )


def expected(code):
    """What should be read of images drawn with a code: more than it claims."""
    return torch.cat([code[:, :NAMED].sign() * FULL * code[:, :NAMED].abs().sqrt(), code[:, 3:]], 1)


def batch(nameless=1.0):
    asked = orders()
    return Batch(
        images=numbered(range(ROWS)),
        labels=LABELS,
        code=LABELS * STRENGTH,
        known=KNOWN,
        orders=asked,
        expected=expected(asked.code),
        nameless=torch.as_tensor(nameless).expand(ROWS),
    )


def numbered(numbers):
    """Images that the table tells apart."""
    return torch.tensor(list(numbers), dtype=torch.float32)[:, None, None, None].expand(-1, 1, 2, 2)


class Table(nn.Module):
    """What is said of images 0 to 7, which are real, and 8 to 15, which are generated. ``slope``
    is how steeply the logit rises with each pixel."""

    def __init__(self):
        super().__init__()
        shapes = {"shown": NAMED, "realism": COLUMNS, "reading": COLUMNS, "residual": 1, "slope": 1}
        for name, width in shapes.items():
            setattr(self, name, nn.Parameter(torch.zeros(2 * ROWS, width)))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, images, code):
        row = images[:, 0, 0, 0].long()
        tilt = (images - images.detach()).sum(dim=(2, 3)) * self.slope[row]  # 0, but it slopes
        return Decision(
            agreement=code[:, :NAMED] * self.shown[row],
            realism=self.realism[row] + tilt / COLUMNS,
            residual=self.residual[row, 0],
            bias=self.bias,
            reading=self.reading[row],
        )


@pytest.fixture
def told():
    return Table()


def fill(parameter, real=0.0, fake=0.0):
    """Say this of real and of generated images."""
    with torch.no_grad():
        parameter[:ROWS], parameter[ROWS:] = real, fake


def some(*shape):
    """Random numbers, the same for the same shape."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def of_discriminator(told, game=None, step=0, **settings):
    """Terms of the discriminator by name."""
    config = GANConfig.of(discovered=2, **settings)
    fakes = numbered(range(ROWS, 2 * ROWS))
    outcome, won = discriminator_loss(told, READING, game or batch(), fakes, config, step)
    return SimpleNamespace(**outcome.report, total=outcome.total, won=won)


def of_generator(told, game=None, drawn=None, memory=None, won=None, opened=1.0, **settings):
    """Terms of the generator by name."""
    drawn = torch.zeros(ROWS, 1, 2, 2) if drawn is None else drawn
    fakes = numbered(range(ROWS, 2 * ROWS))
    remembered = memory or Memory(drawn[:3], drawn[:3, 0, 0], posterior(), drawn[:3, 0, 0])
    won = torch.zeros(ROWS) if won is None else won
    config = GANConfig.of(discovered=2, **settings)
    outcome = generator_loss(
        told, READING, game or batch(), fakes, won, remembered, drawn, config, opened
    )
    return SimpleNamespace(**outcome.report, total=outcome.total)


def posterior(mean=0.0, log_variance=0.0):
    numbers = torch.zeros(3, 2)
    return Posterior((numbers + mean).requires_grad_(), (numbers + log_variance).requires_grad_())


def pushes(term, parameter):
    """Which way one step down a term moves each number."""
    (slope,) = torch.autograd.grad(
        term, parameter, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return -slope


def halves(term, parameter):
    """The same for real and for generated images."""
    return pushes(term, parameter).chunk(2)


def step_down(term, parameter, much=0.5):
    """Take one step down a term, as long as ``much``."""
    step = pushes(term, parameter)
    with torch.no_grad():
        parameter += much * step / step.norm()


# The discriminator


def test_the_game_lifts_real_images_and_lowers_generated_ones(told):
    game = of_discriminator(told).game
    for part in (told.residual, told.realism):
        real, fake = halves(game, part)
        assert (real > 0).all()
        assert (fake < 0).all()
    assert pushes(game, told.bias) == 0, "what all images share decides no pair"


def test_pairs_judged_by_names_alone_move_neither_residual_nor_discovered(told):
    by_all = torch.tensor([1.0, 0.0] * 4)
    game = of_discriminator(told, batch(nameless=by_all)).game
    real, _ = halves(game, told.realism)
    assert (real[:, :NAMED] > 0).all()
    assert torch.equal((real[:, NAMED:] > 0).all(dim=1), by_all == 1)
    assert torch.equal(halves(game, told.residual)[0][:, 0] > 0, by_all == 1)


def test_agreement_plays_where_real_and_generated_share_a_code_and_nowhere_else(told):
    game, code = of_discriminator(told).game, batch().code
    real, fake = halves(game, told.shown)
    claimed = code[:KEPT] != 0
    assert (real * code > 0)[:KEPT][claimed].all()
    assert (fake * code < 0)[:KEPT][claimed].all()
    assert not real[KEPT:].any()
    assert not fake[KEPT:].any()


def test_reading_learns_known_labels_of_real_images(told):
    fill(told.reading, real=torch.cat([2 * LABELS, torch.zeros(ROWS, 2)], dim=1))
    real, fake = halves(of_discriminator(told).reading, told.reading)
    assert not fake.any(), "labels of generated images are only what was asked"
    assert not real[:, :NAMED][~KNOWN].any()
    binary = KNOWN[:, :AGE]
    assert (real[:, :AGE] * LABELS[:, :AGE] > 0)[binary].all(), "a label is certain"
    assert (real[:, AGE] * LABELS[:, AGE] < 0)[KNOWN[:, AGE]].all(), "read twice as large"
    assert not real[:, NAMED:].any()


def test_discovering_reads_from_generated_images_what_was_put_in(told):
    real, fake = halves(of_discriminator(told).discovering, told.reading)
    assert (fake * orders().code > 0)[:, NAMED:].all()
    assert not fake[:, :NAMED].any()
    assert not real.any()


def test_the_penalty_flattens_each_real_and_generated_image_in_its_turn(told):
    fill(told.slope, real=0.3, fake=-0.3)
    turns = []
    for step in range(ROWS):
        real, fake = halves(of_discriminator(told, step=step).penalty, told.slope)
        assert (real <= 0).all(), "towards 0"
        assert (fake >= 0).all(), "towards 0"
        assert torch.equal(real, -fake)
        turns += real.nonzero()[:, 0].tolist()
    assert turns == list(range(ROWS))


@pytest.mark.parametrize("height", [3.0, -3.0])
def test_level_pulls_the_mean_score_to_zero(told, height):
    fill(told.bias[None], height, height)
    assert pushes(of_discriminator(told).level, told.bias) * height < 0


def test_the_budget_lowers_a_share_of_the_residual_that_is_too_large(told):
    fill(told.realism, real=some(ROWS, COLUMNS))
    fill(told.residual, real=some(ROWS, 1), fake=-some(ROWS, 1))
    before = of_discriminator(told)
    assert before.budget > 0
    step_down(before.budget, told.residual)
    assert of_discriminator(told).residual_share < before.residual_share - 0.1


@pytest.mark.parametrize("size", [0.01, 100.0], ids=["small", "alike"])
def test_a_residual_that_is_small_or_alike_in_both_of_a_pair_costs_nothing(told, size):
    fill(told.realism, real=some(ROWS, COLUMNS))
    fill(told.residual, real=size * some(ROWS, 1), fake=(size > 1) * size * some(ROWS, 1))
    found = of_discriminator(told)
    assert found.residual_share < 0.01
    assert not pushes(found.budget, told.residual).any()


def test_matching_has_real_images_agree_with_their_own_code(told):
    real, fake = halves(of_discriminator(told).matching, told.shown)
    code = batch().code
    assert (real * code > 0)[code != 0].all(), "their own, not what was asked beside them"
    assert not fake.any()


def test_an_edit_is_credited_to_what_was_changed_and_not_to_what_moves_most(told):
    """Image 6 is image 2 with another hat, image 7 is image 0 with another smile."""
    moves = torch.zeros(ROWS, COLUMNS)
    moves[EDITED] = torch.tensor([[0.9, 0.3, 0.4, 0.0, 0.2], [0.3, 0.9, 0.4, 0.0, 0.2]])
    fill(told.realism, fake=moves)
    real, fake = halves(of_discriminator(told).crediting, told.realism)
    assert (fake[[6, 7], [HAT, SMILING]] > 0).all()
    assert (fake[[2, 0], [HAT, SMILING]] < 0).all(), "the other way in the twin"
    assert (fake[[6, 7], [SMILING, HAT]] < 0).all()
    assert not fake[EDITED, AGE:].any(), "only what moves most is in the way"
    assert not real.any()


def test_an_edit_is_credited_by_what_is_seen_and_not_by_what_is_claimed(told):
    """What the images show of the hat is the same, and only the claim of it is another one."""
    moves = torch.zeros(ROWS, COLUMNS)
    moves[6, AGE] = 0.3
    fill(told.realism, fake=moves)
    fill(told.shown, fake=torch.tensor([0.0, 1.0, 0.0]))
    term = of_discriminator(told).crediting
    assert term > 1, "nothing was seen to move but age"


def test_separation_takes_correlated_attributes_apart(told):
    both = some(2 * ROWS, 1)
    with torch.no_grad():
        told.realism += some(2 * ROWS, COLUMNS)
        told.realism[:, [SMILING]] += 2 * both
        told.realism[:, [HAT]] += 2 * both

    def correlation():
        return torch.corrcoef(told.realism.detach()[:, [SMILING, HAT]].T)[0, 1]

    before = correlation()
    step_down(of_discriminator(told).separation, told.realism, much=2)
    assert before > 0.8
    assert correlation() < before - 0.05


def test_impartiality_forgets_what_realism_says_of_both_of_a_pair(told):
    fill(told.realism, real=1.0, fake=0.5)
    real, fake = halves(of_discriminator(told).impartiality, told.realism)
    assert (real < 0).all()
    assert (fake < 0).all()
    fill(told.realism, real=1.0, fake=-1.0)
    assert not pushes(of_discriminator(told).impartiality, told.realism).any()


def test_sharing_makes_what_tells_a_pair_apart_smaller(told):
    def sharing():
        return of_discriminator(told, weights={"sharing": 1.0}).sharing

    fill(told.realism, real=1.0, fake=0.5)
    real, fake = halves(sharing(), told.realism)
    assert (real < 0).all()
    assert (fake > 0).all()
    fill(told.realism, real=1.0, fake=1.0)
    assert not pushes(sharing(), told.realism).any()


def test_the_paired_decision_is_right_where_the_real_image_wins(told):
    wins = torch.tensor([1.0] * 5 + [-1.0] * 3)[:, None]  # the last two share no code
    fill(told.residual, real=wins)
    found = of_discriminator(told)
    assert found.paired_accuracy == pytest.approx(5 / 6)
    assert torch.equal(found.won, wins[:, 0])
    assert not found.won.requires_grad, "the generator cannot move what real images score"


# The generator


def test_playing_lifts_generated_images_and_leaves_real_ones_alone(told):
    playing = of_generator(told, batch(nameless=torch.tensor([1.0, 0.0] * 4))).playing
    for part in (told.residual, told.realism):
        real, fake = halves(playing, part)
        assert not real.any()
        assert (fake[::2] > 0).all()
    assert not halves(playing, told.residual)[1][1::2].any(), "these are judged by names alone"


def test_playing_asks_for_agreement_where_a_real_image_has_the_same_code(told):
    _, fake = halves(of_generator(told).playing, told.shown)
    code = batch().code
    assert (fake * code > 0)[:KEPT][code[:KEPT] != 0].all()
    assert not fake[KEPT:].any()


def test_playing_asks_most_of_who_lags_behind(told):
    far = torch.tensor([5.0, -5.0] * 4)
    _, fake = halves(of_generator(told, won=far).playing, told.residual)
    assert (fake[::2] > 100 * fake[1::2]).all()


def test_obeying_has_the_encoder_read_what_was_asked(told):
    asked, known = expected(orders().code)[:, :NAMED], orders().known
    _, fake = halves(of_generator(told).obeying, told.reading)
    assert (fake[:, :NAMED] * asked > 0)[known].all()
    assert not fake[:, :NAMED][~known].any()
    read = torch.cat([2 * torch.atanh(asked[:, :AGE]), asked[:, AGE:], torch.zeros(ROWS, 2)], dim=1)
    fill(told.reading, fake=read)
    settled = pushes(of_generator(told).obeying, told.reading)
    assert settled.abs().max() < 1e-3 * fake.abs().max(), "as plainly as was asked and not more"


def test_discovering_shows_in_every_image_what_was_put_in(told):
    _, fake = halves(of_generator(told).discovering, told.reading)
    assert (fake * orders().code > 0)[:, NAMED:].all()
    assert not fake[:, :NAMED].any()


def test_intervening_shows_the_changes_and_asks_nothing_else(told):
    _, fake = halves(of_generator(told).intervening, told.reading)
    assert fake.nonzero().tolist() == [[6, HAT], [7, SMILING]]
    assert (fake[[6, 7], [HAT, SMILING]] < 0).all(), "off, as was asked"


def test_keeping_draws_an_edited_image_and_its_twin_together_in_what_was_not_changed(told):
    read = torch.arange(ROWS).float()[:, None].expand(ROWS, COLUMNS) / 4
    fill(told.reading, fake=read)
    _, fake = halves(of_generator(told).keeping, told.reading)
    unchanged = torch.tensor([[1, 0, 1, 0, 0], [0, 1, 1, 0, 0]], dtype=torch.bool)
    assert torch.equal(fake[EDITED] < 0, unchanged), "down to their twins"
    assert torch.equal(fake[TWINS] > 0, unchanged), "up to what was edited"
    assert not fake[[1, 3, 4, 5]].any()


def test_reconstructing_draws_the_remembered_images(told):
    drawn, images = torch.zeros(ROWS, 1, 2, 2, requires_grad=True), some(3, 1, 2, 2)
    memory = Memory(images, torch.zeros(3, 2), posterior(), torch.zeros(3, 1))
    moved = pushes(of_generator(told, drawn=drawn, memory=memory).reconstructing, drawn)
    assert torch.allclose(moved[:3] / moved[:3].norm(), images / images.norm())
    assert not moved[3:].any()


@pytest.mark.parametrize("far", [2.0, -2.0])
def test_divergence_brings_posteriors_back_to_the_prior(told, far):
    said = posterior(mean=far, log_variance=far)
    nothing = torch.zeros(3, 2)
    memory = Memory(torch.zeros(3, 1, 2, 2), nothing, said, nothing)
    term = of_generator(told, memory=memory).divergence
    for number in (said.mean, said.log_variance):
        assert (pushes(term, number) * far < 0).all()


# The sums


def test_the_discriminator_minimises_the_sum_of_its_terms_by_weight(told):
    for parameter in told.parameters():
        parameter.data = some(*parameter.shape)
    found = of_discriminator(told, weights={"sharing": 0.7})
    weights = GANConfig.of(weights={"sharing": 0.7}).weights
    terms = "reading discovering penalty level matching budget separation impartiality sharing"
    total = found.game + weights.crediting * found.crediting
    for name in terms.split():
        total = total + getattr(weights, name) * getattr(found, name)
    assert found.total.item() == pytest.approx(total.item(), rel=1e-5)


@pytest.mark.parametrize("opened", [0.0, 0.25, 1.0])
def test_while_the_game_opens_the_generator_draws_from_memory(told, opened):
    fill(told.reading, fake=some(ROWS, COLUMNS))
    memory = Memory(
        torch.ones(3, 1, 2, 2), torch.zeros(3, 2), posterior(mean=1.0), torch.zeros(3, 2)
    )
    found, weights = of_generator(told, memory=memory, opened=opened), GANConfig().weights
    recalled = weights.reconstructing * found.reconstructing + weights.divergence * found.divergence
    game = found.playing + sum(
        getattr(weights, name) * getattr(found, name)
        for name in ("obeying", "discovering", "intervening", "keeping")
    )
    assert recalled > 1
    assert game > 1
    assert found.total.item() == pytest.approx((opened * game + recalled).item(), rel=1e-5)


def test_the_discriminator_is_frozen_while_the_generator_learns_from_it(told):
    images = torch.full((1, 1, 2, 2), 8.0, requires_grad=True)
    fill(told.slope, fake=1.0)
    with frozen(told):
        told(images, torch.zeros(1, COLUMNS)).logit.sum().backward()
    assert (images.grad > 0).all()
    assert all(parameter.grad is None for parameter in told.parameters())
    assert all(parameter.requires_grad for parameter in told.parameters()), "it learns on"
