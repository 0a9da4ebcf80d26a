"""Charts: curves of training, bars of reliance, the matrix of leakage. Colour-blind safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.report.picture import Captioned, Picture, data_uri

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from interpretable_gan.explain.global_importance import ModelExplanation

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Okabe and Ito's, which colour-blind people tell apart."""

DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
"""One for each colour, for print without any."""

BARS, LINES = 15, 6
"""Attributes in the chart of reliance, and in that of its history."""

CELL = 0.24
"""Inches of a matrix per attribute."""

DPI = 96
"""Pixels of the page per inch."""

Pairs = NDArray[np.float64]
"""(edited attribute, attribute)."""

CURVES = {
    "paired_accuracy": ("Real told from generated", "share of pairs", (0.0, 1.0)),
    "spread": ("Variety of generated images", "against real ones", (0.0, None)),
    "reading": ("Error of reading attributes", "lower is better", (0.0, None)),
    "obeying": ("Error of drawing what was asked", "lower is better", (0.0, None)),
    "residual_share": ("Decided without a name", "share of the decision", (0.0, 1.0)),
    "penalty": ("Steepness of the decision", "squared gradient", (0.0, None)),
}
"""What the log tells that a person can read something from: title, unit, ends of the axis."""


def training_curves(records: Sequence[Mapping[str, Any]]) -> list[Captioned]:
    """A small chart for each of `CURVES` that the log tells; none of a log of one record."""
    charts = []
    for name, (title, unit, (low, high)) in CURVES.items():
        told = [record for record in records if name in record]
        if len(told) < 2:
            continue
        images = np.array([record["images"] for record in told])
        values = np.array([record[name] for record in told], np.float64)
        figure, axes = paper(4.0, 2.3)
        axes.plot(images, values, color=COLOURS[0])
        axes.set_ylim(low, high if high is not None else max(1.05 * np.nanmax(values), 1e-9))
        axes.set_xlabel("real images seen")
        axes.set_ylabel(unit)
        _thousands(axes)
        alt = f"Curve: {title}, {unit}. From {values[0]:.3g} at first to {values[-1]:.3g} at last."
        charts.append(Captioned(svg(figure, alt), title))
    return charts


def reliance_bars(reliance: ModelExplanation) -> Picture:
    """Mean absolute contribution of the attributes that matter most, real beside generated."""
    names = reliance.strongest(count=BARS)[::-1]
    rows = [reliance.schema.names.index(name) for name in names]
    labels = [reliance.schema[name].label for name in names]
    figure, axes = paper(5.0, 0.9 + 0.34 * len(names))
    places = np.arange(len(names))
    for kind, shift, colour in (("real", 0.19, COLOURS[0]), ("generated", -0.19, COLOURS[1])):
        mean, ends = getattr(reliance, kind)[rows], getattr(reliance, f"{kind}_interval")[rows]
        reach = np.abs(ends.T - mean)
        axes.barh(
            places + shift, mean, 0.36, xerr=reach, color=colour, label=kind, ecolor="#444444"
        )
    axes.set_yticks(places, [worded(label) for label in labels])
    axes.set_xlabel("contribution, with 95 % interval")
    axes.legend(loc="lower right", frameon=False)
    told = ", ".join(
        f"{label} {reliance.real[row]:.2f}"
        for label, row in zip(labels[::-1], rows[::-1], strict=True)
    )
    return svg(figure, f"Bars of how much each attribute moves the score on real images: {told}.")


def reliance_history(reliance: ModelExplanation) -> Picture | None:
    """How reliance on the strongest attributes changed over training; None where the log does not
    tell."""
    history = reliance.history
    if history is None or len(history.images) < 2:
        return None
    names = reliance.strongest(count=LINES)
    figure, axes = paper(5.0, 3.2)
    for name, colour, dash in zip(names, COLOURS, DASHES, strict=False):
        values = history.importance[:, reliance.schema.names.index(name)]
        label = worded(reliance.schema[name].label)
        axes.plot(history.images, values, color=colour, linestyle=dash, label=label)
    axes.set_xlabel("real images seen")
    axes.set_ylabel("mean absolute contribution")
    axes.set_ylim(bottom=0)
    figure.legend(frameon=False, fontsize=9, ncols=3, loc="outside upper center")
    _thousands(axes)
    told = ", ".join(reliance.schema[name].label for name in names)
    return svg(figure, f"Curves of the reliance on {told} over training.")


def matrix(
    values: Pairs, labels: Sequence[str], most: float, marks: NDArray[np.bool_], unit: str
) -> Figure:
    """What edits change, as a heat map: a row for what was edited, a column for what changed.

    Small changes are what matters here, so colours follow the square root.

    Args:
        values: ``(edited, other)``, 0 or more; nan where there is none.
        most: the value that gets the strongest colour.
        marks: cells that get a cross, of the same shape.
        unit: of the values.
    """
    from matplotlib.colors import PowerNorm

    side = 1.9 + CELL * len(labels)
    figure, axes = paper(side + 0.9, side)
    axes.set_facecolor("#dddddd")
    shown = axes.imshow(values, cmap="cividis", norm=PowerNorm(0.5, vmin=0, vmax=most))
    rows, columns = np.nonzero(marks)
    axes.scatter(columns, rows, marker="x", color="white", s=70 * CELL, linewidths=1.2)
    ticks, texts = np.arange(len(labels)), [worded(label) for label in labels]
    axes.set_xticks(ticks, texts, rotation=90)
    axes.set_yticks(ticks, texts)
    axes.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes, shrink=0.7, label=unit)
    return figure


def leakage_maps(details: Mapping[str, Any], label: Mapping[str, str]) -> list[Captioned]:
    """What edits flip besides, and how often the same attributes differ together in the data; then
    what they move in the decision, where the card tells.

    Args:
        details: of the card's claim "no leakage".
        label: attribute → what to call it.
    """
    names = details["attributes"]
    labels = [label.get(name, name) for name in names]
    rate = 100 * _without_diagonal(details["rate"])
    expected = 100 * _without_diagonal(details["data"])
    marks, none = _marks(details["pairs_above"], names), np.zeros(rate.shape, bool)
    most = float(np.nanmax([*rate.ravel(), *expected.ravel(), 1.0]))
    said = f"mean {np.nanmean(rate):.1f}%, highest {np.nanmax(rate):.1f}%"
    return [
        Captioned(
            svg(
                matrix(rate, labels, most, marks, "% of successful edits"),
                f"Heat map of what else successful edits change, {len(names)} by {len(names)} "
                f"attributes: {said}. {int(marks.sum())} pairs are above their rate in the data.",
            ),
            "What edits change besides. A cross: more often than in the data. Grey: the attribute "
            "itself, or too few edits that succeed.",
        ),
        Captioned(
            svg(
                matrix(expected, labels, most, none, "% of pairs of images"),
                "Heat map of how often two images of the data that differ in one attribute differ "
                f"in another too: mean {np.nanmean(expected):.1f}%.",
            ),
            "The same among images of the data: what goes together anyway.",
        ),
        *_moved_map(details, labels),
    ]


def _moved_map(details: Mapping[str, Any], labels: Sequence[str]) -> list[Captioned]:
    """How far edits move each attribute's contribution to the score; nothing of a card that does
    not tell."""
    moved = np.array(details.get("contributions_moved", ()), np.float64)
    if np.isnan(moved).all():
        return []
    marks = _marks(details.get("pairs_above_in_decision", ()), details["attributes"])
    own = float(np.nanmean(np.diag(moved)))
    others = float(np.nanmean(moved[~np.eye(len(moved), dtype=bool)]))
    return [
        Captioned(
            svg(
                matrix(moved, labels, float(np.nanmax(moved)), marks, "mean change of the score"),
                f"Heat map of how far successful edits move the contribution of each attribute: "
                f"on average {own:.2g} of the edited one and {others:.2g} of another. "
                f"Pairs that move more than between real images: {int(marks.sum())}.",
            ),
            "What edits move in the judge's score, of the attribute itself (the diagonal) and of "
            "others. A cross: more than between real images that differ in the attribute. Grey: "
            "too few edits that succeed.",
        )
    ]


def _marks(pairs: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Pairs such as ``hat → beard`` as cells."""
    marks = np.zeros((len(names), len(names)), bool)
    for pair in pairs:
        edited, _, other = pair.partition(" → ")
        marks[names.index(edited), names.index(other)] = True
    return marks


def _without_diagonal(rows: Sequence[Sequence[float | None]]) -> Pairs:
    values = np.array(rows, np.float64)
    np.fill_diagonal(values, np.nan)
    return values


def paper(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty chart, in inches; nothing global is touched."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _thousands(axes: Axes) -> None:
    from matplotlib.ticker import EngFormatter, MaxNLocator

    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.xaxis.set_major_locator(MaxNLocator(5))


def worded(label: str) -> str:
    """A name as text: a dollar sign starts no formula."""
    return label.replace("$", r"\$")


def svg(figure: Figure, alt: str) -> Picture:
    """The same chart is the same bytes, today and tomorrow."""
    import matplotlib

    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "igan"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    width, height = (round(DPI * side) for side in figure.get_size_inches())
    return Picture(data_uri(buffer.getvalue(), "image/svg+xml"), alt, width, height)
