"""Watches a run and says what is wrong in words that a user can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.schema.profile import few_labels, too_few

RECENT = 10
"""How many of the last records a diagnosis looks at."""

WARM = 0.25
"""Share of a run before which nothing is judged: every run starts out strange."""

SHORT = 20_000
"""Images in all below which a run that ignores an attribute is first of all short: the demo, which
draws every attribute of portraits, is shown no fewer."""

SILENT = 0.5
"""Nats an image below which latents say next to nothing: less than one bit, 0.69 nats."""

LATE = 0.6
"""Share of a run before which no attribute is called ignored: rare ones come late."""


@dataclass(frozen=True)
class Note:
    """What is wrong, by name, and one sentence with the likely remedy."""

    name: str
    sentence: str


def examine(records: Sequence[Mapping[str, Any]], images: int) -> list[Note]:
    """Diagnose the recent part of the log of a run over ``images``; no note is good news."""
    if any("unnamed_divergence" in record for record in records):
        return _collapsed(records, images)
    game = [record for record in records if "game" in record]
    told = [record for record in game if "style" not in record]  # a frozen generator stays
    done = told[-1]["images"] / images if told else 0
    if done < WARM:
        return []
    recent = told[-RECENT:]

    def mean(name: str) -> float:
        return float(np.mean([record[name] for record in recent]))

    notes = []
    if mean("penalty") > 30:
        notes.append(
            Note(
                "penalty too weak",
                f"the decision's squared gradient is {mean('penalty'):.3g}: raise weights.penalty.",
            )
        )
    if mean("spread") > 3:  # all but a weak penalty follows from it
        notes.append(
            Note(
                "generator diverged",
                f"generated images vary {mean('spread'):.3g} times as much as real ones: lower "
                "generator_rate and start again.",
            )
        )
        return notes
    if mean("spread") < 0.35:
        notes.append(
            Note(
                "generator collapsed",
                f"generated images vary {mean('spread'):.0%} as much as real ones: lower "
                "generator_rate, raise weights.penalty, or resume from an earlier checkpoint.",
            )
        )
    if mean("game") < 0.03:
        notes.append(
            Note(
                "discriminator wins",
                f"it tells {mean('paired_accuracy'):.0%} of pairs apart by so much (loss "
                f"{mean('game'):.3f}) that the generator learns nothing from it: lower "
                "discriminator_rate or raise weights.penalty.",
            )
        )
    if mean("penalty") < 0.02 and mean("paired_accuracy") < 0.6:
        notes.append(
            Note(
                "penalty too strong",
                f"the decision hardly moves (squared gradient {mean('penalty'):.3f}) and tells "
                f"{mean('paired_accuracy'):.0%} of pairs apart: lower weights.penalty.",
            )
        )
    return notes + _ignored([record["obeyed"] for record in recent[-3:]], done, images)


def _collapsed(records: Sequence[Mapping[str, Any]], images: int) -> list[Note]:
    """Latents of a VAE that say nothing of an image."""
    told = [record for record in records if "unnamed_divergence" in record]
    said = float(np.mean([record["unnamed_divergence"] for record in told[-RECENT:]]))
    if told[-1]["images"] / images < WARM or said > SILENT:
        return []
    return [
        Note(
            "posterior collapsed",
            f"discovered attributes and style say {said:.2g} nats of an image, next to nothing: "
            "lower strength or noise in a new run.",
        )
    ]


def _ignored(obeyed: Sequence[Mapping[str, float | None]], done: float, images: int) -> list[Note]:
    """Attributes whose changes the encoder does not see, late in a run; the median of a few records
    tells, since a single change may be seen by chance."""
    ignored = []
    for name in obeyed[-1]:
        shares = [share for each in obeyed if (share := each.get(name)) is not None]
        if shares and float(np.median(shares)) < 0.05:
            ignored.append(name)
    if not ignored or done <= LATE:
        return []
    remedy = "raise weights.intervening, train longer, or check that these labels can be seen."
    if images < SHORT:
        remedy = (
            f"train longer, as {images:,} images are few; then check that these labels can be "
            "seen, or raise weights.intervening."
        )
    told = f"changing {', '.join(ignored)} changes nothing that the encoder sees: {remedy}"
    return [Note("attribute ignored", told)]


def examine_labels(data: Dataset) -> list[Note]:
    """Values with too few training labels to be learned."""
    labels = (data.codes, data.known, data.rows("train"))
    return [
        Note("labels too rare", too_few(attribute, few))
        for attribute in data.schema.named
        if (few := few_labels(data.schema, attribute, *labels))
    ]
