"""A run of a recommender: fitted at once, kept in a folder as any other run is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.atomic import read_json
from interpretable_gan.data.histories import Histories, read_histories
from interpretable_gan.data.interactions import (
    Interactions,
    InteractionSource,
    open_interactions,
)
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.metrics.ranking import ndcg, recall
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.fit import fit_recommender
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.shares import people_before
from interpretable_gan.progress import Progress, silent
from interpretable_gan.training.fitted import keep, new_folder
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import FILE


def train_recommender(
    data: Interactions,
    config: RecommendConfig | None = None,
    *,
    run: str | Path | None = None,
    progress: Progress = silent,
) -> Recommender:
    """Fit a recommender, measure its lists on each user's latest interactions, and keep it.

    Args:
        data: from `open_interactions`.
        config: settings, see `RecommendConfig`.
        run: a new folder; by default nothing is kept but the model that is returned.
        progress: told how far it is.

    Raises:
        RunError: the folder holds a run already.
    """
    config = config or RecommendConfig()
    folder = new_folder(run)
    start = time.monotonic()
    model = fit_recommender(data, config, progress=progress)
    seconds = time.monotonic() - start
    if folder is not None:
        measured = {
            "users": len(data.people.ids),
            "items": len(data.catalog.ids),
            "seconds": round(seconds, 1),
            "quality": quality(model, data),
        }
        keep(folder, model.tensors(), model.schema, config, data, measured)
    return model


def quality(model: Recommender, data: Interactions) -> dict[str, Any]:
    """How well lists find what users liked in the test split, beside lists of what is popular:
    measure → value, 95 % interval over users, and ``usual``, that of popularity."""
    truth = data.history(data.rows("test"), seen=0)
    who = np.flatnonzero(np.diff(truth.indptr))
    if not len(who):
        return {}
    truth, people = truth[who], people_before(model, data, "test").at(who)
    lists = model.recommend(people, 20).items
    usual = popular(model, people, 20)
    found: dict[str, Any] = {"users": len(who)}
    measures: dict[str, tuple[Any, int]] = {"ndcg@10": (ndcg, 10), "recall@20": (recall, 20)}
    for name, (way, k) in measures.items():
        found[name] = _interval(way(lists, truth, k)) | {
            "usual": float(way(usual, truth, k).mean())
        }
    return found


def _interval(values: NDArray[np.float64]) -> dict[str, Any]:
    """The mean over users and its 95 % interval."""
    value, interval = resampled_interval(
        lambda rows: values[rows].mean(), len(values), np.random.default_rng(0)
    )
    return {"value": value, "interval": interval}


def popular(model: Recommender, people: People, n: int) -> Any:
    """Lists of the most used items that each user has not used."""
    fresh = model.open_to(people, None)
    scores = np.where(fresh, model.uses, -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    return np.where(np.isfinite(np.take_along_axis(scores, order, axis=1)), order, -1)


def open_again(run: Run, source: str | None = None) -> Interactions:
    """The interactions that a run learned from.

    Args:
        source: where they are now.

    Raises:
        RunError: the run does not say where they are.
        DataError: they are not there any more, or others than they were.
    """
    known = _source(run, source)
    data = open_interactions(
        known.source,
        known.users,
        known.items,
        seed=known.seed,
        feedback=known.feedback,
        liked=known.liked,
        columns=known.columns,
    )
    if data.checksum != run.log()[0]["checksum"]:
        raise DataError(
            f"{known.source} and its tables are not as they were when {run.path} learned from "
            "them: train anew, or name the SOURCE as it was."
        )
    return data


def histories_of_all(
    run: Run, model: Recommender, source: str | None = None
) -> Iterator[tuple[Histories, People]]:
    """All users of a run's interactions, or of others, with all that they ever used: what lists of
    today start from. Of large files a part of the users at a time.

    Raises:
        RunError: the run does not say where they are.
        DataError: they are not there any more, or cannot be used.
    """
    known, seen = _source(run, source), model.config.seen
    items, attributes = model.catalog.ids, model.user_attributes
    for each in read_histories(known, items, attributes, seen, idle=source is None):
        yield each, model.people_of(each.history, each.cells)


def _source(run: Run, source: str | None) -> InteractionSource:
    """Where interactions are, and what was decided on them."""
    path = run.path / FILE
    try:
        known = InteractionSource(**read_json(path))
    except FileNotFoundError:
        if source is None:
            raise RunError(
                f"{run.path} does not say which data it learned from: name the SOURCE as well."
            ) from None
        known = InteractionSource(source, run.config.seed)
    except (ValueError, TypeError) as error:
        raise RunError(f"{path} is damaged ({error!r}): name the SOURCE as well.") from None
    known = replace(known, source=source or known.source)
    if not Path(known.source).exists():
        raise DataError(f"{known.source} is not there any more: name where the table is now.")
    return known


def everything_before_now(model: Recommender, data: Interactions) -> People:
    """All users with all that they ever used: what lists of today start from."""
    history = data.history(np.arange(len(data)), seen=model.config.seen)
    return model.people_of(history, data.people.cells)
