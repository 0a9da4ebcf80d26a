"""A small drawn library, and a recommender on it, which tests share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interpretable_gan.cli.sample_rows import write_rows
from interpretable_gan.data.interactions import Interactions, open_interactions
from interpretable_gan.data.library import Library, library
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.training.recommend import train_recommender
from interpretable_gan.training.run import Run

SMALL = RecommendConfig(tastes=6, damping=20, rounds=20, threads=1)


@dataclass(frozen=True)
class ReadingRoom:
    """What was drawn, the folder with its tables, the run, and both opened."""

    drawn: Library
    folder: Path
    run: Path
    data: Interactions
    model: Recommender

    @classmethod
    def build(cls, folder: Path) -> ReadingRoom:
        drawn = library(240, 120)
        for name in ("loans", "readers", "books"):
            write_rows(folder / f"{name}.csv", getattr(drawn, name))
        tables = [folder / f"{name}.csv" for name in ("loans", "readers", "books")]
        data = open_interactions(*tables)
        train_recommender(data, SMALL, run=folder / "run")
        return cls(drawn, folder, folder / "run", data, Run.open(folder / "run").model("cpu"))
