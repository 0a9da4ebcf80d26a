"""One self-contained page on a run of a table, for people who were not there."""

from __future__ import annotations

from typing import Any

import numpy as np

import interpretable_gan
from interpretable_gan.audit.card import FILE, Card
from interpretable_gan.data.tables import TableData
from interpretable_gan.explain.head_shapes import HeadExplanation, explain_head
from interpretable_gan.explain.row_changes import explain_changes
from interpretable_gan.explain.rows import explain_rows
from interpretable_gan.models.tables.leaks import leaks
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.subgroups import subgroups
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.report.environment import environment
from interpretable_gan.report.extra import need_charts
from interpretable_gan.report.picture import Picture, data_uri
from interpretable_gan.report.table_charts import importance_chart, shape_chart
from interpretable_gan.report.table_checks import checks
from interpretable_gan.training.run import Run

SHAPES = 24
"""Columns whose shape is drawn, those that count most."""

BARS = 15
"""Columns and pairs in the chart of what counts."""

EXAMPLES = 3
"""Decisions that are told in full."""

STEPS = 4


def table_report(run: Run, data: TableData, *, progress: Progress = silent) -> str:
    """A run of a table on one page of HTML that needs no network, no script and nothing beside it.

    Args:
        run: of a table.
        data: what it was trained on.
        progress: told how much of the page is made.

    Raises:
        RunError: a damaged run.
        MissingExtraError: the charts need matplotlib.
    """
    need_charts()
    model, record = run.model("cpu"), run.log()[0]
    progress(Status(0, STEPS, "looking at what counts"))
    parts: dict[str, Any] = {"head": None, "examples": [], "groups": [], "shapes": [], "leaks": []}
    if data.schema.target is not None:
        found = explain_head(model, data)
        parts |= {"head": found, **_charts(found)}
        progress(Status(1, STEPS, "explaining decisions"))
        parts["examples"] = _examples(model, data)
        progress(Status(2, STEPS, "comparing groups"))
        parts["groups"] = subgroups(model, data)
        parts["leaks"] = leaks(data)
    progress(Status(3, STEPS, "drawing rows"))
    told = {
        "run": run.path,
        "name": run.path.resolve().name,
        "version": interpretable_gan.__version__,
        "data": data,
        "schema": run.schema,
        "settings": run.config.model_dump(mode="json"),
        "record": record,
        "unused": [a.name for a in run.schema.named if a.effect == "none"],
        "means": _means(model, data),
        "checks": checks(model, data),
        "card": Card.load(run.path) if (run.path / FILE).exists() else None,
        **parts,
    }
    page = environment().get_template("table.html").render(told)
    progress(Status(STEPS, STEPS, "writing"))
    return page


def _charts(found: HeadExplanation) -> dict[str, Any]:
    """What counts, and the shape of the columns that count most."""
    columns = sorted(found.shapes, key=lambda name: -found.importance[name])
    return {
        "importance": importance_chart(found.importance, found.strongest(BARS)),
        "shapes": [
            (name, shape_chart(name, found.shapes[name], found.schema[name].unit))
            for name in columns[:SHAPES]
        ],
        "hidden": columns[SHAPES:],
    }


def _examples(model: TableModel, data: TableData) -> list[dict[str, Any]]:
    """Test rows that are not approved, evenly from those that just miss to those that miss most;
    of a number, rows from the lowest to the highest."""
    rows = data.cells[data.rows("test")]
    if not len(rows):
        return []
    explained = explain_rows(model, rows)
    chosen = np.flatnonzero(~explained.approved)
    chosen = chosen if len(chosen) else np.arange(len(rows))
    order = chosen[np.argsort(-explained.predicted[chosen], kind="stable")]
    places = np.linspace(0, len(order) - 1, min(EXAMPLES, len(order))).round().astype(int)
    told = []
    for row in order[places].tolist():
        picture = explained.plot(row)
        changes = ""
        if explained.link == "logit":
            changes = explain_changes(model, rows[row][None], data).sentence()
        told.append(
            {
                "title": f"Row {int(data.rows('test')[row]) + 1} of the table",
                "sentence": explained.sentence(row),
                "bars": _picture(picture, explained.sentence(row)),
                "reasons": explained.reasons(row),
                "changes": changes,
            }
        )
    return told


def _picture(image: Any, alt: str) -> Picture:
    """A drawn picture inside the page."""
    from io import BytesIO

    buffer = BytesIO()
    image.save(buffer, format="png", optimize=True)
    return Picture(data_uri(buffer.getvalue(), "image/png"), alt, image.width, image.height)


def _means(model: TableModel, data: TableData) -> list[dict[str, Any]]:
    """Each column of training rows beside as many drawn ones: what a person would look at first."""
    from interpretable_gan.schema.cells import write_cell

    real = data.cells[data.rows("train")]
    drawn = model.sampler.draw(min(len(real), 10_000), seed=1).cells
    told = []
    for number, attribute in enumerate(data.schema.named):
        sides = []
        for cells in (real[:, number], drawn[:, number]):
            known = cells[~np.isnan(cells)]
            missing = 1 - len(known) / len(cells)
            if not len(known):
                said = ""
            elif attribute.kind == "continuous":
                quantiles = np.quantile(known, (0.05, 0.5, 0.95), method="lower")
                said = " · ".join(write_cell(attribute, float(each)) for each in quantiles)
            else:
                values, counts = np.unique(known, return_counts=True)
                order = (-counts).argsort(kind="stable")[:3]
                said = ", ".join(
                    f"{write_cell(attribute, float(values[k]))} {counts[k] / len(known):.0%}"
                    for k in order
                )
            sides.append(said + (f" (not known {missing:.1%})" if missing else ""))
        told.append({"name": attribute.name, "real": sides[0], "drawn": sides[1]})
    return told
