"""Cards of several runs side by side, as a Markdown table: one column a card, one row a figure.

python benchmarks/cards.py alone=runs/faces/card.json steered=runs/faces-steered/card.json
"""

from __future__ import annotations

import sys
from pathlib import Path

from interpretable_gan.audit.card import Card
from interpretable_gan.audit.claims.base import Claim, Measure

LEFT_OUT = ("disentangled", "cost")
"""Claims with a figure for each of many metrics, and figures that compare on idle machines only."""


def main() -> None:
    """Print the table."""
    cards = {}
    for argument in sys.argv[1:]:
        label, _, path = argument.rpartition("=")
        cards[label or path] = Card.model_validate_json(Path(path).read_text())
    first = next(iter(cards.values()))
    print("| claim | figure | " + " | ".join(cards) + " |")
    print("|---|---|" + "---|" * len(cards))
    for name in (claim.name for claim in first.claims if claim.name not in LEFT_OUT):
        claims = [card[name] for card in cards.values()]
        print(f"| **{name}** | verdict | " + " | ".join(map(verdict, claims)) + " |")
        for figure in names_of(claims):
            print(f"| | {figure} | " + " | ".join(told(each, figure) for each in claims) + " |")


def names_of(claims: list[Claim]) -> list[str]:
    """The figures of a claim on any of the cards, in their order."""
    return list(dict.fromkeys(measure.name for claim in claims for measure in claim.measures))


def verdict(claim: Claim) -> str:
    """The verdict, in bold where the claim fails."""
    return "**fail**" if claim.verdict == "fail" else claim.verdict


def told(claim: Claim, figure: str) -> str:
    """A figure with its interval."""
    found: Measure | None = next((each for each in claim.measures if each.name == figure), None)
    if found is None or found.value is None:
        return "–"
    ends = (
        f" ({found.told(found.interval[0])} to {found.told(found.interval[1])})"
        if found.interval
        else ""
    )
    return found.told(found.value) + ends


if __name__ == "__main__":
    main()
