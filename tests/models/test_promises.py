"""Every family keeps the same promises, and a promise that is broken is noticed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import promises
import pytest
import torch
from toy_learners import Alone, GameLearner, LikelihoodLearner, Momentum
from toys import TOYS, VAE, Flow, ImageGAN, Recommender, Table, Toy

from interpretable_gan.errors import DataError
from interpretable_gan.models.base import Batch, Explains, Model, sample
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

Failed = pytest.fail.Exception
LEARNERS = {
    ImageGAN: GameLearner,
    Table: GameLearner,
    VAE: LikelihoodLearner,
    Flow: LikelihoodLearner,
}


def name_of(each: Callable[..., object]) -> str:
    return each.__name__


def batches(toy: Toy, count: int = 4, size: int = 8) -> list[Batch]:
    """Examples of a toy with their labels, a third of them unknown; discovered ones have none."""
    found = []
    for step in range(count):
        code = toy.codes(size, seed=step)
        known = torch.rand(code.shape, generator=torch.Generator().manual_seed(step)) < 0.7
        known[:, toy.schema.named_columns :] = False
        found.append((toy.draw(code, toy.styles(size, seed=step)), code * known, known))
    return found


def making(toy, learner=None) -> promises.Make:
    """A learner that starts from other weights than those that drew the examples."""
    return partial(learner or LEARNERS[toy], toy(), 5, Alone(), Momentum)


@pytest.mark.parametrize("promise", [*promises.OF_MODELS, *promises.OF_EXPLANATIONS], ids=name_of)
@pytest.mark.parametrize("toy", TOYS, ids=name_of)
def test_each_family_keeps(promise, toy):
    promise(toy())


@pytest.mark.parametrize("promise", promises.OF_LEARNERS, ids=name_of)
@pytest.mark.parametrize("toy", LEARNERS, ids=name_of)
def test_each_learner_keeps(promise, toy):
    promise(making(toy), batches(toy()))


@pytest.mark.parametrize("toy", TOYS, ids=name_of)
def test_an_attribute_may_be_called_seed(toy):
    model = toy()
    first, *others = model.schema.attributes
    renamed = Attribute(**first.model_dump() | {"name": "seed"})
    model.schema = Schema(name="odd", attributes=(renamed, *others))
    code = model.codes(2, seed=3)
    code[:, model.schema.slices["seed"]] = 1
    asked = sample(model, 2, {"seed": 1}, seed=3)
    assert torch.equal(asked, model.draw(code, model.styles(2, seed=3)))
    assert "seed" in model.terms(asked).by_row()


def test_a_model_that_only_draws_does_not_explain():
    table = Table()
    drawing = ("name", "schema", "modality", "device", "to", "tensors")
    drawing += ("codes", "styles", "draw", "encode")
    baseline = SimpleNamespace(**{name: getattr(table, name) for name in drawing})
    assert isinstance(table, Explains)
    assert isinstance(baseline, Model)
    assert not isinstance(baseline, Explains)
    for promise in promises.OF_MODELS[:-1]:
        promise(baseline)


@pytest.mark.parametrize("toy", TOYS, ids=name_of)
def test_bad_examples_are_refused_before_they_are_explained(toy):
    model = toy()
    with pytest.raises(DataError, match="give"):
        model.terms(sample(model, 2)[:, :0])


def test_the_evidence_bound_is_a_bound():
    model = VAE()
    vectors, code = sample(model, 50, seed=1), model.codes(50, seed=2)
    drawn = model.weights.decoder
    mean = torch.cat([code, torch.zeros(50, 1)], dim=1) @ drawn
    covariance = drawn.T @ drawn + model.noise * torch.eye(6)
    evidence = torch.distributions.MultivariateNormal(mean, covariance).log_prob(vectors)
    assert (model.terms(vectors, code).total <= evidence + 1e-4).all()


def test_the_log_determinants_are_those_of_the_flow():
    model = Flow()
    rows = sample(model, 3)
    jacobian = torch.autograd.functional.jacobian(lambda some: model.latents(some)[0].sum(0), rows)
    volumes = model.terms(rows).by_kind()["log-determinant"]
    torch.testing.assert_close(volumes, jacobian.transpose(0, 1).slogdet().logabsdet)


def test_a_recommendation_follows_the_taste_and_what_was_asked():
    model = Recommender()
    films = sample(model, 20)
    assert all(len(set(row)) == 4 for row in films.tolist())  # nothing is recommended twice
    asked = [sample(model, 20, {"length": minutes}) for minutes in (60, 180)]
    assert torch.equal(asked[0][:, 1:], asked[1][:, 1:])  # the same people
    lengths = [model.encode(each)[0][:, 1] * model.weights.match[1] for each in asked]
    assert (lengths[0] <= lengths[1]).all()


# What breaks a promise


class DropsItsResidual(Table):
    def _terms(self, rows, code):
        terms = super()._terms(rows, code)
        return replace(terms, parts=terms.parts[:-1])


class AddsWhatNoTermSays(Table):
    def _terms(self, rows, code):
        terms = super()._terms(rows, code)
        return replace(terms, total=terms.total + rows.mean(dim=1))


class CallsDiscoveriesNamed(Flow):
    def _terms(self, rows, code):
        terms = super()._terms(rows, code)
        first, second, *rest = terms.parts
        return replace(terms, parts=(first, replace(second, source="named"), *rest))


class LeavesAnAttributeOut(VAE):
    def _terms(self, rows, code):
        terms = super()._terms(rows, code)
        return replace(terms, parts=terms.parts[1:])


class LooksAtTheBatch(ImageGAN):
    def _terms(self, images, code):
        return super()._terms(images - images.mean(dim=0), code)


class LooksAtTheWholeImage(ImageGAN):
    def _terms(self, images, code):
        return super()._terms(images - images.mean(dim=(1, 2, 3), keepdim=True), code)


class ClaimsTooLittle(Recommender):
    def patches(self, part):
        return super().patches(part) & torch.tensor([True, True, True, False])


class ClaimsAnotherShape(Table):
    def patches(self, part):
        return super().patches(part)[:, :, :2]


class LeavesItsBiasBehind(VAE):
    def _terms(self, vectors, code):
        terms = super()._terms(vectors, code)
        return replace(terms, bias=torch.zeros(()), total=terms.total - terms.bias)


class LeavesAScaleBehind(Table):
    def _draw(self, code, style):
        return super()._draw(code, style) * torch.ones(())


class MovesInPlace(Flow):
    def to(self, device):
        return torch.nn.Module.to(self, device)


class ForgetsTheSeed(VAE):
    def styles(self, n, *, seed=0):
        return super().styles(n)


class Rolls(VAE):
    def codes(self, n, *, seed=0):
        return torch.rand(n, self.schema.columns)


class Broadcasts(Flow):
    def draw(self, code, style):
        return torch.zeros(max(len(code), len(style)), 4)

    def terms(self, examples, code=None):
        return self._terms(examples, torch.zeros(len(examples), 3))


class EncodesOneStyle(ImageGAN):
    def encode(self, examples):
        code, style = super().encode(examples)
        return code, style[:1]


@pytest.mark.parametrize(
    ("promise", "broken", "error", "message"),
    [
        (promises.adds_up, DropsItsResidual, AssertionError, None),
        (promises.adds_up, AddsWhatNoTermSays, AssertionError, None),
        (promises.tells_sources_apart, AddsWhatNoTermSays, AssertionError, "not close"),
        (promises.compares, DropsItsResidual, AssertionError, "not close"),
        (promises.names_rows_by_the_schema, CallsDiscoveriesNamed, AssertionError, None),
        (promises.names_rows_by_the_schema, LeavesAnAttributeOut, AssertionError, None),
        (promises.explains_batches_alike, LooksAtTheBatch, AssertionError, "not close"),
        (promises.depends_on_patches_alone, LooksAtTheWholeImage, AssertionError, "sees beyond"),
        (promises.depends_on_patches_alone, ClaimsTooLittle, AssertionError, "history sees beyond"),
        (promises.depends_on_patches_alone, ClaimsAnotherShape, RuntimeError, "expanded size"),
        (promises.moves_as_a_whole, LeavesItsBiasBehind, AssertionError, "cpu"),
        (promises.moves_as_a_whole, LeavesAScaleBehind, AssertionError, "computes with tensors"),
        (promises.moves_as_a_whole, MovesInPlace, AssertionError, "itself moved"),
        (promises.draws_the_same_by_the_same_seed, ForgetsTheSeed, AssertionError, None),
        (promises.draws_the_same_by_the_same_seed, Rolls, AssertionError, None),
        (promises.changes_only_what_was_asked, Rolls, AssertionError, None),
        (promises.refuses_codes_and_styles_that_do_not_fit, Broadcasts, Failed, "DID NOT RAISE"),
        (promises.refuses_codes_that_do_not_fit, Broadcasts, Failed, "DID NOT RAISE"),
        (promises.draws_and_encodes_one_row_per_example, EncodesOneStyle, AssertionError, None),
    ],
)
def test_a_broken_promise_is_noticed(promise, broken, error, message):
    with pytest.raises(error, match=message):
        promise(broken())


class ForgetsItsMomentum(GameLearner):
    def state(self):
        return {name: t for name, t in super().state().items() if name.startswith("toy.")}


class RestoresHalf(GameLearner):
    def restore(self, state):
        self.toy.load_state_dict(
            {name.removeprefix("toy."): t for name, t in state.items() if name.startswith("toy.")}
        )


class CountsItsSteps(LikelihoodLearner):
    steps = 0

    def step(self, batch, step):
        self.steps += 1
        return super().step((batch[0] + self.steps, *batch[1:]), step)


class HandsOutItself(LikelihoodLearner):
    def model(self):
        return self.toy


class HandsOutGradients(LikelihoodLearner):
    def model(self):
        return copy.deepcopy(self.toy)


class ReportsAGraph(LikelihoodLearner):
    def step(self, batch, step):
        report = super().step(batch, step)
        return report | {"size": next(self.toy.parameters()).sum()}


class ReportsExamples(LikelihoodLearner):
    def step(self, batch, step):
        return super().step(batch, step) | {"scores": torch.zeros(len(batch[0]))}


class ReportsInfinity(LikelihoodLearner):
    def step(self, batch, step):
        return super().step(batch, step) | {"ratio": torch.tensor(torch.inf)}


@pytest.mark.parametrize(
    ("promise", "toy", "broken"),
    [
        (promises.goes_on_bit_for_bit, Table, ForgetsItsMomentum),
        (promises.goes_on_bit_for_bit, Table, RestoresHalf),
        (promises.goes_on_bit_for_bit, Flow, CountsItsSteps),
        (promises.hands_out_a_copy, Flow, HandsOutItself),
        (promises.hands_out_a_copy, VAE, HandsOutGradients),
        (promises.reports_numbers, Flow, ReportsAGraph),
        (promises.reports_numbers, Flow, ReportsExamples),
        (promises.reports_numbers, Flow, ReportsInfinity),
    ],
)
def test_a_learner_that_breaks_a_promise_is_noticed(promise, toy, broken):
    with pytest.raises(AssertionError):
        promise(making(toy, broken), batches(toy()))
