"""How often each attribute has which value, and what about that will hurt training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import misspelt
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

RARE = 0.01
"""Share of the labels below which a value is rare."""

FEWEST = 50
"""Training labels of a value below which it can hardly be learned."""

FEW = 3
"""Pairs of attributes that are named at a time."""

NEAR_DUPLICATE = 0.95


@dataclass(frozen=True)
class Profile:
    """Frequencies among the known labels.

    ``frequencies``: attribute → {"on": share}, {level: share} or {"min", "mean", "max": number};
    ``missing``: attribute → share of rows without a label; ``warnings``: sentences.
    """

    rows: int
    frequencies: dict[str, dict[str, float]]
    missing: dict[str, float]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"warnings": list(self.warnings)}


def profile(
    schema: Schema,
    code: NDArray[np.float32],
    known: NDArray[np.bool_],
    training: NDArray[np.int64] | None = None,
) -> Profile:
    """Describe labels ``code`` and ``known``, each ``(rows, named columns)``.

    Warns of attributes that are constant, of levels rarer than 1 %, of missing labels, of
    attributes that nearly determine each other (correlation of two columns beyond ±0.95), and of
    pairs that have no labels on the same row. Where ``training`` says which rows are learned from,
    warns of values with fewer than 50 labels there.
    """
    frequencies: dict[str, dict[str, float]] = {}
    missing: dict[str, float] = {}
    warnings: list[str] = []
    for attribute in schema.named:
        columns = schema.slices[attribute.name]
        labelled = np.all(known[:, columns], axis=1)
        frequencies[attribute.name] = _frequencies(attribute, code[labelled, columns])
        missing[attribute.name] = 1 - float(labelled.mean()) if len(labelled) else 1.0
        few = {} if training is None else few_labels(schema, attribute, code, known, training)
        warnings += _warnings(attribute, frequencies[attribute.name], missing[attribute.name], few)
    warnings += _near_duplicates(schema, code, known)
    warnings += _never_together(schema, known)
    return Profile(len(code), frequencies, missing, tuple(warnings))


def _frequencies(attribute: Attribute, columns: NDArray[np.float32]) -> dict[str, float]:
    if not len(columns):
        return {}
    if attribute.kind == "continuous":
        values = attribute.decode(columns.astype(float))
        return {
            "min": float(values.min()),
            "mean": float(values.mean()),
            "max": float(values.max()),
        }
    shares = (columns > 0).mean(axis=0).tolist()
    return dict(zip(attribute.levels or ("on",), shares, strict=True))


def few_labels(
    schema: Schema,
    attribute: Attribute,
    code: NDArray[np.float32],
    known: NDArray[np.bool_],
    training: NDArray[np.int64],
) -> dict[str, str]:
    """Value of an attribute with fewer than 50 labels in the rows ``training`` → the value with its
    count, as `too_few` tells it. Continuous attributes have none."""
    if attribute.kind == "continuous":
        return {}
    columns = schema.slices[attribute.name]
    code, known = code[training, columns], known[training, columns]
    on = ((code > 0) & known).sum(axis=0).tolist()
    off = ((code < 0) & known).sum(axis=0).tolist()
    values = attribute.levels or ("on", "off")
    counts = dict(zip(values, on if attribute.levels else on + off, strict=True))
    few = {value: count for value, count in counts.items() if count < FEWEST}
    return {value: _told(value, counts) for value in few}


def _told(value: str, counts: Mapping[str, int]) -> str:
    """A rare value with its count, and the more frequent one that it may be, misspelt."""
    told = f"{value} {counts[value]:,}"
    meant = misspelt(value, [other for other in counts if counts[other] > counts[value]])
    return f"{told} (or is it {meant!r}?)" if meant else told


def too_few(attribute: Attribute, few: Mapping[str, str]) -> str:
    """One sentence on the values that `few_labels` found."""
    return (
        f"{attribute.name}: too few training labels to learn from, below {FEWEST}: "
        f"{', '.join(few.values())}; collect more, merge values, or leave the attribute out."
    )


def _warnings(
    attribute: Attribute, found: dict[str, float], missing: float, few: dict[str, str]
) -> Iterator[str]:
    name = attribute.name
    if missing == 1:
        yield f"{name}: no row has a label; remove it from the schema."
        return
    if missing > 0:
        yield f"{name}: {missing:.1%} of the labels are missing."
    if attribute.kind == "continuous":
        if found["min"] == found["max"]:
            yield f"{name}: constant, always {found['min']:g}; nothing can be learned from it."
        return
    shares = found if attribute.levels else {"on": found["on"], "off": 1 - found["on"]}
    for level, share in shares.items():
        if share == 1:
            yield f"{name}: constant, always {level}; nothing can be learned from it."
            return
    if few:
        yield too_few(attribute, few)
    rare = [
        f"{level} {share:.2%}"
        for level, share in shares.items()
        if share < RARE and level not in few
    ]
    if rare:
        yield f"{name}: too rare to learn well, below {RARE:.0%} of the rows: {', '.join(rare)}."


def _near_duplicates(
    schema: Schema, code: NDArray[np.float32], known: NDArray[np.bool_]
) -> Iterator[str]:
    """One sentence on all values that go together, of as many attributes as they are."""
    from scipy.sparse.csgraph import connected_components

    alike = correlations(code, known)
    owner = np.repeat(range(len(schema.named)), [attribute.width for attribute in schema.named])
    alike[owner[:, None] == owner] = 0  # levels of one attribute exclude each other
    linked = np.abs(alike) > NEAR_DUPLICATE
    _, group = connected_components(linked, directed=False)
    for number in np.unique(group[linked.any(axis=0)]):
        columns = np.flatnonzero(group == number)
        told = _values_alike(schema, columns, alike)
        least = np.abs(alike[np.ix_(columns, columns)])[linked[np.ix_(columns, columns)]].min()
        yield (
            f"{', '.join(told[:-1])} and {told[-1]} nearly always go together (correlation "
            f"{least:.2f} or more): what each of them does cannot be told apart. Keep one of these "
            "attributes, or add images in which they differ."
        )


def _values_alike(
    schema: Schema, columns: NDArray[np.int64], alike: NDArray[np.float64]
) -> list[str]:
    """For each attribute in a group of columns the value that goes with the group's first one."""
    from scipy.sparse.csgraph import breadth_first_order

    labels = [(a.name, level) for a in schema.named for level in a.levels or ("",)]
    continuous = {a.name for a in schema.named if a.kind == "continuous"}
    _, before = breadth_first_order(np.abs(alike) > NEAR_DUPLICATE, columns[0], directed=False)
    found: dict[str, str] = {}
    for column in columns.tolist():
        sign, at = 1.0, column
        while at != columns[0]:
            sign, at = sign * np.sign(alike[at, before[at]]), int(before[at])
        name, level = labels[column]
        if name in continuous:
            told = f"high {name}" if sign > 0 else f"low {name}"
        elif level:
            told = f"{name} {level}" if sign > 0 else f"{name} other than {level}"
        else:
            told = f"{name} on" if sign > 0 else f"{name} off"
        if name not in found or sign > 0:
            found[name] = told
    return list(found.values())


def _never_together(schema: Schema, known: NDArray[np.bool_]) -> Iterator[str]:
    """One sentence on pairs that are labelled, but never both: their correlation is not known."""
    labelled = known[:, [schema.slices[a.name].start for a in schema.named]].astype(np.float32)
    both, names = labelled.T @ labelled, [a.name for a in schema.named]
    pairs = [
        f"{names[i]} and {names[j]}"
        for i, j in np.argwhere(np.triu(both == 0, 1)).tolist()
        if both[i, i] and both[j, j]
    ]
    if pairs:
        more = f" and {len(pairs) - FEW:,} more pairs" if len(pairs) > FEW else ""
        yield (
            f"{', '.join(pairs[:FEW])}{more}: never labelled on the same row, so how they go "
            "together is not known."
        )


def correlations(code: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Pearson correlation ``(columns, columns)`` over rows known in both; 0 where undefined."""
    mask = known.astype(np.float64)
    value = np.where(known, code, 0).astype(np.float64)
    count = mask.T @ mask
    total = value.T @ mask  # of column i where j is known too
    square = (value**2).T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = square / count - (total / count) ** 2
        covariance = value.T @ value / count - total * total.T / count**2
        result = covariance / np.sqrt(variance * variance.T)
    return np.where(np.isfinite(result) & (variance > 1e-12), result, 0.0)
