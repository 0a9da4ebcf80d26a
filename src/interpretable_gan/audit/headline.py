"""The headline figures of a card: what a user wants to know first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interpretable_gan.audit.card import Card
from interpretable_gan.audit.claims.base import Claim
from interpretable_gan.audit.table import judge_line

LINES = (  # (what it is called, claim, measure, said behind it)
    (
        "Steerability",
        "steerable",
        "mean success",
        "of edits reach the value asked for; want ≥ 90 %",
    ),
    ("  worst attribute", "steerable", "worst attribute", "want ≥ 60 %"),
    ("Others flipped", "no leakage", "raw leakage", "of the other attributes per edit; want ≤ 8 %"),
    ("Encoder accuracy", "accurate", "encoder accuracy", "on test images"),
)
DISTANCES = ("frechet_distance", "fid")
"""What the Fréchet distance is called; FID only on the features of FID."""


def headline(card: Card) -> str:
    """Steerability, what flips besides, the encoder, pictures and who decides; then attributes from
    best to worst, and whatever keeps the figures from meaning more."""
    claims = {claim.name: claim for claim in card.claims}
    lines = [
        *(_line(called, claims[claim], measure, said) for called, claim, measure, said in LINES),
        *_pictures(claims),
        *_decision(claims["not vacuous"]),
        *_cost(claims["cost"]),
        "",
        *_attributes(claims["steerable"], card.attributes),
        "",
        *_notes(card),
        card.sentence(),
        *_open(card),
    ]
    return "\n".join(lines)


def _line(called: str, claim: Claim, measure: str, said: str) -> str:
    found = _find(claim, measure)
    if found is None or found.value is None:
        return f"{called:<19} not measured: {claim.undecided or claim.reason}"
    ends = ""
    if found.interval is not None:
        ends = (
            f" ({found.told(found.interval[0])} to {found.told(found.interval[1])}{found.over()})"
        )
    return f"{called:<19} {found.told(found.value)}{ends} {said}"


def _pictures(claims: dict[str, Claim]) -> Iterator[str]:
    """The Fréchet distance beside that of training images, and what an edit adds to it."""
    claim, edited = claims["good pictures"], _find(claims["edits stay real"], "Fréchet ratio")
    name = next((name for name in DISTANCES if _find(claim, name)), None)
    if name is None:
        yield f"{'Fréchet distance':<19} not measured: {claim.reason}"
        return
    samples, training = _find(claim, name), _find(claim, f"{name} of training images")
    text = (
        f"{samples.told(samples.value)} (training images against test images: "
        f"{training.told(training.value)})"
    )
    if edited is not None and edited.value is not None:
        text += f"; after one edit {edited.told(edited.value)} times as far"
    yield f"{'Fréchet distance':<19} {text}; features: {claim.features}"


def _decision(claim: Claim) -> Iterator[str]:
    if not claim.measures:
        return
    shares = [claim[f"{part} share"] for part in ("named", "discovered", "residual")]
    told = ", ".join(
        f"{part} {_percent(share.value)}"
        for part, share in zip(("named", "discovered", "residual"), shares, strict=True)
    )
    yield f"{'Who decides':<19} {told} of the variance of pairs"
    accuracy = claim.details["paired_accuracy"]
    yield (
        f"{'Real scores higher':<19} in {_percent(accuracy['whole'])} of pairs; in "
        f"{_percent(accuracy['without_named'])} if named terms are left out, in "
        f"{_percent(accuracy['without_residual'])} if the residual is"
    )


def _cost(claim: Claim) -> Iterator[str]:
    for called, name, unit in (
        ("Training", "seconds of training", "s"),
        ("Speed", "images per second in training", "images/s"),
    ):
        found = _find(claim, name)
        if found is not None and found.value is not None:
            yield f"{called:<19} {found.value:.0f} {unit}"


def _attributes(claim: Claim, names: tuple[str, ...]) -> Iterator[str]:
    """A line per attribute, its mean first, then every value with its interval."""
    told: dict[str, Any] = claim.details.get("attributes", {})
    means = {name: found["success"] for name, found in told.items()}
    width = max(len(name) for name in names)
    if told:
        yield f"{'Attribute':<{width}}  mean  by value, with 95 % intervals"
    for name in sorted(means, key=lambda name: -(means[name] or 0.0)):
        values = [
            f"{label} {_percent(each['success'])}{_ends(each['wilson'])}"
            for label, each in told[name]["targets"].items()
        ]
        yield f"{name:<{width}} {_percent(means[name]):>5}  {', '.join(values)}"
    if claim.withheld:
        yield f"Nothing is claimed of what the evaluators cannot read: {', '.join(claim.withheld)}."


def _notes(card: Card) -> Iterator[str]:
    undecided = {claim.undecided for claim in card.claims if claim.undecided}
    yield from sorted(undecided)
    if card.caution:
        yield card.caution
    for judge in card.evaluators[:1]:
        if judge.unmeasured:
            yield judge_line(judge, card.attributes)


def _open(card: Card) -> Iterator[str]:
    """What it means that claims are undecided or withheld."""
    if card.with_verdict("cannot tell"):
        yield (
            "Undecided: the interval lies on both sides of what is wanted, or there are too few "
            "test images. Few images leave most claims so."
        )
    for claim in card.with_verdict("withheld"):
        yield f"Withheld, so neither held nor failed: {claim.name}. {claim.reason}"


def _find(claim: Claim, name: str) -> Any:
    """The measure of that name; None where it was not measured."""
    return next((measure for measure in claim.measures if measure.name == name), None)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:z.0f} %"


def _ends(interval: Any) -> str:
    return "" if interval is None else f" ({100 * interval[0]:z.0f}–{100 * interval[1]:z.0f})"
