"""What every model of any family promises. A family's test calls these with its own model:

@pytest.mark.parametrize("promise", [*OF_MODELS, *OF_EXPLANATIONS])
def test_the_gan_keeps(promise, gan):
    promise(gan)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from interpretable_gan.errors import ConfigError, SchemaError, UnknownAttributeError
from interpretable_gan.models.base import (
    Batch,
    Explains,
    Learner,
    Model,
    codes,
    sample,
)
from interpretable_gan.models.terms import SOURCES, Terms, arrays

COUNT = 6
"""Examples that a promise is tried on."""
EXACT = 1e-5
"""Largest relative gap between the sum of terms and the total: rounding of float32."""


# Models


def is_a_model(model: Model) -> None:
    """It has what the interface asks for, and examples are of its modality."""
    assert isinstance(model, Model)
    assert model.name
    assert len(model.modality.check(sample(model, COUNT))) == COUNT


def draws_and_encodes_one_row_per_example(model: Model) -> None:
    """Codes, styles and examples have one row each, on the model's device."""
    code, style = model.codes(COUNT, seed=1), model.styles(COUNT, seed=1)
    examples = model.draw(code, style)
    again = model.encode(examples)
    assert len(examples) == len(style) == COUNT
    assert code.shape == again[0].shape == (COUNT, model.schema.columns)
    assert style.shape == again[1].shape
    assert {each.device for each in (code, style, examples, *again)} == {model.device}
    assert all(each.abs().max() <= 1 for each in (code, again[0]))
    assert model.draw(*again).shape == examples.shape


def draws_the_same_by_the_same_seed(model: Model) -> None:
    """The same seed gives the same examples to the bit, and another seed gives others."""
    assert torch.equal(sample(model, COUNT, seed=3), sample(model, COUNT, seed=3))
    assert not torch.equal(sample(model, COUNT, seed=3), sample(model, COUNT, seed=4))
    assert not torch.equal(model.codes(COUNT, seed=3), model.codes(COUNT, seed=4))
    assert not torch.equal(model.styles(COUNT, seed=3), model.styles(COUNT, seed=4))


def changes_only_what_was_asked(model: Model) -> None:
    """An attribute that is asked for by name changes its own columns and no other."""
    for attribute in model.schema.attributes:
        asked = (attribute.levels or attribute.range or (False, True))[-1]
        before = codes(model, COUNT, seed=3)
        after = codes(model, COUNT, {attribute.name: asked}, seed=3)
        own = model.schema.slices[attribute.name]
        assert_close(after[:, own], before.new_tensor(attribute.encode(asked)).expand(COUNT, -1))
        after[:, own] = before[:, own]
        assert torch.equal(after, before)


def refuses_what_it_does_not_have(model: Model) -> None:
    """Wrong names with a suggestion, values that do not exist, and fewer than one example."""
    name = model.schema.names[0]
    with pytest.raises(UnknownAttributeError, match=f"Did you mean '{name}'"):
        sample(model, 2, {f"{name}x": 1})
    with pytest.raises(SchemaError, match="values for 2 rows"):
        sample(model, 2, {name: [1, 1, 1]})
    with pytest.raises(ConfigError, match="ask for one or more"):
        sample(model, 0)


def refuses_codes_and_styles_that_do_not_fit(model: Model) -> None:
    """Other widths, or not as many codes as styles: nothing is broadcast in silence."""
    code, style = model.codes(COUNT), model.styles(COUNT)
    wider = torch.cat([style, style], dim=1)
    for misfit in [(code[:, :-1], style), (code, style[:1]), (code[:1], style), (code, wider)]:
        with pytest.raises(SchemaError, match=r"\(batch, \d+\)"):
            model.draw(*misfit)


def moves_as_a_whole(model: Model) -> None:
    """On the meta device it draws and explains without a tensor of another device, and the model
    that was asked to move stays as it is."""
    before = sample(model, COUNT, seed=3)
    moved, first = model.to("meta"), model.schema.attributes[0]
    asked = {first.name: (first.levels or first.range or (1,))[-1]}
    with SameDevice():
        code = codes(moved, COUNT, asked, seed=3)
        examples = moved.draw(code, moved.styles(COUNT, seed=3))
        made = [code, examples, *moved.tensors().values()]
        if isinstance(moved, Explains):
            terms = moved.terms(examples, code)
            made += [terms.total, terms.bias, *(part.values for part in terms.parts)]
            assert len(terms) == COUNT
    assert {moved.device.type, *(each.device.type for each in made)} == {"meta"}
    assert examples.shape == before.shape
    assert model.device == before.device, "the model itself moved"
    assert torch.equal(sample(model, COUNT, seed=3), before)


class SameDevice(TorchDispatchMode):
    """Refuse to compute with tensors of two devices, even single numbers, which torch allows."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
        devices = {each.device.type for each in tensors}
        moving = func is torch.ops.aten._to_copy.default or func is torch.ops.aten.copy_.default
        assert moving or len(devices) < 2, f"{func} computes with tensors of {devices}"
        return func(*args, **(kwargs or {}))


OF_MODELS = (
    is_a_model,
    draws_and_encodes_one_row_per_example,
    draws_the_same_by_the_same_seed,
    changes_only_what_was_asked,
    refuses_what_it_does_not_have,
    refuses_codes_and_styles_that_do_not_fit,
    moves_as_a_whole,
)


# Explanations


def explained(model: Explains, seed: int = 0) -> Terms:
    """Terms of some examples, against codes that are not their own."""
    return model.terms(sample(model, COUNT, seed=seed), model.codes(COUNT, seed=9))


def adds_up(model: Explains) -> None:
    """All terms and the bias are the total, with and without a code; with a part dropped, what it
    added is missed."""
    assert isinstance(model, Explains)
    assert model.terms(sample(model, COUNT)).error() <= EXACT
    terms = explained(model)
    assert terms.error() <= EXACT
    for number, part in enumerate(terms.parts):
        fewer = (*terms.parts[:number], *terms.parts[number + 1 :])
        added = part.values.double().sum(dim=(1, 2)).abs() / terms.total.abs().clamp(min=1)
        missed = replace(terms, parts=fewer).error()
        assert_close(missed, added.max(), rtol=0, atol=EXACT)


def names_rows_by_the_schema(model: Explains) -> None:
    """Every attribute has a row under its own source, the residual has none of them; names are the
    same for all examples."""
    terms, schema = explained(model), model.schema
    assert len(terms) == COUNT
    assert set(schema.names) <= set(terms.by_row())
    for part in terms.parts:
        assert part.values.isfinite().all()
        for row in set(part.rows) & set(schema.names):
            assert part.source == schema[row].source
        if part.source == "discovered":
            assert set(part.rows) <= {attribute.name for attribute in schema.discovered}
    Terms.joined([terms, explained(model, seed=1)])  # refuses other rows and places


def tells_sources_apart(model: Explains) -> None:
    """Deleting a source takes away its parts and nothing else, and rows add up to their source."""
    terms = explained(model)
    for source in SOURCES:
        rest = [part for part in terms.parts if part.source != source]
        kept = sum((part.values.sum(dim=(1, 2)) for part in rest), terms.bias)
        assert_close(terms.without(source), kept.expand(COUNT), rtol=1e-5, atol=1e-5)
        rows = sum(terms.by_row(source).values(), torch.zeros_like(terms.total))
        assert_close(rows, terms.by_source()[source], rtol=1e-5, atol=1e-5)
    kinds = sum(terms.by_kind().values(), terms.bias)
    assert_close(kinds, terms.total, rtol=1e-5, atol=1e-5)
    whole = sum(terms.shares().values(), torch.zeros_like(terms.total))
    assert_close(whole, torch.ones_like(whole))


def explains_batches_alike(model: Explains) -> None:
    """Two batches joined are one batch, and some of its examples are those examples."""
    examples, code = sample(model, COUNT), model.codes(COUNT, seed=9)
    whole = model.terms(examples, code)
    halves = [model.terms(examples[half], code[half]) for half in (slice(2), slice(2, None))]
    joined = Terms.joined(halves)
    last = whole.at(torch.arange(2, COUNT))
    for one, other in ((whole, joined), (last, halves[1])):
        assert_close(one.total, other.total)
        for mine, theirs in zip(one.parts, other.parts, strict=True):
            assert_close(mine.values, theirs.values)


def compares(model: Explains) -> None:
    """The difference of two scores is an exact sum as well, and its variance is shared out."""
    real, fake = explained(model), explained(model, seed=1)
    paired = real.minus(fake)
    assert paired.bias == 0
    assert_close(paired.total, real.total - fake.total)
    sums = sum(paired.by_source().values(), torch.zeros_like(paired.total))
    assert_close(sums, paired.total, rtol=1e-4, atol=1e-4)
    assert sum(arrays(paired.variance_shares()).values()) == pytest.approx(1)
    assert not any(part.values.any() for part in real.minus(real).parts)
    assert_close(real.minus(real.mean()).mean().total, real.total[:1] * 0, rtol=0, atol=1e-4)


def depends_on_patches_alone(model: Explains) -> None:
    """Whatever lies outside a term's patch is replaced by another example: the term stays as it is,
    to the bit."""
    examples, others = sample(model, COUNT, seed=1), sample(model, COUNT, seed=2)
    code = model.codes(COUNT, seed=9)
    terms = model.terms(examples, code)
    for number, part in enumerate(terms.parts):
        rows, places = part.values.shape[1:]
        patches = model.patches(part).to(examples.device)
        patches = patches.expand(rows, places, *examples.shape[1:])  # refuses another shape
        for patch in patches.flatten(0, 1).unique(dim=0):
            mixed = torch.where(patch, examples, others)
            seen = (patches == patch).flatten(2).all(dim=2)
            after = model.terms(mixed, code).parts[number].values
            assert torch.equal(after[:, seen], part.values[:, seen]), f"{part.kind} sees beyond"


def refuses_codes_that_do_not_fit(model: Explains) -> None:
    """Codes of another width or number are not broadcast in silence."""
    examples, code = sample(model, COUNT), model.codes(COUNT)
    for misfit in (code[:1], code[:, :1], torch.cat([code, code], dim=1)):
        with pytest.raises(SchemaError):
            model.terms(examples, misfit)


OF_EXPLANATIONS = (
    adds_up,
    names_rows_by_the_schema,
    tells_sources_apart,
    explains_batches_alike,
    compares,
    depends_on_patches_alone,
    refuses_codes_that_do_not_fit,
)


# Learners

Make = Callable[[], Learner]


def goes_on_bit_for_bit(make: Make, batches: Sequence[Batch]) -> None:
    """A learner that was restored half-way equals one that never stopped."""
    half = len(batches) // 2
    unbroken, first, second = make(), make(), make()
    reports = [unbroken.step(batch, step) for step, batch in enumerate(batches)]
    for step in range(half):
        first.step(batches[step], step)
    saved = {name: tensor.clone() for name, tensor in first.state().items()}
    second.restore(saved)
    again = [second.step(batches[step], step) for step in range(half, len(batches))]
    mine, theirs = unbroken.state(), second.state()
    assert mine.keys() == theirs.keys() == saved.keys()
    assert any(not torch.equal(mine[name], saved[name]) for name in mine), "nothing was learned"
    for name in mine:
        assert torch.equal(mine[name], theirs[name]), f"{name} differs"
    for name, value in reports[-1].items():
        assert_close(again[-1][name], value, rtol=0, atol=0, equal_nan=True)
    drawn = [sample(each.model(), COUNT) for each in (unbroken, second)]
    assert torch.equal(*drawn)


def hands_out_a_copy(make: Make, batches: Sequence[Batch]) -> None:
    """Further steps leave a model as it is, and taking one leaves the learner as it is."""
    learner, alone = make(), make()
    learner.step(batches[0], 0)
    alone.step(batches[0], 0)
    model = learner.model()
    assert isinstance(model, Model)
    assert model.schema == learner.schema
    before = sample(model, COUNT)
    assert not before.requires_grad
    for step, batch in enumerate(batches[1:], start=1):
        learner.step(batch, step)
        alone.step(batch, step)
    assert torch.equal(sample(model, COUNT), before)
    assert not torch.equal(sample(learner.model(), COUNT), before)
    mine, theirs = learner.state(), alone.state()
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def reports_numbers(make: Make, batches: Sequence[Batch]) -> None:
    """Finite single numbers, or one for each attribute, without a graph behind them."""
    learner = make()
    attributes = (len(learner.schema.names),)
    for step, batch in enumerate(batches):
        report = learner.step(batch, step)
        assert report
        for name, value in report.items():
            assert value.shape in {(), attributes}, f"{name} has shape {tuple(value.shape)}"
            assert not value.requires_grad, f"{name} keeps its graph"
            assert value.isfinite().all() if value.ndim == 0 else not value.isinf().any(), name


OF_LEARNERS = (goes_on_bit_for_bit, hands_out_a_copy, reports_numbers)
