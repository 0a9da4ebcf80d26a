"""What a run's card says, in words for people who do not measure models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interpretable_gan.audit.card import Card
from interpretable_gan.audit.claims.base import Claim, Verdict

SIGNS: Mapping[Verdict, tuple[str, str]] = {
    "pass": ("✓", "holds"),
    "fail": ("✗", "does not hold"),
    "cannot tell": ("?", "cannot be told"),
    "withheld": ("–", "not claimed"),
    "reported": ("·", "measured only"),
}
"""Each verdict as a sign and in words: colour is never all that tells them apart."""

OPEN: tuple[Verdict, ...] = ("fail", "cannot tell", "withheld")

WITHOUT = {
    "decomposition": "Do not take the parts of a decision for all of it.",
    "locality": "Do not take a heat map for the place that the evidence comes from.",
    "not vacuous": "Parts without a name may carry the decision, and its explanations then say "
    "little.",
    "valid": "What the judge calls by an attribute's name may be something else: changing that "
    "attribute in an image may move another contribution more.",
    "steerable": "Do not count on an attribute showing just because it was asked for.",
    "edits stay real": "Edited images may look less real than unedited ones, or fool one observer "
    "and not another.",
    "no leakage": "An edit may change attributes that nobody asked to change.",
    "faithful": "Explanations may name what does not decide.",
    "own order": "The order in which parts are listed may not be that of their weight.",
    "stable": "Another training run might rely on other attributes: nothing here is said of more "
    "than this one run.",
}
"""What it means for a user when a claim cannot be relied on."""


@dataclass(frozen=True)
class OpenClaim:
    """A claim that does not hold, or is not made, and what to beware of."""

    name: str
    sign: str
    verdict: str
    sentence: str
    beware: str


@dataclass(frozen=True)
class Line:
    """One number of the card as text."""

    name: str
    value: str
    interval: str
    wanted: str
    sign: str
    verdict: str


@dataclass(frozen=True)
class Said:
    """One claim with its numbers. ``withheld``: attributes of which it says nothing."""

    name: str
    says: str
    by_construction: bool
    sign: str
    verdict: str
    reason: str
    withheld: int
    lines: tuple[Line, ...]


def open_claims(card: Card) -> list[OpenClaim]:
    """Every claim that fails, is undecided or withheld, in plain words."""
    return [
        OpenClaim(claim.name, *SIGNS[claim.verdict], briefly(claim), WITHOUT.get(claim.name, ""))
        for claim in card.with_verdict(*OPEN)
    ]


def briefly(claim: Claim) -> str:
    """A claim in plain words, without the attributes that cannot be read: the page lists these
    once."""
    return claim.model_copy(update={"withheld": ()}).sentence()


def every_claim(card: Card) -> list[Said]:
    """All claims as lines of a table."""
    return [
        Said(
            claim.name,
            claim.says,
            claim.by_construction,
            *SIGNS[claim.verdict],
            " ".join(filter(None, (claim.undecided, claim.reason))),
            len(claim.withheld),
            _lines(claim),
        )
        for claim in card.claims
    ]


def _lines(claim: Claim) -> tuple[Line, ...]:
    return tuple(
        Line(
            name=measure.name.replace("_", " "),
            value=measure.told(measure.value),
            interval=" to ".join(measure.told(end) for end in measure.interval or ())
            + (measure.over() if measure.interval else ""),
            wanted=f"{measure.relation} {measure.told(measure.threshold)}"
            if measure.relation
            else "",
            sign=SIGNS["cannot tell" if claim.undecided else measure.verdict][0],
            verdict=SIGNS["cannot tell" if claim.undecided else measure.verdict][1],
        )
        for measure in claim.measures
    )


@dataclass(frozen=True)
class Measured:
    """What was measured of a run before: its card, where there is one."""

    card: Card | None

    def success(self) -> dict[str, dict[str, tuple[float, tuple[float, float] | None]]]:
        """Attribute → value → share of edits to it that succeed, with its 95 % interval; only what
        the evaluators can read."""
        if self.card is None:
            return {}
        details = self.card["steerable"].details.get("attributes", {})
        return {
            name: {
                target: (each["success"], _pair(each["wilson"]))
                for target, each in found["targets"].items()
                if each["success"] is not None
            }
            for name, found in details.items()
        }

    def mean_success(self) -> float | None:
        """Over attributes that the evaluators can read."""
        return self._value("steerable", "mean success")

    def leakage(self) -> float | None:
        """Share of the other readable attributes that a successful edit flips."""
        return self._value("no leakage", "raw leakage")

    def _value(self, claim: str, measure: str) -> float | None:
        if self.card is None or not self.card[claim].measures:
            return None
        return self.card[claim][measure].value

    def success_of(self, name: str) -> str:
        """How often an attribute shows when asked for, in words."""
        if self.card is None:
            return ""
        found = self.success().get(name)
        if found is None:
            return "The evaluators cannot read it well enough, so nothing is claimed of it."
        if not found:
            return "Too few samples could be edited to say how often it shows."
        told = [
            f"{target} {share:.0%}" + (f" ({ends[0]:.0%} to {ends[1]:.0%})" if ends else "")
            for target, (share, ends) in found.items()
        ]
        return f"Asked for where it did not show, it then shows: {', '.join(told)}."


def _pair(ends: Any) -> tuple[float, float] | None:
    return None if ends is None else (float(ends[0]), float(ends[1]))
