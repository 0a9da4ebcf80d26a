"""The card of a run of a table: every claim on test rows alone, in the format of other cards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from interpretable_gan.audit import intervals
from interpretable_gan.audit.card import Card, Data
from interpretable_gan.audit.claims.base import Findings, Measure, measure, withhold
from interpretable_gan.audit.claims.cost import machine
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.audit.thresholds import BY_CONSTRUCTION, TEST_IMAGES
from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.uncertainty import library_versions, resampled_interval
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.models.tables.fit import calibration_error
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.models.tables.judge import RowJudge, fit_judge
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.privacy import closest_share, membership
from interpretable_gan.models.terms import SOURCES, Terms
from interpretable_gan.progress import Progress, Status, silent

ROW_SAYS = {
    "good rows": "Drawn rows pass for test rows.",
    "not vacuous": "What has a name carries the discriminator's decision, and the residual does "
    "not.",
    "private": "Drawn rows tell no more of training rows than of others.",
    "accurate": "The head tells the target of test rows.",
    "calibrated": "Its probabilities mean what they say.",
    "decomposition": "The parts of every decision add up to it.",
    "locality": "A term depends on its own columns alone.",
}
"""Every claim of a table's card, in order, and what it says."""

MOST, LOOKED_AT, STRONGEST, RIGHT = 5000, 200, 5, 200
"""Test rows that are compared with drawn ones; rows in which other columns are replaced; terms that
are named; draws of outcomes from the probabilities themselves."""

Array = NDArray[np.float64]


def audit_rows(
    model: TableModel,
    data: TableData,
    *,
    seed: int = 0,
    command: str = "",
    by: str = "",
    progress: Progress = silent,
) -> Card:
    """Measure every claim of a table's card on its test rows.

    A discriminator is fitted first, since a run draws without one: an exact sum over columns, pairs
    of columns, a cluster that fitting found, and a residual (`RowJudge`).

    Args:
        model: of the table.
        data: what it was trained on.
        seed: of drawn rows, fits and intervals.
        command: what a user types to have the card made again.
        by: the command that makes it.
        progress: told which claim is measured.

    Raises:
        MissingExtraError: ``interpret`` is not installed.
    """
    start = time.perf_counter()
    progress(Status(0, len(ROW_SAYS), "fitting a discriminator"))
    study = _Study(model, data, seed)
    found = {}
    for number, (name, way) in enumerate(study.ways().items()):
        progress(Status(number, len(ROW_SAYS), f"measuring {name!r}"))
        few = len(study.test) < TEST_IMAGES and name not in BY_CONSTRUCTION
        told = f"There are {len(study.test)} test rows, and a verdict takes {TEST_IMAGES}."
        found[name] = way().model_copy(update={"undecided": told if few else ""})
    progress(Status(len(ROW_SAYS), len(ROW_SAYS)))
    return Card(
        model=fingerprint(model),
        attributes=data.schema.names,
        data=Data(
            name=data.name,
            checksum=data.checksum,
            rows={name: len(rows) for name, rows in data.splits.items()},
        ),
        evaluators=(),
        features={"name": "none; rows are compared column by column"},
        sizes=Sizes(samples=max(len(study.test), 20), pictures=max(len(study.test), 20)),
        seed=seed,
        claims=tuple(
            f.claim(n, ROW_SAYS[n], seed, data.checksum, command) for n, f in found.items()
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
    """A model under study: rows, the discriminator, and how each claim is measured."""

    model: TableModel
    data: TableData
    seed: int

    def ways(self) -> dict[str, Callable[[], Findings]]:
        found = {
            "good rows": self.good_rows,
            "not vacuous": self.not_vacuous,
            "private": self.private,
            "accurate": self.accurate,
            "calibrated": self.calibrated,
            "decomposition": self.decomposition,
            "locality": self.locality,
        }
        return {name: found[name] for name in ROW_SAYS}

    @cached_property
    def test(self) -> Array:
        rows = self.data.rows("test")
        luck = np.random.default_rng([self.seed, 0])
        return self.data.cells[rows[luck.permutation(len(rows))[:MOST]]]

    @cached_property
    def drawn(self) -> Array:
        return self.model.sampler.draw(len(self.test), seed=self.seed + 1).cells

    @cached_property
    def judge(self) -> RowJudge:
        return fit_judge(self.data, self.model.sampler, self.model.config)

    @cached_property
    def terms(self) -> Terms:
        """Of test rows, then of drawn ones."""
        return self.judge.terms(np.concatenate([self.test, self.drawn]))

    @property
    def truth(self) -> NDArray[np.int64]:
        return np.repeat([1, 0], len(self.test))

    def good_rows(self) -> Findings:
        """How well boosted trees and D, which learned from the same rows, tell test rows from
        drawn ones."""
        train = self.data.cells[self.data.rows("train")]
        others = self.model.sampler.draw(len(train), seed=self.model.config.seed + 2).cells
        trees = HistGradientBoostingClassifier(random_state=self.seed)
        trees.fit(np.concatenate([train, others]), np.repeat([1, 0], len(train)))
        rows = np.concatenate([self.test, self.drawn])
        said = {
            "detection by boosted trees": trees.predict_proba(rows)[:, 1],
            "detection by D": self.terms.total.numpy(),
        }
        measures = [self._area("good rows", name, self.truth, each) for name, each in said.items()]
        gap = self._resampled(
            "good rows",
            "D above boosted trees",
            lambda r: np.subtract(
                *[roc_auc_score(self.truth[r], e[r]) for e in said.values()][::-1]
            ),
            len(rows),
        )
        return Findings(
            measures=(*measures, gap),
            reason="Area under the ROC curve: 0.5 where drawn rows cannot be told from test rows.",
        )

    def not_vacuous(self) -> Findings:
        """Shares of the variance of D over pairs of a test row and a drawn one."""
        n, claim = len(self.test), "not vacuous"
        gaps = self.terms.at(slice(0, n)).minus(self.terms.at(slice(n, 2 * n)))
        sums = {name: each.double().numpy() for name, each in gaps.by_source().items()}
        whole = np.sum(list(sums.values()), axis=0)
        if not whole.var():
            return withhold("The discriminator finds no difference at all.")
        samples = {"pairs": n}
        shares = [
            measure(
                claim,
                f"{name} share",
                *intervals.variance_share(sums[name], whole),
                share=True,
                samples=samples,
            )
            for name in reversed(SOURCES)
        ]
        sizes = {name: float(each.abs().mean()) for name, each in self.terms.by_row().items()}
        strongest = sorted(sizes, key=lambda name: -sizes[name])[:STRONGEST]
        told = ", ".join(f"{name} ({sizes[name]:.3f})" for name in strongest)
        return Findings(
            measures=tuple(shares),
            reason=f"Its strongest terms, mean absolute log-odds: {told}.",
            details={"importance": sizes, "kinds": self._kinds()},
        )

    def _kinds(self) -> dict[str, float]:
        """Mean absolute sum of each kind of term."""
        return {name: float(each.abs().mean()) for name, each in self.terms.by_kind().items()}

    def private(self) -> Findings:
        """The closest-record share and a membership attack, beside validation rows in place of
        drawn ones."""
        train, validation = (self.data.cells[self.data.rows(s)] for s in ("train", "validation"))
        every = self.data.cells[self.data.rows("test")]
        drawn = self.model.sampler.draw(len(train), seed=self.seed + 4).cells
        schema, claim, found = self.data.schema, "private", []
        for rows, whose in ((drawn, ""), (validation, " of validation rows")):
            if not len(rows):
                continue
            closer = closest_share(schema, rows, train, every, seed=self.seed)
            truth, said = membership(schema, rows, train, every, seed=self.seed)
            found += [
                self._area(claim, f"membership attack{whose}", truth, said),
                measure(
                    claim,
                    f"closer to training rows{whose}",
                    float(closer.mean()),
                    intervals.mean(closer),
                    share=True,
                    samples={"rows": len(closer)},
                ),
            ]
        return Findings(
            measures=tuple(found),
            reason="The attack takes a row for a training row the closer the closest drawn row is.",
        )

    @cached_property
    def _head(self) -> tuple[Array, Array]:
        """What came true of test rows, and what the head says."""
        rows = self.data.cells[self.data.rows("test")]
        truth, _ = target_numbers(self.data.schema, rows, self.model.config)
        known = ~np.isnan(truth)
        said = self.model.head.predict(torch.from_numpy(rows[known])).numpy()
        return truth[known], said

    def accurate(self) -> Findings:
        if self.data.schema.target is None:
            return withhold("The run has no target.")
        truth, said = self._head
        if self.model.head.link == "logit":
            return Findings(
                measures=(self._area("accurate", "area under the ROC curve", truth, said),)
            )
        spread = np.square(truth - truth.mean())
        return Findings(
            measures=(
                self._resampled(
                    "accurate",
                    "R²",
                    lambda r: 1 - np.square(truth[r] - said[r]).sum() / spread[r].sum(),
                    len(truth),
                ),
            )
        )

    def calibrated(self) -> Findings:
        """The error less what right probabilities would have by chance on as many rows, with the
        interval of that chance."""
        if self.data.schema.target is None or self.model.head.link != "logit":
            return withhold("The run predicts no probability.")
        truth, said = self._head
        luck, samples = np.random.default_rng(self.seed), {"rows": len(truth)}
        chance = [
            calibration_error((luck.random(len(said)) < said).astype(float), said)
            for _ in range(RIGHT)
        ]
        error = calibration_error(truth, said)
        low, high = np.percentile(chance, [2.5, 97.5])
        claim, mean = "calibrated", float(np.mean(chance))
        return Findings(
            measures=(
                measure(
                    claim,
                    "calibration error beyond chance",
                    error - mean,
                    (error - high, error - low),
                    samples=samples,
                ),
                measure(claim, "calibration error", error, samples=samples),
                measure(claim, "error of right probabilities", mean, samples=samples),
            ),
            reason="Bins of few rows have gaps by chance, also where probabilities are right.",
        )

    def decomposition(self) -> Findings:
        claim, rows = "decomposition", torch.from_numpy(self.test)
        gaps = [float(self.terms.error())]
        if self.data.schema.target is not None:
            gaps.append(float(self.model.head.terms(rows).error()))
        worst = measure(claim, "worst relative gap", max(gaps), samples={"rows": len(self.test)})
        return Findings(measures=(worst,), reason="Of the discriminator and of the head.")

    def locality(self) -> Findings:
        """Replace all columns but a term's own by those of another row: largest change."""
        rows = self.test[:LOOKED_AT]
        before, largest = self.judge.terms(rows), 0.0
        names = self.data.schema.names
        for number, part in enumerate(before.parts):
            if part.source != "named":
                continue
            for place, columns in enumerate(self.judge.columns(part)):
                mixed = np.roll(rows, 1, axis=0)
                own = [names.index(each) for each in columns]
                mixed[:, own] = rows[:, own]
                after = self.judge.terms(mixed).parts[number].values[:, place]
                largest = max(largest, float((after - part.values[:, place]).abs().max()))
        samples = {"rows": len(rows)}
        return Findings(measures=(measure("locality", "largest change", largest, samples=samples),))

    def _area(self, claim: str, name: str, truth: Any, said: Any) -> Measure:
        return self._resampled(claim, name, lambda r: roc_auc_score(truth[r], said[r]), len(truth))

    def _resampled(
        self, claim: str, name: str, value: Callable[[Any], Any], count: int, *, share: bool = False
    ) -> Measure:
        luck = np.random.default_rng(self.seed)
        found, ends = resampled_interval(value, count, luck)
        return measure(claim, name, found, ends, share=share, samples={"rows": count})
