"""A card as text: the verdicts first, then every number behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interpretable_gan.audit.card import Card, Judge
from interpretable_gan.audit.claim import Claim, Measure


def table(card: Card) -> str:
    """What `igan audit` prints."""
    lines = [card.sentence(), ""]
    for claim in card.claims:
        lines += [*_claim(claim), ""]
    return "\n".join(
        [
            *lines,
            *(_judge(judge, card.attributes) for judge in card.evaluators),
            f"Features of distances: {card.features['name']}.",
            f"Data: {card.data.name} {card.data.checksum[:12]}, seed {card.seed}, "
            f"{card.seconds:.0f} s.",
            f"Again: {card.command}",
        ]
    )


def _judge(judge: Judge, attributes: Sequence[str]) -> str:
    unread = [name for name in attributes if name not in judge.readable]
    text = f"{judge.name} is right in {_share(judge.accuracy)} of its readings"
    return f"{text}; it cannot read {', '.join(unread)}." if unread else f"{text}."


def _claim(claim: Claim) -> Iterator[str]:
    yield f"{claim.verdict.upper():<12} {claim.name}: {claim.says}"
    for measure in claim.measures:
        yield f"{'':<12}   {_measure(measure)}"
    if claim.reason:
        yield f"{'':<12}   {claim.reason}"
    if claim.withheld:
        yield f"{'':<12}   not claimed of {len(claim.withheld)} attributes that cannot be read"


def _measure(measure: Measure) -> str:
    text = f"{measure.name:<38} {measure.told(measure.value):>10}"
    if measure.interval is not None:
        low, high = measure.interval
        text += f"  ({measure.told(low)} to {measure.told(high)})"
    if measure.relation is not None:
        text += f"  wanted {measure.relation} {measure.told(measure.threshold)}: {measure.verdict}"
    return text


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"
