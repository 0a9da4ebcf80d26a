"""The whole report in a few sentences for someone who has never heard of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interpretable_gan.explain.explanation import joined
from interpretable_gan.explain.global_importance import ModelExplanation
from interpretable_gan.report.claims import Measured
from interpretable_gan.training.run import Run

NAMED = 4
"""Attributes that the first sentence names."""

EXTREMES = 3
"""Attributes named at either end of how well the model obeys."""


def summary(
    run: Run,
    measured: Measured,
    reliance: ModelExplanation | None,
    source: str,
    no_discriminator: str = "",
) -> list[str]:
    """What the model is, how well it obeys, what it relies on or why nothing can be said of that,
    and what does not hold."""
    return [
        *_what(run, source),
        *_obedience(measured, {each.name: each.label for each in run.schema.attributes}),
        *([no_discriminator] if no_discriminator else _judgement(reliance)),
        _trust(measured),
        _health(run),
    ]


def _what(run: Run, source: str) -> Iterator[str]:
    schema, config = run.schema, run.config
    some = [attribute.label for attribute in schema.named[:NAMED]]
    found = len(schema.discovered)
    yield (
        f"This model draws, reads and judges pictures of {config.size}×{config.size} pixels in "
        f"terms of {len(schema.named)} attributes with a name, such as {joined(some)}"
        + (f", and {found} more that it discovered by itself." if found else ".")
    )
    records = run.log()
    first, last = (records[0], records[-1]) if records else ({}, {})
    shown, own = min(last.get("images", 0), config.images), first.get("training_images")
    if not shown:
        yield f"It learned from the data set {source}."
    elif own and shown <= own:
        yield (
            f"In training it was shown {shown:,} of the {own:,} training images of the data set "
            f"{source}."
        )
    else:
        different = f", {own:,} of them different" if own else ""
        yield f"In training it was shown {shown:,} images of the data set {source}{different}."


def _obedience(measured: Measured, label: Mapping[str, str]) -> Iterator[str]:
    mean = measured.mean_success()
    if mean is None:
        return
    rates = {
        name: sum(share for share, _ in found.values()) / len(found)
        for name, found in measured.success().items()
        if found
    }
    ranked = sorted(rates, key=lambda name: -rates[name])
    told = f"Asked to change an attribute of a picture, it succeeds in {mean:.0%} of tries"
    if len(ranked) > 2 * EXTREMES:
        best, worst = (
            joined([f"{label.get(name, name)} ({rates[name]:.0%})" for name in names])
            for names in (ranked[:EXTREMES], ranked[::-1][:EXTREMES])
        )
        told += f": best with {best}, worst with {worst}"
    yield f"{told}."
    leakage = measured.leakage()
    if leakage is not None:
        yield (
            f"A change that succeeds also alters {leakage:.1%} of the other attributes that can "
            "be read."
        )


def _judgement(reliance: ModelExplanation | None) -> Iterator[str]:
    if reliance is None:
        yield (
            "Its judge was trained as a black box, for comparison: why it decides cannot be told."
        )
        return
    shares, won = reliance.shares, reliance.paired_accuracy["whole"]
    named = shares["agreement"] + shares["realism"]
    strongest = joined([reliance.schema[name].label for name in reliance.strongest(count=3)])
    yield (
        f"The judge inside it, the discriminator, tells a real picture from a generated one of the "
        f"same attributes in {won:.0%} of pairs (50% would be guessing). Of what tells them apart "
        f"{named:.0%} has a name, {shares['discovered']:z.0%} was discovered and "
        f"{shares['residual']:z.0%} has neither. It looks most at {strongest}."
    )


def _trust(measured: Measured) -> str:
    if measured.card is None:
        return "What is said of it has not been put to the test: this run has no card yet."
    return f"Its card, on which what is said of it was put to the test: {measured.card.sentence()}"


def _health(run: Run) -> str:
    notes: list[Any] = run.notes()
    if not notes:
        return "The doctor, which watches training, found nothing wrong."
    return f"The doctor, which watches training, has something to say: {joined(notes)}"
