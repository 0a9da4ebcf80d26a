"""What each claim must reach. The only place where thresholds stand; no option changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from interpretable_gan.metrics.readings import READABLE

Relation = Literal["at least", "at most", "above"]


@dataclass(frozen=True)
class Threshold:
    """``relation`` says on which side of ``value`` a measure must lie."""

    relation: Relation
    value: float


_DESIGN = {  # claim → measure → threshold, as design.md §6 has them
    "decomposition": {"worst relative gap": Threshold("at most", 1e-5)},
    "locality": {"largest change": Threshold("at most", 0.0)},
    "not vacuous": {
        "residual share": Threshold("at most", 0.20),
        # deleting named terms costs more than 5 × what deleting the residual costs
        "named cost beyond 5 × residual cost": Threshold("above", 0.0),
    },
    "valid": {"share of attributes": Threshold("at least", 0.90)},
    "steerable": {
        "mean success": Threshold("at least", 0.90),
        "worst attribute": Threshold("at least", 0.60),
    },
    "edits stay real": {
        "Fréchet ratio": Threshold("at most", 1.25),
        # the design asks that it agrees; a network that agrees less reads by our own
        # definition of readable something else
        "second evaluator agrees": Threshold("at least", READABLE),
    },
    "no leakage": {
        "raw leakage": Threshold("at most", 0.08),
        "pairs above their data rate": Threshold("at most", 0.0),
    },
    "own order": {
        "deletion against random order": Threshold("above", 0.0),
        "deletion against gradient × input": Threshold("above", 0.0),
        "deletion against integrated gradients": Threshold("above", 0.0),
        "insertion against random order": Threshold("above", 0.0),
        "insertion against gradient × input": Threshold("above", 0.0),
        "insertion against integrated gradients": Threshold("above", 0.0),
    },
    "faithful": {
        # pixels are deleted, not our own terms, so that this may fail
        "pixels deleted against random order": Threshold("above", 0.0),
        # an explanation of shuffled weights has less than half of its order left
        "likeness after shuffling": Threshold("at most", 0.5),
    },
    "stable": {"rank correlation": Threshold("at least", 0.80)},
    # of tables
    "good rows": {"detection by boosted trees": Threshold("at most", 0.65)},
    "private": {
        # 0.5 is chance; a bootstrap of the training rows of Adult has 0.81 and 0.78
        "membership attack": Threshold("at most", 0.55),
        "closer to training rows": Threshold("at most", 0.55),
    },
    "calibrated": {"calibration error beyond chance": Threshold("at most", 0.03)},
    # of recommenders
    "good lists": {"NDCG@10 above popularity": Threshold("above", 0.0)},
    "carried by names": {
        "named share": Threshold("at least", 0.30),
        "residual share": Threshold("at most", 0.10),
    },
    "reasons count": {"share of users": Threshold("at least", 0.95)},
    "lists obey": {
        "mean share of users": Threshold("at least", 0.95),
        "NDCG kept": Threshold("at least", 0.90),
    },
}

THRESHOLDS: Mapping[str, Mapping[str, Threshold]] = MappingProxyType(
    {claim: MappingProxyType(wanted) for claim, wanted in _DESIGN.items()}
)
"""Claims that are not here are reported, without a verdict."""

BY_CONSTRUCTION = ("decomposition", "locality", "own order")
"""Claims that cannot fail unless the code is wrong: the decision is computed as a sum of terms,
each of one patch, and nothing deletes a sum faster than its largest terms. Checked, and not
counted."""

TEST_IMAGES = 100
"""Fewest test images behind a verdict: with 100 a share of 90 % is known to within 6 points."""

NAMED_COST = 5.0
"""How many times the residual's cost the named terms must cost when they are deleted."""

ERROR_RATE = 0.05
"""Of all pairs called leaking, at most this share is expected to be called so by chance."""
