"""One self-contained page on a run: everything gathered, then the template filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import interpretable_gan
from interpretable_gan.audit.auditing import check_fit
from interpretable_gan.audit.card import FILE, Card
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.calibration import Calibration, calibrate
from interpretable_gan.explain.global_importance import ModelExplanation, explain_model
from interpretable_gan.modalities.pictures import to_pixels
from interpretable_gan.models.base import sample
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.report import charts
from interpretable_gan.report.claims import Measured, briefly, every_claim, open_claims
from interpretable_gan.report.decisions import MAPS, PANELS, Panel, decision_panels
from interpretable_gan.report.environment import environment
from interpretable_gan.report.extra import need_charts
from interpretable_gan.report.parts import AttributePart, discovered_part, named_part
from interpretable_gan.report.picture import Picture, Press
from interpretable_gan.report.summary import summary
from interpretable_gan.training.run import Run

HELD_OUT = 1000
"""Most held-out images that a report looks at."""

SHOWN = 24
"""Discovered attributes that are shown; those the judge relies on most where there are more."""

ENOUGH = 100
"""With fewer held-out images, training images join them."""

GRID = (6, 8)
"""Rows and columns of samples."""


def report(
    run: Run,
    data: Dataset,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> str:
    """A run on one page of HTML that needs no network, no script and nothing beside it.

    Args:
        run: trained; its card is told where there is one.
        data: what it was trained on, with the rows that were held out.
        seed: of samples.
        progress: told how much of the page is made.

    Raises:
        DataError: the data have another schema or image size than the run.
        RunError: a damaged card, config or checkpoint.
        MissingExtraError: the charts need matplotlib.
    """
    need_charts()
    card = Card.load(run.path) if (run.path / FILE).is_file() else None
    measured = Measured(card)
    model = run.model(taught=False)
    check_fit(model, data)
    study = _Study(run, model, data, measured, seed, progress)
    return environment().get_template("page.html").render(study.gathered())


@dataclass(frozen=True)
class _Study:
    """A run under study; what the page needs is made piece by piece."""

    run: Run
    model: ImageModel
    data: Dataset
    measured: Measured
    seed: int
    progress: Progress

    def gathered(self) -> dict[str, Any]:
        """Everything that the template names."""
        run, records = self.run, self.run.log()
        self._tell("looking at what the judge relies on", 0)
        why = self.model.no_discriminator
        words = summary(run, self.measured, self.reliance, self.data.name, why)
        attributes, discovered = self._attributes(), self._discovered()
        panels = self._panels()
        self._tell("writing", self._steps)
        return {
            "name": run.path.resolve().name,
            "run": run.path,
            "version": interpretable_gan.__version__,
            "data": self.data,
            "schema": run.schema,
            "settings": run.config.model_dump(mode="json"),
            "summary": words,
            "calibration": self.calibration,
            "samples": self._samples(),
            "attributes": attributes,
            "discovered": discovered,
            "hidden": [run.schema[name].label for name in self.ranked[SHOWN:]],
            "panels": panels,
            "looked_at": len(self.rows),
            "only_held_out": len(self.held_out) >= ENOUGH,
            "reliance": self.reliance,
            "no_discriminator": self.model.no_discriminator,
            "curves": charts.training_curves(records),
            "notes": run.notes(),
            "started": records[0] if records else {},
            "ended": records[-1] if records else {},
            **self._charts_of_reliance(),
            **self._claims(),
        }

    @cached_property
    def held_out(self) -> NDArray[np.int64]:
        """Rows that training did not see."""
        return np.concatenate([self.data.rows("validation"), self.data.rows("test")])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The rows that are looked at, in random order."""
        luck = np.random.default_rng([self.seed, 7])
        rows = luck.permutation(self.held_out)
        if len(rows) < ENOUGH:
            rows = np.concatenate([rows, luck.permutation(self.data.rows("train"))])
        return rows[:HELD_OUT]

    @cached_property
    def reliance(self) -> ModelExplanation | None:
        """What the discriminator relies on; None where there is none, or a black box."""
        if self.model.no_discriminator or not self.model.explains:
            return None
        log = self.run.log()
        return explain_model(
            self.model, self.data, rows=self.rows, log=log, seed=self.seed, progress=self.progress
        )

    @cached_property
    def calibration(self) -> Calibration | None:
        """How far the encoder's probabilities are off; None where nothing was held out."""
        if not len(self.held_out):
            return None
        return calibrate(self.model, self.data, progress=self.progress)

    @cached_property
    def ranked(self) -> list[str]:
        """Discovered attributes, those that the judge relies on most first."""
        names = [attribute.name for attribute in self.run.schema.discovered]
        if self.reliance is None:
            return names
        return [each for each in self.reliance.strongest(count=10_000) if each in names]

    @cached_property
    def press(self) -> Press:
        """Shares the room on the page between all its images."""
        named, found = len(self.run.schema.named), min(len(self.ranked), SHOWN)
        return Press.of(1 + 2 * named + 3 * found + PANELS * (MAPS + 2))

    @property
    def _steps(self) -> int:
        shown = min(len(self.run.schema.discovered), SHOWN)
        return 2 + len(self.run.schema.named) + shown

    def _tell(self, what: str, done: int) -> None:
        self.progress(Status(done, self._steps, what))

    def _samples(self) -> Picture:
        rows, columns = GRID
        pixels = to_pixels(sample(self.model, rows * columns, seed=self.seed))
        grid = pixels.reshape(rows, columns, *pixels.shape[1:])
        return self.press.print(list(grid), f"{rows * columns} generated images.")

    def _attributes(self) -> list[AttributePart]:
        parts = []
        for number, attribute in enumerate(self.run.schema.named, 1):
            self._tell("drawing attributes", number)
            parts.append(
                named_part(
                    self.model,
                    attribute.name,
                    self.measured,
                    self.calibration,
                    self.press,
                    self.seed,
                )
            )
        return parts

    def _discovered(self) -> list[AttributePart]:
        parts = []
        for number, name in enumerate(self.ranked[:SHOWN], 1 + len(self.run.schema.named)):
            self._tell("drawing discovered attributes", number)
            parts.append(
                discovered_part(self.model, self.data, name, self.rows, self.press, self.seed)
            )
        return parts

    def _panels(self) -> list[Panel]:
        if self.reliance is None:
            return []
        self._tell("explaining decisions", self._steps - 1)
        return decision_panels(self.model, self.data, self.rows, self.press, self.seed)

    def _charts_of_reliance(self) -> dict[str, Picture | None]:
        told = self.reliance
        return {
            "reliance_bars": charts.reliance_bars(told) if told else None,
            "reliance_history": charts.reliance_history(told) if told else None,
        }

    def _claims(self) -> dict[str, Any]:
        """The card, in words and as a table, and the matrix of its leakage."""
        card = self.measured.card
        if card is None:
            return {"card": None, "stale": [], "leakage": "", "leakage_maps": []}
        label = {each.name: each.label for each in self.run.schema.attributes}
        leakage = card["no leakage"]
        return {
            "card": card,
            "stale": self._stale(card),
            "open_claims": open_claims(card),
            "claims": every_claim(card),
            "leakage": briefly(leakage),
            "pairs_above": leakage.details.get("pairs_above", []),
            "pairs_above_as_read": leakage.details.get("pairs_above_as_read"),
            "leakage_maps": charts.leakage_maps(leakage.details, label) if leakage.details else [],
        }

    def _stale(self, card: Card) -> list[str]:
        """Why the card may speak of another model or other data."""
        said = []
        if card.model != fingerprint(self.model):
            said.append("The card was made of other weights than the run has now.")
        if card.data.checksum != self.data.checksum:
            said.append("The card was made on other data than this report.")
        return said
