"""The config of a recommender."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interpretable_gan.models.config import FittedConfig

Negatives = Literal["generated", "popular", "uniform", "none"]


class RecommendConfig(FittedConfig):
    """All that decides a recommender, beside data and schema.

    Args:
        family: of the model.
        tastes: how many are discovered.
        seen: what a past item counts that was used but not liked; a liked one counts 1.
        damping: ridge penalty of the encoder.
        forgetting: share of a history that the encoder must do without, from 0 to below 1.
        people: how much attributes of users count beside past items.
        kinship: how much attributes that items share count beside users that they share.
        known: uses at which an item's attributes count half as much as those of one used always.
        pairs: items that a pair of item attributes has at least.
        neighbours: items that each item's residual looks back at.
        negatives: what real items are told from in the game: items that the generator draws,
            popular ones, any, or no game at all.
        rounds: of the game.
        seed: of every random choice.
        threads: CPU threads, by default those this process may use.
    """

    kind = "A recommender"

    family: Literal["recommend"] = "recommend"
    tastes: int = Field(default=32, ge=1, le=500)
    seen: float = Field(default=0.4, ge=-1, le=1)
    damping: float = Field(default=200.0, gt=0)
    forgetting: float = Field(default=0.3, ge=0, lt=1)
    people: float = Field(default=1.0, ge=0)
    kinship: float = Field(default=1.0, ge=0)
    known: float = Field(default=60.0, ge=0)
    pairs: int = Field(default=15, ge=2)
    neighbours: int = Field(default=100, ge=0)
    negatives: Negatives = "generated"
    rounds: int = Field(default=60, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**32)
    threads: int | None = Field(default=None, ge=1)
