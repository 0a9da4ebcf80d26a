"""What one step of both networks does, and what it leaves alone."""

import copy
import math

import pytest
import torch
from toy_learners import Alone

from interpretable_gan.data import portraits
from interpretable_gan.models.gan import learner as learning
from interpretable_gan.models.gan.averaging import follow
from interpretable_gan.models.gan.blocks import kernels
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.training.optimizer import Optimizer

RECALLED, KEPT, BATCH = 4, 6, 8
LATE = 60
"""A step after the rates have risen."""


@pytest.fixture(scope="module")
def data():
    return portraits.dataset(size=16, count=40, seed=0)


@pytest.fixture(scope="module")
def real(data):
    return data.batch(data.rows("train")[:BATCH])


@pytest.fixture
def learner(data):
    def make(**settings):
        config = GANConfig.of(
            size=16,
            generator_widths=(8, 8, 8),
            discriminator_widths=(8, 8),
            discovered=2,
            style=4,
            batch=BATCH,
            images=10_000,
            **settings,
        )
        return GANLearner(data, config, Alone(batch=BATCH), Optimizer)

    return make


@pytest.fixture
def seen(monkeypatch):
    """What both objectives are given in a step, by name."""
    arguments = {}

    def watched(objective, *names):
        def watch(*given):
            arguments.update(zip(names, given, strict=True))
            return objective(*given)

        return watch

    shared = ("discriminator", "reading", "game")
    watches = {
        "discriminator_loss": ("fakes_of_discriminator", "config", "step"),
        "generator_loss": ("fakes", "won", "memory", "drawn", "config", "opened"),
    }
    for name, others in watches.items():
        objective = watched(getattr(learning, name), *shared, *others)
        monkeypatch.setattr(learning, name, objective)
    return arguments


def weights(network):
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def moved(learner, real, step):
    """How far one step moves the weights of each network, root mean square."""
    networks = learner.networks.named()
    before = {name: weights(network) for name, network in networks.items()}
    learner.step(real, step)
    return {
        name: (weights(network) - before[name]).square().mean().sqrt().item()
        for name, network in networks.items()
    }


def test_every_network_learns(learner, real):
    assert min(moved(learner(), real, LATE).values()) > 1e-5


@pytest.mark.parametrize(
    ("rate", "still", "moving"),
    [
        ("generator_rate", ("generator", "style_encoder"), "discriminator"),
        ("discriminator_rate", ("discriminator",), "generator"),
    ],
)
def test_each_network_has_its_own_rate(rate, still, moving, learner, real):
    distances = moved(learner(**{rate: 1e-9}), real, LATE)
    assert max(distances[name] for name in still) < 1e-7
    assert distances[moving] > 1e-4


def test_the_first_step_is_as_short_as_the_rates_are_low(learner, real):
    first, late = (moved(learner(), real, step) for step in (0, LATE))
    for name in ("generator", "discriminator"):
        assert first[name] == pytest.approx(late[name] / 50, rel=0.2)


def test_the_discriminator_cannot_move_what_it_judges_but_the_generator_can(learner, real, seen):
    learner().step(real, LATE)
    assert not seen["fakes_of_discriminator"].requires_grad
    assert seen["fakes"].requires_grad
    assert torch.equal(seen["fakes_of_discriminator"], seen["fakes"])


def test_real_and_generated_images_are_judged_through_the_same_noise(learner, real, seen):
    learner(noise=2.0).step(real, LATE)
    shown = ((seen["game"].view, real[0]), (seen["fakes"], seen["drawn"]))
    for judged, plain in shown:
        assert (judged - plain).detach().std().item() == pytest.approx(2, rel=0.1)
    assert torch.equal(seen["memory"].images, real[0][:RECALLED]), "remembered as they are"


def test_images_are_drawn_again_by_the_style_that_was_read_of_them(learner, real, seen):
    model = learner()
    features = model.networks.discriminator.encoder.trunk(real[0][:RECALLED])
    posterior = model.networks.style_encoder(features)
    found = model.networks.discriminator.encoder(real[0][:RECALLED])[:, -2:].clamp(-1, 1)
    model.step(real, LATE)
    style = seen["game"].orders.style[:RECALLED]
    luck = (style - posterior.mean) / (posterior.log_variance / 2).exp()
    assert seen["memory"].posterior.mean.allclose(posterior.mean, atol=1e-5)
    assert seen["game"].orders.code[:RECALLED, -2:].allclose(found, atol=1e-5)
    assert luck.std().item() == pytest.approx(1, abs=0.5), "drawn from the posterior, not its mean"


def test_every_step_draws_other_luck(learner, real, seen):
    model, found = learner(generator_rate=1e-9, discriminator_rate=1e-9), []
    for step in (LATE, LATE + 1):
        model.step(real, step)
        orders = seen["game"].orders
        fresh = orders.style[RECALLED:KEPT], seen["memory"].style, seen["game"].view
        found.append((orders.changed, seen["game"].nameless, *fresh))
    for one, other in zip(*found, strict=True):
        assert (one.float() - other.float()).abs().max() > 0.1


def test_a_step_follows_its_own_gradient_alone(learner, real):
    model, found = learner(generator_rate=1e-9, discriminator_rate=1e-9), []
    for _ in range(2):
        model.step(real, LATE)
        for name in ("generator", "discriminator"):
            network = getattr(model.networks, name)
            found.append(torch.cat([p.grad.flatten() for p in network.parameters()]))
    for first, second in (found[::2], found[1::2]):
        assert (first - second).norm() < 1e-3 * first.norm()


def test_the_game_opens_with_the_steps_of_the_run(learner, real, seen):
    model = learner(opening=0.15)
    model.step(real, LATE)
    assert seen["opened"] == pytest.approx(LATE * BATCH / 1500)


def test_obedience_is_remembered_for_the_attribute_that_was_changed(learner, real, seen):
    model = learner(generator_rate=1e-9, discriminator_rate=1e-9, edited=0.5)
    model.step(real, LATE)
    orders = seen["game"].orders
    with torch.no_grad():
        reading = model.networks.discriminator(seen["fakes"], orders.code).reading
    agrees = model.reading.agrees(reading, orders.code)[orders.kept :]
    for number, share in enumerate(model.obeyed.tolist()):
        own = [a[number].item() for a, c in zip(agrees, orders.changed, strict=True) if c == number]
        assert share == pytest.approx(sum(own) / len(own) if own else math.nan, nan_ok=True)
    model.obeyed = torch.full_like(model.obeyed, 0.5)
    model.step(real, LATE + 1)
    assert 0.01 < (model.obeyed - 0.5).abs().max() < 0.1, "one change more counts little"


def test_a_posterior_is_drawn_from_as_the_normal_distribution_that_it_is():
    nothing = torch.zeros(1, 1)
    drawn = Posterior(nothing + 2, nothing - 4).at(nothing + 3)
    assert drawn.item() == pytest.approx(2 + 3 * math.exp(-2))


def test_labels_claim_as_much_as_the_encoder_sees_and_no_more_is_asked(learner, real, seen):
    model = learner()
    with torch.no_grad():
        read = model.networks.discriminator.encoder(real[0])
    claimed = model.labels.code(read, real[1])
    model.step(real, LATE)
    game, measured = seen["game"], model.reading.measured
    assert torch.equal(game.labels, real[1])
    assert game.code.allclose(claimed, atol=1e-5)
    unseen = (game.code == 0) & ~measured
    assert unseen.any()
    assert not game.orders.known[:KEPT][unseen[:KEPT]].any()
    assert game.orders.known[:KEPT][~unseen[:KEPT]].all()


def test_what_should_be_read_is_as_plain_as_what_was_asked(learner, real, seen):
    model = learner()
    model.step(real, LATE)
    game, named = seen["game"], model.schema.named_columns
    asked = model.labels.expected(game.orders.code)[:, :named]
    assert torch.equal(game.expected[:, :named], asked)
    assert not torch.equal(asked, game.orders.code[:, :named])


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_that_share_of_pairs_is_judged_by_names_alone(share, learner, real, seen):
    learner(names_only=share).step(real, LATE)
    assert (seen["game"].nameless == 1 - share).all()


def test_the_black_box_twin_is_judged_by_all_it_has(learner, real, seen):
    """It has no names: judged by names alone it would play a part of the game only."""
    learner(names_only=1.0, discriminator="black-box").step(real, LATE)
    assert (seen["game"].nameless == 1).all()


def test_kernels_of_every_network_are_turned_and_nothing_else_is(learner):
    moved = learner()
    for name, networks in {
        "generator": ("generator", "style_encoder"),
        "discriminator": ("discriminator",),
    }.items():
        turned = moved.optimizers[name].parts["muon"].param_groups[0]["params"]
        wanted = [each for n in networks for each in kernels(getattr(moved.networks, n))]
        assert {id(each) for each in turned} == {id(each) for each in wanted}


def test_the_average_follows_the_generator_and_not_the_other_way(learner, real):
    model = learner()
    average, generator = model.networks.average, model.networks.generator
    start = weights(average)
    model.step(real, LATE)
    way = weights(generator) - start
    share = (weights(average) - start) @ way / way.square().sum()
    assert share.item() == pytest.approx(1 - 0.5 ** (BATCH / (LATE * BATCH / 10)), rel=1e-2)


@pytest.mark.parametrize(
    ("images", "half"), [(10_000, 500), (500, 50)], ids=["late", "early: a tenth of what was seen"]
)
def test_images_of_one_half_life_ago_count_half(images, half):
    network, average = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.ones_(network.weight)
    torch.nn.init.zeros_(average.weight)
    before = copy.deepcopy(network.state_dict())
    for _ in range(half // 10):
        follow(average, network, images=images, batch=10, half=500)
    assert average.weight.item() == pytest.approx(0.5, abs=1e-4)
    assert torch.equal(network.weight, before["weight"])
