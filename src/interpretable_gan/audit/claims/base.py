"""A claim: what is said of a model, what was measured, and whether it holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interpretable_gan.audit.thresholds import BY_CONSTRUCTION, THRESHOLDS, Relation
from interpretable_gan.metrics.result import plain

Verdict = Literal["pass", "fail", "cannot tell", "withheld", "reported"]
"""``reported``: measured, but nothing is required of it."""

Interval = tuple[float, float]

WORDS: Mapping[Verdict, str] = {
    "pass": "It holds",
    "fail": "It does not hold",
    "cannot tell": "It cannot be told whether it holds",
    "withheld": "Nothing is claimed",
    "reported": "Measured, without a target",
}


class Frozen(BaseModel):
    """A value that cannot be changed and has no fields but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measure(Frozen):
    """One number behind a claim, with what is required of it.

    ``unit``: how to say it; a share is between 0 and 1 and said in percent. ``interval``: 95 %;
    None where the number has no sampling error, as the worst case over a whole split, or where
    none is defined. ``samples``: how many of what it rests on; ``groups`` among them, where the
    data has groups, which then are what the interval resamples.
    """

    name: str
    value: float | None
    interval: Interval | None = None
    unit: Literal["share", "number"] = "number"
    relation: Relation | None = None
    threshold: float | None = None
    verdict: Verdict
    samples: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _verdict_follows(self) -> Measure:
        if self.relation is None or self.threshold is None:
            wanted: Verdict = "reported"
        else:
            wanted = judged(self.value, self.interval, self.relation, self.threshold)
        if self.verdict != wanted:
            raise ValueError(
                f"{self.name} is said to be {self.verdict!r}, but its numbers say {wanted!r}"
            )
        return self

    def told(self, value: float | None) -> str:
        """A number in the measure's unit."""
        if value is None:
            return "unknown"
        if self.unit == "share":
            return f"{100 * value:.3g} %"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

    def over(self) -> str:
        """How many groups stand behind the number, where the data has groups."""
        groups = self.samples.get("groups")
        return f", {groups:,} groups" if groups else ""

    def sentence(self) -> str:
        """Name, number, interval and what was wanted."""
        text = f"{self.name} {self.told(self.value)}"
        if self.interval is not None:
            text += f" (95 % interval {self.told(self.interval[0])} to "
            text += f"{self.told(self.interval[1])}{self.over()})"
        if self.relation is not None:
            text += f", wanted {self.relation} {self.told(self.threshold)}"
        return text


class Claim(Frozen):
    """Something said of a model, with the numbers that speak for or against it.

    by_construction: it cannot fail unless the code is wrong; checked, and not counted.
    measures: the headline first. reason: why nothing is claimed, or how to read it.
    undecided: why there is no verdict whatever the numbers say: too few test images.
    withheld: attributes that the evaluators cannot read, of which nothing is claimed.
    details: everything finer, by name: per attribute, matrices as rows. command: recomputes it.
    """

    name: str
    says: str
    by_construction: bool = False
    verdict: Verdict
    measures: tuple[Measure, ...] = ()
    reason: str = ""
    undecided: str = ""
    seed: int
    data: str
    evaluators: tuple[str, ...] = ()
    features: str | None = None
    withheld: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)
    command: str

    @model_validator(mode="after")
    def _verdict_follows(self) -> Claim:
        if self.verdict != (wanted := worst(self.measures, self.undecided)):
            raise ValueError(
                f"{self.name} is said to be {self.verdict!r}, but its numbers say {wanted!r}"
            )
        return self

    def __getitem__(self, name: str) -> Measure:
        """The measure of that name."""
        return next(measure for measure in self.measures if measure.name == name)

    def sentence(self) -> str:
        """The claim, its verdict and its numbers in plain words."""
        parts = [f"{self.says} {WORDS[self.verdict]}"]
        reason = " ".join(filter(None, (self.undecided, self.reason)))
        told = "; ".join(measure.sentence() for measure in self.measures)
        if told:
            parts.append(f": {told}")
        parts.append(f": {reason}" if reason and not told else ".")
        if reason and told:
            parts.append(f" {reason}")
        if self.withheld and self.verdict != "withheld":
            parts.append(
                f" Nothing is claimed of {len(self.withheld)} attributes that the evaluators "
                f"cannot read: {', '.join(self.withheld)}."
            )
        return "".join(parts)


class Findings(Frozen):
    """What one measurement found, before the circumstances are added to make it a `Claim`."""

    measures: tuple[Measure, ...] = ()
    reason: str = ""
    undecided: str = ""
    evaluators: tuple[str, ...] = ()
    features: str | None = None
    withheld: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)

    def __getitem__(self, name: str) -> Measure:
        """The measure of that name."""
        return next(measure for measure in self.measures if measure.name == name)

    @property
    def verdict(self) -> Verdict:
        """The worst of all measures' verdicts."""
        return worst(self.measures, self.undecided)

    def claim(self, name: str, says: str, seed: int, data: str, command: str) -> Claim:
        """A claim from what was found, and the circumstances that all claims of a card share."""
        return Claim(
            name=name,
            says=says,
            by_construction=name in BY_CONSTRUCTION,
            verdict=self.verdict,
            measures=self.measures,
            reason=self.reason,
            undecided=self.undecided,
            seed=seed,
            data=data,
            evaluators=self.evaluators,
            features=self.features,
            withheld=self.withheld,
            details=plain(self.details),
            command=command,
        )


def worst(measures: Sequence[Measure], undecided: str = "") -> Verdict:
    """The verdict on a claim from those on its measures; nothing was claimed without any.

    ``undecided``: why the measures decide nothing.
    """
    if undecided:
        return "cannot tell"
    verdicts = {measure.verdict for measure in measures}
    order: tuple[Verdict, ...] = ("fail", "cannot tell", "pass", "reported")
    return next((verdict for verdict in order if verdict in verdicts), "withheld")


def withhold(reason: str, **circumstances: Any) -> Findings:
    """Findings of a claim that is not made."""
    return Findings(reason=reason, **circumstances)


def measure(
    claim: str,
    name: str,
    value: float,
    interval: Sequence[float] | None = None,
    *,
    share: bool = False,
    samples: Mapping[str, int] | None = None,
) -> Measure:
    """A number with the threshold that the claim has for it, and its verdict.

    Args:
        claim, name: as in `THRESHOLDS`; what is not there is reported.
        value: nan where it is not defined.
        interval: 95 %.
        share: it lies between 0 and 1.
        samples: how many of what it rests on.
    """
    threshold = THRESHOLDS.get(claim, {}).get(name)
    ends = None if interval is None else (float(interval[0]), float(interval[1]))
    if ends is not None and not all(map(math.isfinite, ends)):
        ends = None
    return Measure(
        name=name,
        value=plain(float(value)),
        interval=ends,
        unit="share" if share else "number",
        relation=threshold.relation if threshold else None,
        threshold=threshold.value if threshold else None,
        verdict=judged(value, ends, threshold.relation, threshold.value)
        if threshold
        else "reported",
        samples=dict(samples or {}),
    )


def without_verdict(measures: Sequence[Measure], whose: str = "") -> Iterator[Measure]:
    """The same numbers, reported, with ``whose`` behind their names."""
    for each in measures:
        yield each.model_copy(
            update={
                "name": each.name + whose,
                "relation": None,
                "threshold": None,
                "verdict": "reported",
            }
        )


def judged(
    value: float | None, interval: Interval | None, relation: Relation, threshold: float
) -> Verdict:
    """pass where the whole interval is on the wanted side, fail where none of it is.

    Without an interval the value alone decides.

    >>> judged(0.93, (0.91, 0.95), "at least", 0.9), judged(0.93, (0.88, 0.95), "at least", 0.9)
    ('pass', 'cannot tell')
    >>> judged(0.0, None, "at most", 0.0), judged(0.0, None, "above", 0.0)
    ('pass', 'fail')
    """
    if value is None or not math.isfinite(value):
        return "cannot tell"
    low, high = (value, value) if interval is None else interval
    holds = {
        "at least": (low >= threshold, high >= threshold),
        "at most": (high <= threshold, low <= threshold),
        "above": (low > threshold, high > threshold),
    }
    surely, possibly = holds[relation]
    return "pass" if surely else "cannot tell" if possibly else "fail"
