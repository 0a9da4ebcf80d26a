"""Measure every claim of the card on one model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.apart import FEWEST, reported_apart
from interpretable_gan.audit.card import Card, Data, JudgeRecord
from interpretable_gan.audit.claims.accuracy import accurate
from interpretable_gan.audit.claims.base import Findings, withhold, without_verdict
from interpretable_gan.audit.claims.cost import cost, machine
from interpretable_gan.audit.claims.disentangled import disentangled
from interpretable_gan.audit.claims.exactness import decomposition, locality
from interpretable_gan.audit.claims.explanations import faithful, own_order
from interpretable_gan.audit.claims.faces import Faces
from interpretable_gan.audit.claims.goodness import good_pictures
from interpretable_gan.audit.claims.leakage import no_leakage, raw_leakage
from interpretable_gan.audit.claims.realness import edits_stay_real
from interpretable_gan.audit.claims.reliance import not_vacuous, valid
from interpretable_gan.audit.claims.stability import stable
from interpretable_gan.audit.claims.steering import steerable
from interpretable_gan.audit.evaluators import Evaluator, train_evaluator
from interpretable_gan.audit.judges import FaceNetworks, ForeignJudge, SeatedJudge, seat
from interpretable_gan.audit.material import Material, gather, some_test_rows
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.audit.thresholds import BY_CONSTRUCTION, TEST_IMAGES, THRESHOLDS
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.result import plain
from interpretable_gan.metrics.uncertainty import library_versions
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.progress import Progress, Status, silent

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

SAYS: Mapping[str, str] = {
    "not vacuous": "What has a name carries the decision, and the residual does not.",
    "valid": "Editing an attribute moves its own contribution most.",
    "steerable": "Attributes appear when they are asked for.",
    "edits stay real": "Changed images look as real as unchanged ones.",
    "no leakage": "An edit leaves the other attributes alone.",
    "accurate": "The encoder reads what images show.",
    "disentangled": "Each reading says one thing.",
    "faithful": "Explanations name what the decision rests on.",
    "stable": "Runs with other seeds rely on the same attributes.",
    "good pictures": "Samples look like the data.",
    "cost": "What it takes.",
    "decomposition": "The parts of every decision add up to it.",
    "locality": "A place's term depends on the pixels of its patch alone.",
    "own order": "Nothing deletes a decision faster than its own largest terms.",
}
"""Every claim of a card, in order, and what it says; the last three hold by construction."""

ARCHITECTURES = ("residual", "plain")
"""The evaluators: the first one judges, the second one checks on it."""


NEEDED = {"cost": 0, "decomposition": 1, "locality": 1}
"""Test images without which a claim is not measured; of all others `FEWEST`."""


def audit(
    model: ImageModel,
    data: Dataset,
    *,
    sizes: Sizes | None = None,
    also: Sequence[ImageModel] = (),
    judges: Sequence[ForeignJudge] = (),
    faces: FaceNetworks | None = None,
    extractor: Extractor | None = None,
    training: Mapping[str, Any] | None = None,
    seed: int = 0,
    command: str = "",
    by: str = "",
    progress: Progress = silent,
) -> Card:
    """Measure every claim of the card, on test images alone.

    Args:
        model: trained.
        data: what it was trained on, with the rows that were held out.
        sizes: how much to measure; the whole card by default.
        also: models of other seeds, for the claim that importance is stable.
        judges: classifiers that somebody else made, which judge beside our evaluators.
        faces: networks that know faces; what they say stands beside other figures of pictures.
        extractor: features of distances between sets; by default the first evaluator's.
        training: the last record of the run's log, for what training cost.
        seed: of samples, edits and intervals.
        command: what a user types to have the card made again.
        by: the command that makes it.

    Raises:
        DataError: the data do not fit the model, or a model is compared with itself.
    """
    check_fit(model, data)
    checksum = _different(model, also)
    start, sizes = time.perf_counter(), sizes or Sizes()
    evaluators = _evaluators(data, sizes, progress)
    seated = tuple(seat(judge, data) for judge in judges)
    extractor = extractor or evaluators[0].extractor()
    study = _Study(model, data, evaluators, seated, faces, extractor, sizes, seed, progress)
    found = study.findings(also, training or {})
    return Card(
        model=checksum,
        attributes=model.schema.with_discovered(0).names,
        data=_described(data),
        evaluators=tuple(map(_record, evaluators)),
        judges=tuple(map(_record, seated)),
        features=plain(extractor.describe()),
        sizes=sizes,
        seed=seed,
        claims=tuple(f.claim(n, SAYS[n], seed, data.checksum, command) for n, f in found.items()),
        apart=reported_apart(model, data, evaluators, extractor, sizes, seed, progress),
        caution=_caution(data),
        by=by,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - start, 1),
        machine=machine(),
        versions=library_versions(),
    )


@dataclass(frozen=True)
class _Study:
    """A model under study: what each claim needs, and what was found."""

    model: ImageModel
    data: Dataset
    evaluators: tuple[Evaluator, Evaluator]
    seated: tuple[SeatedJudge, ...]
    networks: FaceNetworks | None
    extractor: Extractor
    sizes: Sizes
    seed: int
    progress: Progress

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The test rows that are looked at."""
        rng = np.random.default_rng([self.seed, 0])
        return some_test_rows(self.data, self.sizes.pictures, rng)

    @cached_property
    def material(self) -> Material:
        """All images that the claims share."""
        return gather(
            self.model,
            self.data,
            self.rows,
            (*self.evaluators, *self.seated),
            self.extractor,
            self.sizes,
            self.seed,
            self.progress,
        )

    @cached_property
    def faces(self) -> Faces:
        """The same as networks see it that know faces; nothing where there are none."""
        networks = self.networks or FaceNetworks()
        return Faces(self.model, self.data, self.material, networks, self.seed)

    def findings(
        self, also: Sequence[ImageModel], training: Mapping[str, Any]
    ) -> dict[str, Findings]:
        """What every claim found, by its name."""
        shortage, found = _shortage(self.data), {}
        ways = self._ways(also, training)
        for number, (name, way) in enumerate(ways.items()):
            self.progress(Status(number, len(ways), f"measuring {name!r}"))
            if len(self.data.rows("test")) >= NEEDED.get(name, FEWEST):
                found[name] = way()
                decides = name in THRESHOLDS and name not in BY_CONSTRUCTION
                if not (shortage and decides and found[name].measures):
                    continue
            found[name] = found.get(name, Findings()).model_copy(
                update={"undecided" if name in THRESHOLDS else "reason": shortage}
            )
        return found

    def _ways(
        self, also: Sequence[ImageModel], training: Mapping[str, Any]
    ) -> dict[str, Callable[[], Findings]]:
        """How each claim is measured."""
        model, data, sizes, seed = self.model, self.data, self.sizes, self.seed
        judge, resamples, extractor = self.evaluators[0], self.sizes.resamples, self.extractor
        ways: dict[str, Callable[[], Findings]] = {
            "not vacuous": lambda: (
                withhold(model.no_discriminator)
                if model.no_discriminator
                else not_vacuous(self.material)
            ),
            "valid": lambda: valid(self.material, model.schema, judge, resamples, seed),
            "steerable": lambda: self._beside(
                steerable(self.material, judge, resamples, seed),
                lambda seen, other: steerable(seen, other, resamples, seed),
            ),
            "edits stay real": lambda: self.faces.identity(
                edits_stay_real(self.material, self.evaluators, extractor, resamples, seed)
            ),
            "no leakage": lambda: self._beside(
                no_leakage(model, data, self.material, judge, resamples, seed),
                lambda seen, other: raw_leakage(seen, other, resamples, seed),
            ),
            "accurate": lambda: accurate(model, self.material, data, resamples, seed),
            "disentangled": lambda: disentangled(
                self.material, data, model.schema, sizes.codes, seed, self.progress
            ),
            "faithful": lambda: faithful(model, data, self.material, sizes.curves, seed),
            "stable": lambda: stable(model, also, data, self.material, resamples, seed),
            "good pictures": lambda: self.faces.likeness(
                good_pictures(self.material, data, extractor, seed)
            ),
            "cost": lambda: cost(model, training),
            "decomposition": lambda: decomposition(model, data, self.progress),
            "locality": lambda: locality(model, data, sizes.places, seed, self.progress),
            "own order": lambda: own_order(model, data, self.material, sizes.curves, seed),
        }
        return {name: ways[name] for name in SAYS}

    def _beside(
        self, ours: Findings, theirs: Callable[[Material, SeatedJudge], Findings]
    ) -> Findings:
        """Findings with what each foreign judge says of the same edits, without a verdict."""
        measures = list(ours.measures)
        for number, judge in enumerate(self.seated, len(self.evaluators)):
            found = theirs(self.material.seen_by(number, judge), judge)
            measures += without_verdict(found.measures, f", by {judge.name}")
        return ours.model_copy(update={"measures": tuple(measures)})


def _different(model: ImageModel, also: Sequence[ImageModel]) -> str:
    """The fingerprint of a model, which the others do not share.

    Raises:
        DataError: they do.
    """
    checksums = [fingerprint(each) for each in (model, *also)]
    if len(set(checksums)) < len(checksums):
        raise DataError("two of the runs to compare have the same weights: give other seeds.")
    return checksums[0]


def check_fit(model: ImageModel, data: Dataset) -> None:
    """Raise a `DataError` where a model cannot be measured on these data."""
    if data.schema.named != model.schema.named:
        raise DataError(
            f"the run speaks schema {model.schema.name!r} and data set {data.name!r} speaks "
            f"{data.schema.name!r} with other attributes: give the data the run learned from."
        )
    if data.size != model.config.size or data.channels != model.modality.channels:
        raise DataError(
            f"the run draws {model.config.size}×{model.config.size} images with "
            f"{model.modality.channels} channels, and data set {data.name!r} has "
            f"{data.size}×{data.size} with {data.channels}."
        )


def lost_claims(before: Card, now: Card) -> list[str]:
    """A sentence on every claim that held on the first card and does not on the second.

    A smaller sample than before cannot take a claim back by being undecided.
    """
    lost = []
    for claim in before.with_verdict("pass"):
        again = next((each for each in now.claims if each.name == claim.name), None)
        if again is None:
            lost.append(f"{claim.name}: not measured any more.")
        elif again.verdict in ("fail", "withheld") or (
            again.verdict == "cannot tell" and now.sizes == before.sizes
        ):
            lost.append(f"{claim.name}: {again.sentence()}")
    return lost


def _shortage(data: Dataset) -> str:
    """Why there are too few test images for a verdict; empty where there are enough."""
    count = len(data.rows("test"))
    if count >= TEST_IMAGES:
        return ""
    told = {0: "There are no test images", 1: "There is 1 test image"}
    told_count = told.get(count, f"There are {count} test images")
    return f"{told_count}, and a verdict takes {TEST_IMAGES}; no other images take their place."


def _caution(data: Dataset) -> str:
    if data.groups is None or not len(data.rows("test")):
        return ""
    return intervals.caution(len(np.unique(data.groups[data.rows("test")])))


def _described(data: Dataset) -> Data:
    groups = data.groups
    return Data(
        name=data.name,
        checksum=data.checksum,
        rows={name: len(rows) for name, rows in data.splits.items()},
        groups=None
        if groups is None
        else {name: len(np.unique(groups[rows])) for name, rows in data.splits.items()},
    )


def _evaluators(data: Dataset, sizes: Sizes, progress: Progress) -> tuple[Evaluator, Evaluator]:
    def trained(architecture: str) -> Evaluator:
        return train_evaluator(data, architecture, images=sizes.evaluator, progress=progress)

    judge, second = (trained(architecture) for architecture in ARCHITECTURES)
    return judge, second


def _record(judge: Evaluator | SeatedJudge) -> JudgeRecord:
    accuracies = [how.accuracy for how in judge.reliability.values()]
    known = [accuracy for accuracy in accuracies if accuracy == accuracy]
    return JudgeRecord(
        name=judge.name,
        architecture=judge.architecture,
        checksum=judge.checksum,
        accuracy=sum(known) / len(known) if known else None,
        balanced_accuracy=plain(
            {name: how.balanced_accuracy for name, how in judge.reliability.items()}
        ),
        readable=judge.readable,
        unmeasured=judge.unmeasured,
    )
