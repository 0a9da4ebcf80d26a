"""One self-contained page on a recommender, for people who were not there."""

from __future__ import annotations

from typing import Any

import numpy as np

import interpretable_gan
from interpretable_gan.audit.card import FILE, Card
from interpretable_gan.data.interactions import Interactions
from interpretable_gan.explain.list_changes import change_of_list
from interpretable_gan.explain.suggestion import explain_suggestion
from interpretable_gan.explain.taste import explain_taste
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.shares import real_and_fake, shares
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.report.environment import environment
from interpretable_gan.report.extra import need_charts
from interpretable_gan.report.table_charts import importance_chart
from interpretable_gan.training.recommend import everything_before_now
from interpretable_gan.training.run import Run

USERS, LISTED, TASTES, BARS = 3, 5, 6, 15
"""Users whose lists are shown, items of each, tastes that are told, bars of what counts."""

STEPS = 4


def recommend_report(run: Run, data: Interactions, *, progress: Progress = silent) -> str:
    """A recommender on one page of HTML that needs no network, no script and nothing beside it.

    Args:
        run: of a recommender.
        data: what it was trained on.
        progress: told how much of the page is made.

    Raises:
        RunError: a damaged run.
        MissingExtraError: the charts need matplotlib.
    """
    need_charts()
    model, record = run.model("cpu"), run.log()[0]
    progress(Status(0, STEPS, "looking at what counts"))
    people = everything_before_now(model, data)
    counts = _counts(model, data)
    progress(Status(1, STEPS, "explaining lists"))
    lists = _lists(model, data, people)
    progress(Status(2, STEPS, "asking for more and less"))
    wishes = _wishes(model, people)
    progress(Status(3, STEPS, "telling tastes"))
    tastes = [explain_taste(model, people, name) for name in model.tastes[:TASTES]]
    told = {
        "run": run.path,
        "name": run.path.resolve().name,
        "version": interpretable_gan.__version__,
        "data": data,
        "schema": run.schema,
        "settings": run.config.model_dump(mode="json"),
        "record": record,
        "lists": lists,
        "wishes": wishes,
        "tastes": tastes,
        "card": Card.load(run.path) if (run.path / FILE).exists() else None,
        **counts,
    }
    page = environment().get_template("recommend.html").render(told)
    progress(Status(STEPS, STEPS, "writing"))
    return page


def _counts(model: Recommender, data: Interactions) -> dict[str, Any]:
    """What tells liked items from generated ones: shares, and bars of rows."""
    if not len(data.rows("test")) or not data.liked[data.rows("test")].any():
        return {"shares": None, "importance": None}
    gaps = real_and_fake(model, data, "test").gaps
    rows = gaps.by_row("named", "discovered", "residual")
    label = {each.name: each.label for each in model.schema.attributes}
    sizes = {label.get(row, row): float(each.abs().mean()) for row, each in rows.items()}
    names = sorted(sizes, key=lambda name: -sizes[name])[:BARS]
    return {"shares": shares(gaps), "importance": importance_chart(sizes, names)}


def _lists(model: Recommender, data: Interactions, people: People) -> list[dict[str, Any]]:
    """Lists of users with short, usual and long histories, with reasons."""
    sizes = np.diff(people.history.indptr)
    order = np.argsort(sizes, kind="stable")
    chosen = order[(np.linspace(0.05, 0.95, USERS) * (len(order) - 1)).astype(int)]
    told = []
    for user in dict.fromkeys(chosen.tolist()):
        one = people.at(slice(user, user + 1))
        items = [each for each in model.recommend(one, LISTED).items[0].tolist() if each >= 0]
        explained = [explain_suggestion(model, one, item) for item in items]
        change = change_of_list(model, one, items[0]).sentence() if items else ""
        told.append(
            {
                "user": data.people.ids[user],
                "history": int(sizes[user]),
                "reasons": [each.reasons() for each in explained],
                "change": change,
            }
        )
    return told


def _wishes(model: Recommender, people: People, most: int = 300) -> list[dict[str, Any]]:
    """How the mix of lists answers to one standard deviation more of each attribute."""
    some = people.at(slice(0, most))
    cells = np.nan_to_num(model.catalog.cells)
    before = model.recommend(some, 10).items
    told = []
    for number, attribute in enumerate(model.item_attributes):
        if attribute.kind != "binary":
            continue
        after = model.recommend(some, 10, Wish({attribute.name: 1.0})).items
        shown = [
            np.where(lists >= 0, cells[np.maximum(lists, 0), number], 0).mean()
            for lists in (before, after)
        ]
        told.append({"name": attribute.name, "before": shown[0], "after": shown[1]})
    return told
