"""One self-contained page on a run: everything gathered, then the template filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

import interpretable_gan
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError
from interpretable_gan.evaluate.card.audit import check_fit, weights_checksum
from interpretable_gan.evaluate.card.card import FILE, Card
from interpretable_gan.explain.global_importance import ModelExplanation, explain_model
from interpretable_gan.model import InterpretableGAN
from interpretable_gan.pictures import to_pixels
from interpretable_gan.report import charts
from interpretable_gan.report.claims import Measured, every_claim, open_claims
from interpretable_gan.report.decisions import MAPS, PANELS, Panel, decision_panels
from interpretable_gan.report.parts import AttributePart, discovered_part, named_part
from interpretable_gan.report.picture import Press
from interpretable_gan.report.summary import summary
from interpretable_gan.run import Run

HELD_OUT = 1000
"""Most held-out images that a report looks at."""

SHOWN = 24
"""Discovered attributes that are shown; the strongest where there are more."""

GRID = (6, 8)
"""Rows and columns of samples."""

TEMPLATE = "page.html"

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it, of how much)."""


def silent(what: str, done: int, of: int) -> None:
    """Nobody wants to know."""


def report(
    run: Run,
    data: Dataset,
    *,
    check: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> str:
    """A run on one page of HTML that needs no network, no script and nothing beside it.

    Args:
        run: trained; its card is told where there is one.
        data: what it was trained on, with the rows that were held out.
        check: what `igan check` found, told where there is no card.
        seed: of samples.
        progress: called with (what is being done, how much of it, of how much).

    Raises:
        DataError: the data have another schema or image size than the run.
        RunError: a damaged card, log or checkpoint.
        MissingExtraError: the charts need matplotlib.
    """
    charts.need_charts()
    measured = Measured(Card.load(run.path) if (run.path / FILE).is_file() else None, check)
    model = run.model()
    check_fit(model, data)
    rows = held_out(data, seed)
    work = _Work(run, model, data, rows, measured, seed, progress)
    template = _environment().get_template(TEMPLATE)
    return template.render(work.gathered())


def held_out(data: Dataset, seed: int) -> NDArray[np.int64]:
    """Rows that training did not see, in random order, `HELD_OUT` at most; training rows where
    none were held out."""
    rng = np.random.default_rng([seed, 7])
    rows = np.concatenate([data.rows("validation"), data.rows("test")])
    return rng.permutation(rows if len(rows) > 1 else data.rows("train"))[:HELD_OUT]


@dataclass(frozen=True)
class _Work:
    """All that a page is made of, made step by step."""

    run: Run
    model: InterpretableGAN
    data: Dataset
    rows: NDArray[np.int64]
    measured: Measured
    seed: int
    progress: Progress

    def gathered(self) -> dict[str, Any]:
        """What the template needs, by name."""
        run, card = self.run, self.measured.card
        self._tell("looking at what the judge relies on", 0)
        reliance = self._reliance()
        label = {each.name: each.label for each in run.schema.attributes}
        leakage = card["no leakage"] if card is not None else None
        records = run.log()
        attributes, found = self._attributes(), self._discovered(reliance)
        return {
            "name": run.path.resolve().name,
            "run": run,
            "version": interpretable_gan.__version__,
            "summary": summary(run, self.measured, reliance, self.data.name),
            "card": card,
            "stale": self._stale(card),
            "open_claims": open_claims(card) if card else [],
            "claims": every_claim(card) if card else [],
            "check": self.measured.check,
            "samples": self._samples(),
            "attributes": attributes,
            "discovered": found,
            "hidden": [each.label for each in run.schema.discovered][len(found) :]
            if reliance is None
            else self._hidden(reliance),
            "panels": self._panels(reliance),
            "judged": len(self.rows),
            "reliance": reliance,
            "reliance_bars": charts.reliance_bars(reliance) if reliance else None,
            "reliance_history": charts.reliance_history(reliance) if reliance else None,
            "leakage": leakage,
            "leakage_maps": charts.leakage_maps(leakage.details, label)
            if leakage is not None and leakage.details
            else [],
            "curves": charts.training_curves(records),
            "notes": run.notes(),
            "started": records[0] if records else {},
            "ended": records[-1] if records else {},
            "settings": run.config.model_dump(mode="json"),
        }

    @property
    def _shown(self) -> int:
        return min(len(self.run.schema.discovered), SHOWN)

    @property
    def _press(self) -> Press:
        named = len(self.run.schema.named)
        return Press.of(1 + 2 * named + 3 * self._shown + PANELS * (MAPS + 2))

    def _tell(self, what: str, done: int) -> None:
        self.progress(what, done, 3 + len(self.run.schema.named) + self._shown)

    def _reliance(self) -> ModelExplanation | None:
        """What the discriminator relies on; None where it is the black-box twin."""
        try:
            return explain_model(
                self.model, self.data, rows=self.rows, log=self.run.log(), seed=self.seed
            )
        except ConfigError:
            return None

    def _attributes(self) -> list[AttributePart]:
        parts = []
        for number, attribute in enumerate(self.run.schema.named):
            self._tell(f"drawing {attribute.label}", 1 + number)
            parts.append(
                named_part(self.model, attribute.name, self.measured, self._press, self.seed)
            )
        return parts

    def _discovered(self, reliance: ModelExplanation | None) -> list[AttributePart]:
        parts, before = [], 1 + len(self.run.schema.named)
        for number, name in enumerate(self._ranked(reliance)[: self._shown]):
            self._tell(f"drawing {name}", before + number)
            parts.append(
                discovered_part(self.model, self.data, name, self.rows, self._press, self.seed)
            )
        return parts

    def _ranked(self, reliance: ModelExplanation | None) -> list[str]:
        """Discovered attributes, those that the judge relies on most first."""
        names = [each.name for each in self.run.schema.discovered]
        if reliance is None:
            return names
        return [name for name in reliance.strongest(count=len(label_of(reliance))) if name in names]

    def _hidden(self, reliance: ModelExplanation) -> list[str]:
        return [self.run.schema[name].label for name in self._ranked(reliance)[self._shown :]]

    def _samples(self) -> Any:
        rows, columns = GRID
        pixels = to_pixels(self.model.sample(rows * columns, seed=self.seed))
        grid = pixels.reshape(rows, columns, *pixels.shape[1:])
        return self._press.print(list(grid), f"{rows * columns} generated images.")

    def _panels(self, reliance: ModelExplanation | None) -> list[Panel]:
        total = 3 + len(self.run.schema.named) + self._shown
        self._tell("explaining decisions", total - 2)
        panels = (
            decision_panels(self.model, self.data, self.rows, self._press, self.seed)
            if reliance
            else []
        )
        self._tell("writing", total)
        return panels

    def _stale(self, card: Card | None) -> list[str]:
        """Why the card may say something of another model or other data."""
        if card is None:
            return []
        said = []
        if card.model != weights_checksum(self.model):
            said.append("The card was made of other weights than the run has now.")
        if card.data.checksum != self.data.checksum:
            said.append("The card was made on other data than this report.")
        return said


def label_of(reliance: ModelExplanation) -> tuple[str, ...]:
    """Every attribute's name."""
    return reliance.schema.names


def _environment() -> Environment:
    """Names from schemas and tables are never taken for HTML."""
    return Environment(
        loader=PackageLoader("interpretable_gan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
