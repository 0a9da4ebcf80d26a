"""A card as text: the verdicts first, then every number behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interpretable_gan.audit.card import Apart, Card, JudgeRecord
from interpretable_gan.audit.claims.base import Claim, Measure


def table(card: Card) -> str:
    """What `igan audit` prints."""
    return "\n".join(
        [
            card.sentence(),
            "",
            *_claims(card, by_construction=False),
            "BY CONSTRUCTION: these cannot fail unless the code is wrong.",
            *_claims(card, by_construction=True),
            *(line for apart in card.apart for line in [*_apart(apart), ""]),
            *(judge_line(judge, card.attributes) for judge in (*card.evaluators, *card.judges)),
            f"Features of distances: {card.features['name']}.",
            *([card.caution] if card.caution else []),
            f"Data: {card.data.name} {card.data.checksum[:12]}, seed {card.seed}, "
            f"{card.seconds:.0f} s.",
            f"Again: {card.command}",
        ]
    )


def judge_line(judge: JudgeRecord, attributes: Sequence[str]) -> str:
    """How well a judge reads, in a sentence."""
    if judge.unmeasured:
        return f"{judge.name}: not measured, since {judge.unmeasured}; nothing rests on it."
    unread = [name for name in attributes if name not in judge.readable]
    text = f"{judge.name} is right in {_share(judge.accuracy)} of its readings"
    return f"{text}; it cannot read {', '.join(unread)}." if unread else f"{text}."


def _claims(card: Card, *, by_construction: bool) -> Iterator[str]:
    for claim in card.claims:
        if claim.by_construction == by_construction:
            yield from _claim(claim)
            yield ""


def _claim(claim: Claim) -> Iterator[str]:
    yield f"{claim.verdict.upper():<12} {claim.name}: {claim.says}"
    for measure in claim.measures:
        yield f"{'':<12}   {_measure(measure, judged=not claim.undecided)}"
    for text in filter(None, (claim.undecided, claim.reason)):
        yield f"{'':<12}   {text}"
    if claim.withheld:
        yield f"{'':<12}   not claimed of {len(claim.withheld)} attributes that cannot be read"


def _apart(apart: Apart) -> Iterator[str]:
    groups = "" if apart.groups is None else f" of {apart.groups:,} groups"
    yield f"APART        {apart.split}: {apart.images:,} images{groups}, without a verdict"
    for measure in apart.measures:
        yield f"{'':<12}   {_measure(measure, judged=False)}"


def _measure(measure: Measure, *, judged: bool) -> str:
    text = f"{measure.name:<38} {measure.told(measure.value):>10}"
    if measure.interval is not None:
        low, high = measure.interval
        text += f"  ({measure.told(low)} to {measure.told(high)}{measure.over()})"
    if measure.relation is not None:
        text += f"  wanted {measure.relation} {measure.told(measure.threshold)}"
        text += f": {measure.verdict}" if judged else ""
    return text


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"
