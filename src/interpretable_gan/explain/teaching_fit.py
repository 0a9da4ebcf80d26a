"""Teaching a trained model a word that no label has, from a few dozen examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain import linear_read
from interpretable_gan.explain.explanation import joined
from interpretable_gan.explain.linear_read import (
    Array,
    Features,
    Line,
    Recall,
    Sides,
    Whitening,
)
from interpretable_gan.explain.teaching import Teaching, percent
from interpretable_gan.modalities.pictures import to_pixels
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan.encoder import PLACES, Evidence
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.models.steered import Steered
from interpretable_gan.models.taught import Taught, Word
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Images, NamedCode
from interpretable_gan.steer.directions import boundaries
from interpretable_gan.steer.fit import BUDGET, fit_moves
from interpretable_gan.steer.readers import Readers
from interpretable_gan.steer.trial import Trial

FEWEST = 5
"""Examples on either side that cross-validation needs."""

MOST = 200
"""Most examples on either side: its time grows with the cube of their number, to minutes."""

SAME = 0.9
"""Least balanced accuracy with which an attribute makes a word superfluous."""

WORTH_TRYING = 500
"""Most further examples on either side that a refusal proposes."""

UNLABELLED = 512
"""Images drawn to see how evidence usually varies."""

NAMED = 3
"""Examples that a message names."""

Model = ImageModel | Steered | Taught


def teach(
    model: Model,
    word: str,
    yes: Images,
    no: Images,
    *,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
    description: str = "",
    alike: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Teaching:
    """Learn to read a word from images that show it and images that do not.

    The read is linear in the evidence that the encoder computes already (`Word`), so nothing is
    trained again and a reading stays an exact sum over attributes and places. Cross-validation
    measures it. So that the word can be drawn, z moves along the slope of a linear fit of its
    log-odds, as `steer` does for attributes with labels; the encoder judges.

    Args:
        model: trained, steered or not; it may know other words.
        yes, no: ``(batch, channels, size, size)`` in [-1, 1].
        names: what to call the examples of both in messages; by default by their numbers.
        description: of the word, for people.
        alike: accept a word that an attribute tells as well.
        seed: of folds and samples.

    Raises:
        SchemaError: a name that the model has already, or that is no name.
        DataError: too few examples or too many, one that is on both sides, a word that is read no
            better than by chance, or one that cannot be told from an attribute.
    """
    attribute = _attribute(model, word, description)
    images, sides, examples = _examples(model, word, yes, no, names)
    progress(Status(0, 1, "reading examples"))
    evidence, whiten = evidence_of(model, images), whitening(model, seed=seed)
    features = by_place(evidence, whiten)
    found = linear_read.cross_validate(linear_read.grams(features), sides, seed)
    _refuse_chance(word, found.recall)
    alone = _alone(model, images, sides, seed)
    if not alike:
        _refuse_same(word, found.recall, alone, sides, examples)
    line, probability = _log_odds(features, sides, found.scores.mean(axis=0))
    weights = whiten(line.weights.ravel()).reshape(PLACES, PLACES, *evidence.shape[1:3])
    unmoved = _word(model, attribute, weights.transpose(2, 3, 0, 1), line.offset, found.recall)
    taught, seen = _drawable(model, unmoved, seed, progress)
    return Teaching(
        word=taught,
        model=_with(model, taught),
        examples=tuple(examples),
        pictures=to_pixels(images),
        yes=sides,
        probability=probability,
        recall=found.recall,
        curve=found.curve,
        alone={name: linear_read.recall(each, sides) for name, each in alone.items()},
        rests_on=_rests_on(model, taught, evidence, sides),
        seen=seen,
        repeated=len(yes) + len(no) - len(images),
    )


def _attribute(model: Model, word: str, description: str) -> Attribute:
    """The word as an attribute.

    Raises:
        SchemaError: the model has it already, or it is no name.
    """
    word = word.strip()
    for each in model.schema.attributes:
        if word.casefold() in (each.name.casefold(), each.alias.casefold()):
            raise SchemaError(
                f"the model has an attribute {each.label!r} already: choose another word."
            )
    return Attribute(name=word, description=description, source="taught")


def _examples(
    model: Model,
    word: str,
    yes: Images,
    no: Images,
    names: tuple[Sequence[str], Sequence[str]] | None,
) -> tuple[Images, Sides, list[str]]:
    """Different pictures, whether each shows the word, and what they are called.

    Raises:
        DataError: too few, too many, one that is on both sides, or images that cannot be read.
    """
    if max(len(yes), len(no)) > MOST:
        raise DataError(
            f"{word!r} has {len(yes)} images with it and {len(no)} without, but a word is taught "
            f"by at most {MOST} of each: choose some, or label all and train."
        )
    called = names or (
        [f"yes {number}" for number in range(len(yes))],
        [f"no {number}" for number in range(len(no))],
    )
    found: dict[bytes, tuple[Tensor, bool, str]] = {}
    for given, side, texts in zip((yes, no), (True, False), called, strict=True):
        for image, text in zip(model.checked(given), texts, strict=True):
            key = image.cpu().numpy().tobytes()
            _, other, first = found.setdefault(key, (image, side, text))
            if other != side:
                raise DataError(
                    f"{first} shows {word!r} and {text} does not, but at "
                    f"{image.shape[-1]}×{image.shape[-1]} pixels they are the same picture: remove "
                    "one of them."
                )
    shown, sides, examples = zip(*found.values(), strict=True)
    count = sum(sides), len(sides) - sum(sides)
    if min(count) < FEWEST:
        raise DataError(
            f"{word!r} has {count[0]} different images with it and {count[1]} without: give at "
            f"least {FEWEST} of each."
        )
    return torch.stack(shown), np.array(sides), list(examples)


@torch.no_grad()
def evidence_of(model: Model, images: Images) -> Evidence:
    """What a word is read from, ``(image, columns, channels, places, places)``."""
    encoder, found = model.encoder, []
    for some in torch.split(images, BATCH):
        found.append(encoder.evidence(encoder.features(some)).cpu())
    return torch.cat(found)


def by_place(evidence: Evidence, whiten: Whitening | None = None) -> Features:
    """Evidence as features, a group for each place, whitened."""
    places = evidence.permute(0, 3, 4, 1, 2).flatten(1, 2).flatten(2).double().numpy()
    if whiten is None:
        return places
    return whiten(places.reshape(len(places), -1)).reshape(places.shape)


def whitening(model: Model, *, seed: int) -> Whitening:
    """What takes off how evidence usually varies: over images that the model draws."""
    drawn = model.draw(model.codes(UNLABELLED, seed=seed), model.styles(UNLABELLED, seed=seed))
    return Whitening.of(by_place(evidence_of(model, drawn)).reshape(UNLABELLED, -1))


def _log_odds(features: Array, sides: Sides, scores: Array) -> tuple[Line, Array]:
    """A line whose scores are log-odds, and the probability of each example by lines that had not
    seen it, from their ``scores``."""
    line, scale = linear_read.fit(features, sides), linear_read.platt(scores, sides)
    slope = float(scale.weights[0])
    told = Line(slope * line.weights, slope * line.offset + scale.offset)
    return told, expit(slope * scores + scale.offset)


def _alone(model: Model, images: Images, sides: Sides, seed: int) -> dict[str, Array]:
    """`linear_read.alone` of each attribute, or ``attribute=level``."""
    columns = [
        f"{each.name}={level}" if level else each.name
        for each in model.schema.attributes
        for level in each.levels or ("",)
    ]
    scores = linear_read.alone(model.read(images).double().cpu().numpy(), sides, seed)
    return dict(zip(columns, scores, strict=True))


def _refuse_chance(word: str, found: Recall) -> None:
    """Stop where the examples do not show that the word can be read.

    Raises:
        DataError: the interval of the accuracy holds chance.
    """
    if found.interval[0] > 0.5:
        return
    more = found.needed() - min(found.yes, found.no) if found.accuracy > 0.5 else WORTH_TRYING + 1
    hint = (
        f"If it stays so, about {max(more, 1)} more examples each way would tell."
        if more <= WORTH_TRYING
        else "Nothing says that more examples would help: the encoder may see nothing of it."
    )
    raise DataError(
        f"{word!r} cannot be read from {found.yes} images with it and {found.no} without: balanced "
        f"accuracy {percent(found)}, cross-validated, and chance is 50%. {hint}"
    )


def _refuse_same(
    word: str, found: Recall, alone: dict[str, Array], yes: Sides, examples: Sequence[str]
) -> None:
    """Stop where an attribute that there is tells the examples apart as well.

    Raises:
        DataError: the word and that attribute are the same to these examples.
    """
    recalls = {name: linear_read.recall(scores, yes) for name, scores in alone.items()}
    name = max(recalls, key=lambda each: recalls[each].accuracy)
    if recalls[name].accuracy < max(SAME, found.accuracy):
        return
    apart = [
        examples[row] for row in np.flatnonzero((alone[name].mean(axis=0) > 0) != yes).tolist()
    ]
    more = f" and {len(apart) - NAMED} more" if len(apart) > NAMED else ""
    shown = f"only {joined(apart[:NAMED])}{more} differ" if apart else "none differs"
    raise DataError(
        f"{word!r} and {name!r} cannot be told apart by these examples: {name} alone reads them "
        f"with {percent(recalls[name])}, the word with {percent(found)}, and {shown}. Add images "
        "that show one without the other."
    )


def _word(model: Model, attribute: Attribute, weights: Array, offset: float, found: Recall) -> Word:
    """The word that weights read, and that nothing draws yet."""
    still = torch.zeros(model.schema.trained.columns + model.styles(1).shape[1])
    return Word(
        attribute=attribute,
        weights=torch.from_numpy(weights).float().contiguous(),
        offset=offset,
        on=still,
        off=still,
        record={
            "accuracy": found.accuracy,
            "interval": list(found.interval),
            "yes": found.yes,
            "no": found.no,
        },
        model=fingerprint(model),
    )


def _drawable(
    model: Model, word: Word, seed: int, progress: Progress
) -> tuple[Word, dict[str, float | None]]:
    """The word with moves of z, and how often the encoder then sees what was asked for."""
    taught = _with(model, word)
    scale = Reading(taught.schema).to(taught.device)

    def odds(images: Images) -> NamedCode:
        return scale.odds(taught.read(images))

    name = word.attribute.name
    readable = tuple(each.name for each in taught.schema.attributes if each.source != "discovered")
    trial = Trial(taught, Readers(odds, readable, word.model), seed, asked=[name])

    def moved(moves: Tensor) -> Taught:
        on, off = moves.cpu()
        return _with(model, replace(word, on=on, off=off))

    ways = boundaries(trial, taught)
    moves = fit_moves(trial, taught, moved, ways, budget=BUDGET, progress=progress)
    on, off = moves.cpu()
    shares = trial.outcome(moved(moves)).success.tolist()
    seen = {
        side: share if move.any() and np.isfinite(share) else None
        for side, share, move in zip(("on", "off"), shares, (on, off), strict=True)
    }
    return replace(word, on=on, off=off), seen


def _rests_on(model: Model, word: Word, evidence: Evidence, yes: Sides) -> dict[str, float]:
    """Each attribute's share of how far the examples' mean log-odds are apart."""
    terms = (evidence * word.weights).sum(dim=(2, 3, 4)).numpy()  # (example, column)
    apart = terms[yes].mean(axis=0) - terms[~yes].mean(axis=0)
    schema = model.schema.trained
    return {name: float(apart[span].sum() / apart.sum()) for name, span in schema.slices.items()}


def _with(model: Model, word: Word) -> Taught:
    """The model with one more word."""
    if isinstance(model, Taught):
        return Taught(model.model, [*model.words, word])
    return Taught(model, [word])
