"""What does the discriminator rely on over all?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, freeze, joined
from interpretable_gan.metrics.decision_shares import (
    by_attribute,
    decision_parts,
    decision_shares,
    paired_accuracy,
    share_intervals,
)
from interpretable_gan.metrics.labelled_codes import labelled_codes
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.terms import Terms
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.schema import Schema

RESAMPLES = 200

Contributions = NDArray[np.float64]
"""What each attribute adds to the logit, ``(image, attribute)``."""


@dataclass(frozen=True, eq=False)
class History:
    """How the reliance on each attribute changed over training, as its log tells.

    images: real images seen when it was logged, ascending  (record,)
    importance: mean absolute contribution; nan where the log is silent  (record, attribute)
    """

    images: NDArray[np.int64]
    importance: NDArray[np.float64]

    def __post_init__(self) -> None:
        freeze(self)

    @classmethod
    def of(cls, schema: Schema, log: Sequence[Mapping[str, Any]]) -> History | None:
        """Read the records of a log that have ``importance``, an attribute → number; None where
        no record has it."""
        told = [record for record in log if record.get("importance")]
        if not told:
            return None
        rows = [
            [_number(record["importance"].get(name)) for name in schema.names] for record in told
        ]
        return cls(np.array([record["images"] for record in told]), np.array(rows, np.float64))

    @property
    def change(self) -> NDArray[np.float64]:
        """From the first tenth of the records to the last tenth, by their means, (attribute,)."""
        some = max(len(self.images) // 10, 1)
        return self.importance[-some:].mean(axis=0) - self.importance[:some].mean(axis=0)


@dataclass(frozen=True, eq=False)
class ModelExplanation(Explanation):
    """What the discriminator relies on, over pairs of a real and a generated image of one code.

    real, generated: mean absolute contribution by attribute, measured from its mean over generated
        images, since the level of a contribution decides nothing  (attribute,)
    pairs_share: share of each attribute in the variance of D(real, s) − D(fake, s); with the
        residual's they add up to 1  (attribute,)
    …_interval: 95 %, by resampling pairs  (attribute, 2)
    shares, shares_interval: the same for agreement, realism, discovered and residual
    paired_accuracy: how often the real image wins, with all parts and without some
    history: how reliance changed over training; None where no log was given, or it does not tell
    pairs, seed, data: the circumstances
    """

    schema: Schema
    real: NDArray[np.float64]
    real_interval: NDArray[np.float64]
    generated: NDArray[np.float64]
    generated_interval: NDArray[np.float64]
    pairs_share: NDArray[np.float64]
    pairs_share_interval: NDArray[np.float64]
    shares: Mapping[str, float]
    shares_interval: Mapping[str, Sequence[float]]
    paired_accuracy: Mapping[str, float]
    history: History | None
    pairs: int
    seed: int
    data: str

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """attribute."""
        return {"attribute": self.schema.names}

    @property
    def sum_error(self) -> float:
        """How far the shares of all attributes and the residual are from 1."""
        return abs(float(self.pairs_share.sum()) + self.shares["residual"] - 1)

    def strongest(self, on: Literal["real", "generated"] = "real", count: int = 5) -> list[str]:
        """The attributes with the largest mean absolute contribution."""
        order = np.argsort(-getattr(self, on), kind="stable")[:count]
        return [self.schema.names[number] for number in order]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per attribute."""
        rows = []
        for number, attribute in enumerate(self.schema.attributes):
            row: dict[str, Any] = {"attribute": attribute.name, "source": attribute.source}
            for name in ("real", "generated", "pairs_share"):
                low, high = getattr(self, f"{name}_interval")[number]
                row |= {name: float(getattr(self, name)[number])}
                row |= {f"{name}_low": float(low), f"{name}_high": float(high)}
            rows.append(row)
        return rows

    def history_rows(self) -> list[dict[str, Any]]:
        """One row per logged moment and attribute; empty without a history."""
        if self.history is None:
            return []
        return [
            {"images": images, "attribute": name, "importance": importance}
            for images, row in zip(
                self.history.images.tolist(), self.history.importance.tolist(), strict=True
            )
            for name, importance in zip(self.schema.names, row, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything by name."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        del told["schema"]
        if self.history is not None:
            told["history"] = {
                "images": self.history.images,
                "importance": dict(zip(self.schema.names, self.history.importance.T, strict=True)),
            }
        return told | {"sum_error": self.sum_error, "sentence": self.sentence()}

    def sentence(self) -> str:
        """Which attributes matter most, and how much of the decision has a name."""
        told = [
            f"{self.schema[name].label} ({self.real[self.schema.names.index(name)]:.2f})"
            for name in self.strongest(count=3)
        ]
        shares = self.shares
        return (
            f"On real images the discriminator relies most on {', '.join(told)}. Of what tells "
            f"{self.pairs} real images from generated ones of the same code, "
            f"{shares['agreement'] + shares['realism']:.0%} has a name, "
            f"{shares['discovered']:z.0%} was discovered and "
            f"{shares['residual']:z.0%} is residual. "
            f"The real image wins {self.paired_accuracy['whole']:.0%} of pairs, "
            f"{self.paired_accuracy['without_named']:.0%} without the named terms."
            + self._changed()
        )

    def plot(self, on: Literal["real", "generated"] = "real", count: int = 12) -> Image.Image:
        """Bars of the attributes with the largest mean absolute contribution."""
        values, ends = getattr(self, on), getattr(self, f"{on}_interval")
        strongest = self.strongest(on, count)
        numbers = {self.schema[name].label: self.schema.names.index(name) for name in strongest}
        return bar_picture(
            {label: float(values[number]) for label, number in numbers.items()},
            {label: ends[number].tolist() for label, number in numbers.items()},
            title=f"mean absolute contribution on {on} images, with 95 % interval",
            form=".2f",
        )

    def _changed(self) -> str:
        """The attribute whose importance grew most over training, and the one that lost most."""
        if self.history is None or len(self.history.images) < 2:
            return ""
        change = self.history.change
        if np.isnan(change).all():
            return ""
        said = {"grew": int(np.nanargmax(change)), "fell": int(np.nanargmin(change))}
        signs = {"grew": 1, "fell": -1}
        told = [
            f"{verb} most on {self.schema.attributes[number].label} ({change[number]:+.2f})"
            for verb, number in said.items()
            if change[number] * signs[verb] > 0
        ]
        return f" Over training its reliance {joined(told)}." if told else ""


def explain_model(
    model: ImageModel,
    data: Dataset,
    *,
    rows: NDArray[np.int64] | None = None,
    log: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> ModelExplanation:
    """Find out what the discriminator relies on.

    Args:
        data: real images of the model's schema.
        rows: of the data; by default those held out from training.
        log: records of training, ``Run.log()``, for how reliance changed.
        seed: of the generated images and the intervals.
        progress: told how many pairs of images are compared.

    Raises:
        ConfigError: the model has a black-box discriminator.
        DataError: data of another schema, or fewer than two rows.
    """
    model.additive()  # refuses a black box before the work
    if data.schema.named != model.schema.named:
        raise DataError(f"data set {data.name!r} has another schema than the model.")
    if rows is None:
        rows = np.concatenate([data.rows("validation"), data.rows("test")])
    if len(rows) < 2:
        raise DataError(f"data set {data.name!r}: {len(rows)} rows are too few; give two or more.")
    real, fake, differences = _pairs(model, data, rows, seed, progress)
    typical = fake.mean(axis=0)
    rng = np.random.default_rng([seed, 1])
    draws = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), RESAMPLES)
    importance = {"real": np.abs(real - typical), "generated": np.abs(fake - typical)}
    gaps = real - fake
    whole = np.sum(list(differences.values()), axis=0)
    again = np.stack([variance_shares(gaps, whole, weights) for weights in draws])
    return ModelExplanation(
        schema=model.schema.trained,
        real=importance["real"].mean(axis=0),
        real_interval=_ends(draws @ importance["real"] / len(rows)),
        generated=importance["generated"].mean(axis=0),
        generated_interval=_ends(draws @ importance["generated"] / len(rows)),
        pairs_share=variance_shares(gaps, whole, np.ones(len(rows))),
        pairs_share_interval=_ends(again),
        shares=decision_shares(differences),
        shares_interval=share_intervals(differences, seed),
        paired_accuracy=paired_accuracy(differences),
        history=History.of(model.schema.trained, log),
        pairs=len(rows),
        seed=seed,
        data=data.checksum,
    )


def variance_shares(
    gaps: Contributions, whole: NDArray[np.float64], weights: NDArray[Any]
) -> NDArray[np.float64]:
    """Cov(part, whole) / Var(whole) of each column of ``gaps`` ``(pairs, parts)``; nan where the
    whole never varies. ``weights``: how often each pair counts."""
    centred = whole - weights @ whole / weights.sum()
    variance = float(weights @ centred**2)
    if not variance:
        return np.full(gaps.shape[1], np.nan)
    return (weights * centred) @ (gaps - weights @ gaps / weights.sum()) / variance


def _pairs(
    model: ImageModel,
    data: Dataset,
    rows: NDArray[np.int64],
    seed: int,
    progress: Progress,
) -> tuple[Contributions, Contributions, dict[str, NDArray[np.float64]]]:
    """Contributions in real and generated images of the same codes, and the four parts of the
    difference of their logits."""
    asked, claimed = labelled_codes(model, data, rows, seed)
    style = model.styles(len(rows), seed=seed)
    real: list[Terms] = []
    fake: list[Terms] = []
    for start in range(0, len(rows), BATCH):
        progress(Status(start, len(rows), "comparing real and generated images"))
        part = slice(start, start + BATCH)
        images = data.batch(rows[part])[0]
        drawn = model.draw(asked[part], style[part])
        for some, found in ((images, real), (drawn, fake)):
            found.append(model.scored(some, claimed[part])[0].to("cpu"))
    won, lost = Terms.joined(real), Terms.joined(fake)
    return (
        by_attribute(model.schema.trained, won),
        by_attribute(model.schema.trained, lost),
        decision_parts(won.minus(lost)),
    )


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _ends(again: NDArray[np.float64]) -> NDArray[np.float64]:
    """95 % percentile intervals ``(attribute, 2)`` of resampled ``(resample, attribute)``."""
    return np.percentile(again, [2.5, 97.5], axis=0).T
