"""The card of a recommender: every claim on each user's latest interactions, in the format of other
cards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.card import Card, Data
from interpretable_gan.audit.claims.base import Findings, Measure, measure, withhold
from interpretable_gan.audit.claims.cost import machine
from interpretable_gan.audit.forgetting import sinks
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.audit.thresholds import BY_CONSTRUCTION, TEST_IMAGES
from interpretable_gan.data.interactions import Interactions
from interpretable_gan.metrics.ranking import coverage, ndcg, novelty, recall
from interpretable_gan.metrics.uncertainty import library_versions, wilson
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.models.recommend.fit import FULL, LISTED, asked_users
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.shares import Pairs, carried, people_before, real_and_fake
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.progress import Progress, Status, silent

LISTS_SAY = {
    "good lists": "Lists find what users liked later better than what is popular.",
    "carried by names": "What has a name carries the decision beside popularity, and the residual "
    "does not.",
    "reasons count": "Without its three strongest reasons in the history an item sinks further "
    "than without three others.",
    "lists obey": "A wish for more of something brings more of it, and lists stay good.",
    "balanced": "Lists have the mix of attributes that the user's history has.",
    "discreet": "Tastes tell little of who somebody is.",
    "decomposition": "The parts of every score add up to it, by attribute and by past item.",
}
"""Every claim of a recommender's card, in order, and what it says."""

EXPLAINED = 50
"""Users whose lists are taken apart by past item."""

FOLDS = 5

Array = NDArray[np.float64]


def audit_recommender(
    model: Recommender,
    data: Interactions,
    *,
    seed: int = 0,
    command: str = "",
    by: str = "",
    progress: Progress = silent,
) -> Card:
    """Measure every claim of a recommender's card on the test split.

    Args:
        model: of the interactions.
        data: what it was trained on.
        seed: of pairs, users and intervals.
        command: what a user types to have the card made again.
        by: the command that makes it.
        progress: told which claim is measured.
    """
    start, study, found = time.perf_counter(), _Study(model, data, seed), {}
    for number, (name, way) in enumerate(study.ways().items()):
        progress(Status(number, len(LISTS_SAY), f"measuring {name!r}"))
        few = len(study.who) < TEST_IMAGES and name not in BY_CONSTRUCTION
        told = f"There are {len(study.who)} users with test items; a verdict takes {TEST_IMAGES}."
        findings = (
            way() if len(study.who) else withhold("No user liked anything in the test split.")
        )
        found[name] = findings.model_copy(update={"undecided": told if few else ""})
    progress(Status(len(LISTS_SAY), len(LISTS_SAY)))
    return Card(
        model=fingerprint(model),
        attributes=tuple(each.name for each in model.schema.named),
        data=Data(
            name=data.name,
            checksum=data.checksum,
            rows={name: len(rows) for name, rows in data.splits.items()},
        ),
        evaluators=(),
        features={"name": "none; lists are compared with later interactions"},
        sizes=Sizes(samples=max(len(study.who), 20), pictures=max(len(study.who), 20)),
        seed=seed,
        claims=tuple(
            f.claim(n, LISTS_SAY[n], seed, data.checksum, command) for n, f in found.items()
        ),
        by=by,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - start, 1),
        machine=machine(),
        versions=library_versions(),
    )


@dataclass(frozen=True)
class _Study:
    """A model under study, and how each claim is measured."""

    model: Recommender
    data: Interactions
    seed: int

    def ways(self) -> dict[str, Callable[[], Findings]]:
        found = {
            "good lists": self.good_lists,
            "carried by names": self.carried_by_names,
            "reasons count": self.reasons_count,
            "lists obey": self.lists_obey,
            "balanced": self.balanced,
            "discreet": self.discreet,
            "decomposition": self.decomposition,
        }
        return {name: found[name] for name in LISTS_SAY}

    @cached_property
    def everybody(self) -> People:
        return people_before(self.model, self.data, "test")

    @cached_property
    def later(self) -> Any:
        return self.data.history(self.data.rows("test"), seen=0)

    @cached_property
    def who(self) -> NDArray[np.int64]:
        """Users who liked something in the test split."""
        return np.flatnonzero(np.diff(self.later.indptr))

    @cached_property
    def people(self) -> People:
        return self.everybody.at(self.who)

    @cached_property
    def truth(self) -> sp.csr_array:
        return sp.csr_array(self.later[self.who])

    @cached_property
    def lists(self) -> NDArray[np.int64]:
        return self.model.recommend(self.people, 20).items

    @cached_property
    def usual(self) -> NDArray[np.int64]:
        fresh = np.where(self.model.open_to(self.people, None), self.model.uses, -np.inf)
        return np.argsort(-fresh, axis=1, kind="stable")[:, :20]

    @cached_property
    def pairs(self) -> Pairs:
        return real_and_fake(self.model, self.data, "test", seed=self.seed)

    def good_lists(self) -> Findings:
        """NDCG and recall of lists, beside those of what is popular."""
        claim, ways = "good lists", {"NDCG@10": (ndcg, 10), "Recall@20": (recall, 20)}
        measures = []
        for name, (way, k) in ways.items():
            mine, other = (way(each, self.truth, k) for each in (self.lists, self.usual))
            if name == "NDCG@10":
                measures.append(self._mean(claim, f"{name} above popularity", mine - other))
            measures += [
                self._mean(claim, name, mine),
                self._mean(claim, f"{name} of popularity", other),
            ]
        shown = coverage(self.lists, len(self.model.catalog.ids), LISTED)
        measures.append(measure(claim, "coverage", shown, share=True))
        return Findings(measures=tuple(measures), reason="Every item is ranked, none is sampled.")

    def carried_by_names(self) -> Findings:
        """Shares of the variance of D(real) − D(fake), fakes drawn by the generator."""
        parts = carried(self.pairs.gaps)
        whole = np.sum(list(parts.values()), axis=0)
        if not whole.var():
            return withhold("The discriminator finds no difference at all.")
        measures = [
            measure(
                "carried by names",
                f"{name} share",
                *intervals.variance_share(each, whole, self.pairs.users),
                share=True,
                samples={"pairs": len(whole), "groups": len(np.unique(self.pairs.users))},
            )
            for name, each in sorted(parts.items(), key=lambda p: p[0] != "named")
        ]
        told = self.pairs.scores.by_row("named", "discovered", "residual")
        sizes = {name: float(each.abs().mean()) for name, each in told.items()}
        strongest = ", ".join(sorted(sizes, key=lambda name: -sizes[name])[:5])
        return Findings(
            measures=tuple(measures),
            reason=f"Strongest over all: {strongest}.",
            details={"importance": sizes},
        )

    def reasons_count(self) -> Findings:
        """Users for whom suggested items sink further without their three strongest reasons than
        without three random ones."""
        found = sinks(self.model, self.people, seed=self.seed)
        if not len(found):
            return withhold("No user has a history of six items or more.")
        more = found[:, 0] > found[:, 1]
        share = measure(
            "reasons count",
            "share of users",
            float(more.mean()),
            wilson(int(more.sum()), len(more)),
            share=True,
            samples={"users": len(more)},
        )
        ways = ("places lost without reasons", "places lost without others")
        rest = [self._mean("reasons count", n, found[:, i]) for i, n in enumerate(ways)]
        return Findings(
            measures=(share, *rest),
            reason="Means over the five first items of each list, encoded and ranked again.",
        )

    def lists_obey(self) -> Findings:
        """Users on whom wishes were not fitted: whose list has more of what is asked for."""
        asked = asked_users(len(self.everybody), self.model.config.seed)
        others = np.flatnonzero(~np.isin(self.who, asked))
        people, truth = self.people.at(others), sp.csr_array(self.truth[others])
        attributes = [a for a in self.model.item_attributes if a.kind == "binary"]
        if not attributes or not len(others):
            return withhold("Items have no attribute that is there or not.")
        cells = np.nan_to_num(self.model.catalog.cells)
        before = self.model.recommend(people, 20).items[:, :LISTED]
        base = ndcg(before, truth, LISTED)
        shares, kept, moved, trials = {}, {}, {}, 0
        for attribute in attributes:
            place = self.model.item_attributes.index(attribute)
            after = self.model.recommend(people, LISTED, Wish({attribute.name: 1.0})).items
            counts = [_having(lists, cells) for lists in (before, after)]
            few = counts[0][:, place] < FULL
            if few.any():
                shares[attribute.name] = float((counts[1] > counts[0])[few, place].mean())
                trials += int(few.sum())
            kept[attribute.name] = float(ndcg(after, truth, LISTED).mean() / base.mean())
            moved[attribute.name] = self._moved(counts[1] - counts[0])
        mean = float(np.mean(list(shares.values())))
        ends = wilson(mean * len(others), len(others))
        claim, samples = "lists obey", {"users": len(others), "lists": trials}
        worst, least = min(shares, key=lambda n: shares[n]), min(kept, key=lambda n: kept[n])
        return Findings(
            measures=(
                measure(claim, "mean share of users", mean, ends, share=True, samples=samples),
                measure(claim, "NDCG kept", float(np.mean(list(kept.values()))), samples=samples),
                measure(claim, "lowest share", shares[worst], share=True, samples=samples),
                measure(claim, "lowest NDCG kept", kept[least], samples=samples),
            ),
            reason=f"The lowest are of {worst} and {least}. Users with {FULL} of {LISTED} already "
            "are not asked; those on whom wishes were fitted are left out.",
            details={"shares": shares, "NDCG kept": kept, "also moved": moved},
        )

    def _moved(self, change: Array) -> dict[str, float]:
        """Mean change of the share of each attribute in lists."""
        names = [each.name for each in self.model.item_attributes]
        flags = [each.kind == "binary" for each in self.model.item_attributes]
        mean = change.mean(axis=0) / LISTED
        return {n: float(m) for n, m, flag in zip(names, mean, flags, strict=True) if flag}

    def balanced(self) -> Findings:
        """Total variation distance between the mix of attributes in history and list."""
        flags = [a.kind == "binary" for a in self.model.item_attributes]
        if not any(flags):
            return withhold("Items have no attribute that is there or not.")
        cells = np.nan_to_num(self.model.catalog.cells[:, flags])
        past = _mix((self.people.history == 1) @ cells)
        measures = []
        for name, lists in (("distance", self.lists), ("distance of popularity", self.usual)):
            mix = _mix(_having(lists[:, :LISTED], cells))
            measures.append(self._mean("balanced", name, np.abs(mix - past).sum(axis=1) / 2))
        surprise = (novelty(each, self.model.uses, len(self.everybody), LISTED)
                    for each in (self.lists, self.usual))  # fmt: skip
        names = ("surprise in bits", "surprise of popularity")
        measures += [self._mean("balanced", n, e) for n, e in zip(names, surprise, strict=True)]
        return Findings(measures=tuple(measures), reason="Mean distances; 0 is the same mix.")

    def discreet(self) -> Findings:
        """How well a linear reader tells each attribute of users from tastes read off histories."""
        code = np.concatenate(
            self.model.encode(People(self.people.history, np.zeros_like(self.people.columns))), 1
        )
        cells = self.data.people.cells[self.who]
        measures = []
        for number, attribute in enumerate(self.model.user_attributes):
            truth = _halves(cells[:, number], attribute.kind)
            known = np.isfinite(truth)
            if min((truth[known] == side).sum() for side in (0, 1)) >= 2 * FOLDS:
                measures.append(self._told(attribute.name, code[known], truth[known]))
        if not measures:
            return withhold("Nothing is known of users that tastes could tell.")
        return Findings(
            measures=tuple(measures),
            reason="Area under the ROC curve, 0.5 is a guess; of a number or of many levels, above "
            "the middle or the most frequent one.",
        )

    def _told(self, name: str, code: Array, truth: Array) -> Measure:
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        from interpretable_gan.metrics.uncertainty import resampled_interval

        reader = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
        said = cross_val_predict(reader, code, truth, cv=FOLDS, method="predict_proba")[:, 1]
        value, ends = resampled_interval(
            lambda rows: roc_auc_score(truth[rows], said[rows]) if truth[rows].std() else np.nan,
            len(truth),
            np.random.default_rng(self.seed),
        )
        return measure("discreet", f"{name} told", value, ends, samples={"users": len(truth)})

    def decomposition(self) -> Findings:
        """The worst gap of both sums."""
        gaps = [float(self.pairs.gaps.error()), float(self.pairs.scores.error())]
        for place in range(min(EXPLAINED, len(self.who))):
            one = self.people.at(slice(place, place + 1))
            gaps.append(float(self.model.history_terms(one, self.lists[place]).error()))
        samples = {"pairs": len(self.pairs.users), "lists": min(EXPLAINED, len(self.who))}
        worst = measure("decomposition", "worst relative gap", max(gaps), samples=samples)
        return Findings(measures=(worst,))

    def _mean(self, claim: str, name: str, values: Array) -> Measure:
        values = values[np.isfinite(values)]
        ends = intervals.mean(values)
        return measure(claim, name, float(values.mean()), ends, samples={"users": len(values)})


def _having(lists: NDArray[np.int64], cells: Array) -> Array:
    """How many listed items have each attribute, (users, attributes)."""
    listed = np.where((lists >= 0)[:, :, None], cells[np.maximum(lists, 0)], 0.0)
    return listed.sum(axis=1)


def _mix(counts: Any) -> Array:
    counts = np.asarray(counts, np.float64)
    whole = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0)


def _halves(column: Array, kind: str) -> Array:
    """Two sides of an attribute, nan where not known."""
    known = column[np.isfinite(column)]
    if not len(known):
        return column
    levels, counts = np.unique(known, return_counts=True)
    if kind == "continuous":
        side = (column > np.median(known)).astype(np.float64)
    else:
        side = (column == levels[counts.argmax()]).astype(np.float64)
    return np.where(np.isfinite(column), side, np.nan)
