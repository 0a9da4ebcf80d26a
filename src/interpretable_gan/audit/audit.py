"""Measure every claim of the card on one model."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from interpretable_gan.audit.card import Card, Data, Judge
from interpretable_gan.audit.claim import Claim, Findings
from interpretable_gan.audit.claims.cost import cost, machine
from interpretable_gan.audit.claims.disentangled import disentangled
from interpretable_gan.audit.claims.exactness import decomposition, locality
from interpretable_gan.audit.claims.explanations import faithful
from interpretable_gan.audit.claims.goodness import good_pictures
from interpretable_gan.audit.claims.leakage import no_leakage
from interpretable_gan.audit.claims.realness import edits_stay_real
from interpretable_gan.audit.claims.reliance import not_vacuous, valid
from interpretable_gan.audit.claims.stability import stable
from interpretable_gan.audit.claims.steering import steerable
from interpretable_gan.audit.evaluators import Evaluator, train_evaluator
from interpretable_gan.audit.samples import Progress, gather, silent
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.result import plain
from interpretable_gan.metrics.uncertainty import library_versions

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN

SAYS: Mapping[str, str] = {
    "decomposition": "The parts of every decision add up to it.",
    "locality": "A place's term depends on the pixels of its patch alone.",
    "not vacuous": "What has a name carries the decision, and the residual does not.",
    "valid": "Editing an attribute moves its own contribution most.",
    "steerable": "Attributes appear when they are asked for.",
    "edits stay real": "Changed images look as real as unchanged ones.",
    "no leakage": "An edit leaves the other attributes alone.",
    "disentangled": "Each reading says one thing.",
    "faithful": "Explanations name what the decision rests on.",
    "stable": "Runs with other seeds rely on the same attributes.",
    "good pictures": "Samples look like the data.",
    "cost": "What it takes.",
}
"""Every claim of a card, in order, and what it says."""

ARCHITECTURES = ("residual", "plain")
"""The evaluators: the first one judges, the second one checks on it."""


def audit(
    model: InterpretableGAN,
    data: Dataset,
    *,
    sizes: Sizes | None = None,
    also: Sequence[InterpretableGAN] = (),
    extractor: Extractor | None = None,
    training: Mapping[str, Any] | None = None,
    seed: int = 0,
    command: str = "",
    progress: Progress = silent,
) -> Card:
    """Measure every claim of the card.

    Args:
        model: trained.
        data: what it was trained on, with the rows that were held out.
        sizes: how much to measure.
        also: models of other seeds, for the claim that importance is stable.
        extractor: features of distances between sets; by default the first evaluator's.
        training: the last record of the run's log, for what training cost.
        seed: of samples, edits and intervals.
        command: what a user types to have the card made again.
        progress: called with (what is being done, how much of it, of how much).

    Raises:
        DataError: the data have another schema or image size than the model, or a model is
            compared with itself.
    """
    check_fit(model, data)
    checksums = [weights_checksum(each) for each in (model, *also)]
    if len(set(checksums)) < len(checksums):
        raise DataError("two of the runs to compare have the same weights: give other seeds.")
    start, sizes = time.perf_counter(), sizes or Sizes()
    judge, second = _evaluators(data, sizes, progress)
    extractor = extractor or judge.extractor()
    material = gather(model, data, (judge, second), extractor, sizes, seed, progress)
    resamples = sizes.resamples
    ways: dict[str, Callable[[], Findings]] = {
        "decomposition": lambda: decomposition(model, data, progress),
        "locality": lambda: locality(model, data, sizes.places, seed, progress),
        "not vacuous": lambda: not_vacuous(material),
        "valid": lambda: valid(material, model.schema, judge, resamples, seed),
        "steerable": lambda: steerable(material, judge, resamples, seed),
        "edits stay real": lambda: edits_stay_real(
            material, (judge, second), extractor, resamples, seed
        ),
        "no leakage": lambda: no_leakage(model, data, material, judge, resamples, seed),
        "disentangled": lambda: disentangled(
            material, data, model.schema, sizes.codes, seed, progress
        ),
        "faithful": lambda: faithful(model, data, material, sizes.curves, seed),
        "stable": lambda: stable(model, also, data, material, resamples, seed),
        "good pictures": lambda: good_pictures(material, data, extractor, seed),
        "cost": lambda: cost(model, material, training or {}),
    }
    about = _About(seed, data.checksum, command)
    claims = []
    for number, (name, way) in enumerate(ways.items()):
        progress(f"measuring: {name}", number, len(ways))
        claims.append(about.claim(name, way()))
    return Card(
        model=checksums[0],
        attributes=model.schema.with_discovered(0).names,
        data=Data(
            name=data.name,
            checksum=data.checksum,
            rows={name: len(rows) for name, rows in data.splits.items()},
        ),
        evaluators=tuple(_judge(evaluator) for evaluator in (judge, second)),
        features=plain(extractor.describe()),
        sizes=sizes,
        seed=seed,
        claims=tuple(claims),
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - start, 1),
        machine=machine(),
        versions=library_versions(),
    )


def check_fit(model: InterpretableGAN, data: Dataset) -> None:
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


@dataclass(frozen=True)
class _About:
    """The circumstances that all claims share."""

    seed: int
    data: str
    command: str

    def claim(self, name: str, findings: Findings) -> Claim:
        """A claim from what was found."""
        return Claim(
            name=name,
            says=SAYS[name],
            verdict=findings.verdict,
            measures=findings.measures,
            reason=findings.reason,
            seed=self.seed,
            data=self.data,
            evaluators=findings.evaluators,
            features=findings.features,
            withheld=findings.withheld,
            details=plain(findings.details),
            command=self.command,
        )


def _evaluators(data: Dataset, sizes: Sizes, progress: Progress) -> tuple[Evaluator, Evaluator]:
    def trained(architecture: str) -> Evaluator:
        return train_evaluator(
            data,
            architecture,
            images=sizes.evaluator,
            progress=lambda done, of: progress(f"training evaluator {architecture}", done, of),
        )

    judge, second = (trained(architecture) for architecture in ARCHITECTURES)
    return judge, second


def _judge(evaluator: Evaluator) -> Judge:
    accuracies = [how.accuracy for how in evaluator.reliability.values()]
    known = [accuracy for accuracy in accuracies if accuracy == accuracy]
    return Judge(
        name=evaluator.name,
        architecture=evaluator.architecture,
        checksum=evaluator.checksum,
        accuracy=sum(known) / len(known) if known else None,
        balanced_accuracy=plain(
            {name: how.balanced_accuracy for name, how in evaluator.reliability.items()}
        ),
        readable=evaluator.readable,
    )


def weights_checksum(model: InterpretableGAN) -> str:
    """SHA-256 of the weights that a saved run holds."""
    digest = hashlib.sha256()
    for name in ("average", "discriminator", "style_encoder", "directions"):
        for key, tensor in sorted(getattr(model.networks, name).state_dict().items()):
            digest.update(f"{name}.{key}".encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
