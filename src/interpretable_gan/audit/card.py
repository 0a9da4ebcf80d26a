"""The card of a model: all claims with the circumstances under which they were measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from interpretable_gan.atomic import CHECKSUM, read_json, write_json
from interpretable_gan.audit.claims.base import Claim, Frozen, Measure, Verdict
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.errors import RunError
from interpretable_gan.metrics.result import data_frame

FILE = "card.json"
FORMAT = 2


class Data(Frozen):
    """The data set behind the claims: how many rows and how many groups each split has.

    ``groups`` is None where the data has none; then every row stands for itself.
    """

    name: str
    checksum: str
    rows: dict[str, int]
    groups: dict[str, int] | None = None


class JudgeRecord(Frozen):
    """A judge: what it is, and how well it reads.

    architecture: empty of a judge that somebody else made. accuracy: share read right on test rows,
    mean over attributes; balanced_accuracy: per attribute, the mean over its values. readable:
    attributes of which claims may be made. unmeasured: why nothing is known of how well it reads.
    """

    name: str
    architecture: str
    checksum: str
    accuracy: float | None
    balanced_accuracy: dict[str, float | None]
    readable: tuple[str, ...]
    unmeasured: str = ""


class Apart(Frozen):
    """Headline figures of a further split that the data names, without a verdict."""

    split: str
    images: int
    groups: int | None
    measures: tuple[Measure, ...]


class Card(Frozen):
    """Everything `igan audit` found out about a model, as it stands in ``RUN/card.json``.

    model: SHA-256 of the weights the claims are about. evaluators: trained on a part of the data
    that nothing else learns from; the first one judges. judges: those that somebody else made.
    features: the network whose features distances between sets of images use. sizes: how much was
    measured. apart: further splits. caution: how far intervals can be trusted, where there are few
    groups. by: the command that made it, with which ``command`` makes it again.
    """

    format: Literal[2] = 2
    model: str
    attributes: tuple[str, ...]
    data: Data
    evaluators: tuple[JudgeRecord, ...]
    judges: tuple[JudgeRecord, ...] = ()
    features: dict[str, Any]
    sizes: Sizes
    seed: int
    claims: tuple[Claim, ...]
    apart: tuple[Apart, ...] = ()
    caution: str = ""
    by: str = ""
    command: str
    created: str
    seconds: float
    machine: dict[str, Any]
    versions: dict[str, str]

    def __getitem__(self, name: str) -> Claim:
        """The claim of that name.

        Raises:
            KeyError: the card makes no such claim.
        """
        for claim in self.claims:
            if claim.name == name:
                return claim
        raise KeyError(name)

    def with_verdict(self, *verdicts: Verdict) -> tuple[Claim, ...]:
        """The claims that came out in one of these ways."""
        return tuple(claim for claim in self.claims if claim.verdict in verdicts)

    @property
    def holds(self) -> bool:
        """Whether every claim of which something is required holds."""
        return not self.with_verdict("fail", "cannot tell", "withheld")

    def sentence(self) -> str:
        """How many claims hold and which do not, leaving out what holds by construction."""
        required = [
            claim
            for claim in self.claims
            if claim.verdict != "reported" and not claim.by_construction
        ]
        held = [claim for claim in required if claim.verdict == "pass"]
        parts = [f"{len(held)} of {len(required)} claims hold"]
        words: dict[Verdict, str] = {
            "fail": "fail",
            "cannot tell": "undecided",
            "withheld": "withheld",
        }
        for verdict, said in words.items():
            found = [claim.name for claim in required if claim.verdict == verdict]
            if found:
                parts.append(f"{len(found)} {said} ({', '.join(found)})")
        return ", ".join(parts) + "." + self._by_construction()

    def _by_construction(self) -> str:
        """What of that which holds by construction does not: then the code is wrong."""
        broken = [c.name for c in self.claims if c.by_construction and c.verdict == "fail"]
        return f" Broken, though it holds by construction: {', '.join(broken)}." if broken else ""

    def sentences(self) -> list[str]:
        """Every claim in plain words, in order."""
        return [claim.sentence() for claim in self.claims]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per measure; a withheld claim has one row without a number."""
        return [row for claim in self.claims for row in _rows(claim)]

    def to_frame(self) -> Any:
        """The rows as a pandas data frame.

        Raises:
            MissingExtraError: pandas is not installed; `to_rows` works without.
        """
        return data_frame(self.to_rows())

    def to_json(self) -> str:
        """The card as JSON, as docs/card.schema.json describes it."""
        return self.model_dump_json(indent=1)

    def save(self, path: Path | str) -> None:
        """Write the card, whole or not at all."""
        write_json(Path(path), json.loads(self.to_json()))

    @classmethod
    def load(cls, path: Path | str) -> Card:
        """Read what `save` wrote; ``path`` is the file, or the run folder that holds it.

        Raises:
            RunError: there is none, it is damaged, or another version wrote it.
        """
        path = Path(path)
        path = path / FILE if path.is_dir() else path
        again = f"make it again: igan audit {path.parent} --force"
        try:
            fields = read_json(path)
        except FileNotFoundError:
            raise RunError(f"{path.parent} has no card: igan audit {path.parent}") from None
        except (OSError, ValueError) as error:
            raise RunError(f"{path} is damaged ({_first_line(error)}); {again}") from None
        if not isinstance(fields, dict) or "format" not in fields:
            raise RunError(f"{path} is no card; {again}")
        if fields["format"] != FORMAT:
            raise RunError(
                f"{path} is a card of format {fields['format']!r}, and this version reads format "
                f"{FORMAT}; {again}"
            )
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise RunError(f"{path} is damaged ({where}: {first['msg']}); {again}") from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``card.json``, kept in docs/card.schema.json."""
    schema = Card.model_json_schema(mode="serialization")
    schema["properties"][CHECKSUM] = {"title": "Checksum of all else in a file", "type": "string"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _rows(claim: Claim) -> Sequence[dict[str, Any]]:
    about = {
        "claim": claim.name,
        "claim_verdict": claim.verdict,
        "by_construction": claim.by_construction,
    }
    if not claim.measures:
        empty = dict.fromkeys(
            ("measure", "value", "low", "high", "relation", "threshold", "groups")
        )
        return [about | empty | {"verdict": claim.verdict, "samples": 0}]
    return [
        about
        | {
            "measure": measure.name,
            "value": measure.value,
            "low": measure.interval[0] if measure.interval else None,
            "high": measure.interval[1] if measure.interval else None,
            "relation": measure.relation,
            "threshold": measure.threshold,
            "verdict": claim.verdict if claim.undecided else measure.verdict,
            "samples": sum(n for what, n in measure.samples.items() if what != "groups"),
            "groups": measure.samples.get("groups"),
        }
        for measure in claim.measures
    ]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
