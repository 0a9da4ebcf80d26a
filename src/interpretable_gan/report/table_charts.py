"""Charts of a table's report: shape functions, and bars of what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from interpretable_gan.explain.head_shapes import Piece
from interpretable_gan.report.charts import COLOURS, paper, svg, worded
from interpretable_gan.report.picture import Picture

LONG = 28
"""Letters of a level beside its bar."""


def shape_chart(name: str, pieces: Sequence[Piece], unit: str = "") -> Picture:
    """A column's shape function with its 95 % intervals: steps of numbers, bars of levels."""
    if np.isnan(pieces[0].low):
        return _bars(name, pieces)
    known = [piece for piece in pieces if not np.isnan(piece.low)]
    missing = [piece for piece in pieces if np.isnan(piece.low)]
    figure, axes = paper(4.4, 2.6)
    edges = [piece.low for piece in known] + [known[-1].high]
    lows, highs = (np.array([piece.interval[end] for piece in known]) for end in (0, 1))
    axes.stairs(highs, edges, baseline=lows, fill=True, color=COLOURS[4], alpha=0.35)
    axes.stairs([piece.value for piece in known], edges, baseline=None, color=COLOURS[0])
    axes.axhline(0, color="#888888", linewidth=0.8)
    for piece in missing:
        axes.axhline(piece.value, color=COLOURS[5], linestyle=":", linewidth=1.2)
        axes.text(edges[-1], piece.value, "not known", ha="right", va="bottom", fontsize=8)
    axes.set_xlabel(worded(f"{name} {unit}".strip()))
    axes.set_ylabel("points")
    first, last = known[0], known[-1]
    return svg(
        figure,
        f"Curve of the points that {name} adds: {first.value:+.2f} at {first.label} to "
        f"{last.value:+.2f} at {last.label}.",
    )


def _bars(name: str, pieces: Sequence[Piece]) -> Picture:
    """Points of each level, with intervals."""
    order = sorted(pieces, key=lambda piece: piece.value)
    figure, axes = paper(4.4, 0.9 + 0.28 * len(order))
    values = np.array([piece.value for piece in order])
    reach = np.array([piece.interval[1] - piece.value for piece in order])
    places = np.arange(len(order))
    axes.barh(places, values, 0.7, xerr=reach, color=COLOURS[0], ecolor="#444444")
    axes.set_yticks(places, [worded(_short(piece.label)) for piece in order])
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.set_xlabel("points")
    told = ", ".join(f"{piece.label} {piece.value:+.2f}" for piece in reversed(order))
    return svg(figure, f"Bars of the points that {name} adds: {told}.")


def importance_chart(importance: Mapping[str, float], names: Sequence[str]) -> Picture:
    """Bars of how much the score moves by each column and pair, the strongest first."""
    figure, axes = paper(6.0, 0.8 + 0.3 * len(names))
    places = np.arange(len(names))[::-1]
    axes.barh(places, [importance[name] for name in names], 0.7, color=COLOURS[0])
    axes.set_yticks(places, [worded(_short(name, 2 * LONG)) for name in names])
    axes.set_xlabel("mean change of the score, in points")
    told = ", ".join(f"{name} {importance[name]:.2f}" for name in names)
    return svg(figure, f"Bars of how much each column and pair moves the score: {told}.")


def _short(text: str, most: int = LONG) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
