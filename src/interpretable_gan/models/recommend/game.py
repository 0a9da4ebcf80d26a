"""The game: the discriminator tells what a user liked from what the generator draws for the same
user, and the generator follows.

The items are few enough to be summed over, so that the generator's gradient is exact, where IRGAN
(Wang et al. 2017) samples it. Its fakes come from the same user with the same history: popularity
alone cannot tell them apart, since the generator learns it at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.models.recommend.config import Negatives, RecommendConfig
from interpretable_gan.models.recommend.encoder import Parts
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.scorer import Gains, coded, residual
from interpretable_gan.progress import Progress, Status, silent

USERS = 256
"""Users a round."""

FAKES = 4
"""Fakes for each real item."""

RATE = 0.02

STAY = {"gains": 0.1, "offsets": 30.0}
"""How strongly gains, and popularities, are drawn back to where they were: a ridge penalty on a
mean loss over pairs."""

THIN = 0.5
"""Most of a history that is forgotten for a round, so that short ones are played as well."""

NEVER = -1e9


@dataclass(frozen=True)
class Board:
    """Users of a round as tensors: code before gains, residual, which items they know, and which
    they liked after."""

    named: Tensor
    own: Tensor
    tastes: Tensor
    own_tastes: Tensor
    residual: Tensor
    seen: Tensor
    real: Tensor


def play(
    parts: Parts,
    people: People,
    liked: sp.csr_array,
    columns: tuple[str, ...],
    config: RecommendConfig,
    *,
    progress: Progress = silent,
) -> tuple[Gains, Gains]:
    """The gains of the discriminator and of the generator.

    Args:
        parts: fitted on the histories alone.
        people: with their histories.
        liked: what they liked after that, (users, items).
        columns: to which attribute each column of items belongs: one gain each.
        config: settings.
        progress: told the round.
    """
    luck = np.random.default_rng([config.seed, 3])
    chance = torch.Generator().manual_seed(config.seed)
    rows = np.flatnonzero(np.diff(liked.indptr))
    start = Gains.start(parts, _scale(parts, people, rows[:USERS]))
    if config.negatives == "none" or not len(rows):
        return start, start
    names = list(dict.fromkeys(columns))
    which = torch.tensor([names.index(each) for each in columns], dtype=torch.long)
    players = [_Player(start, which, len(names)) for _ in range(2)]
    judge, forger = players
    usual = torch.from_numpy(np.log(np.asarray((people.history != 0).sum(axis=0)) + 0.5))
    matrix = torch.from_numpy(parts.columns), torch.from_numpy(parts.traits)
    popularity = torch.from_numpy(parts.popularity)
    for number in range(config.rounds):
        chosen = luck.permutation(rows)[:USERS]
        board = _board(parts, people, liked, chosen, luck)
        draws = _logits(config.negatives, forger, board, matrix, popularity, usual)
        fakes = torch.multinomial(
            draws.masked_fill(board.seen, NEVER).softmax(1), 64, True, generator=chance
        )
        told = judge.score(board, matrix, popularity, drop=bool(luck.random() < 0.3))
        judge.step(_pairs(told, board, fakes, chance) + judge.ridge())
        if config.negatives == "generated":
            forger.step(_follow(forger, told.detach(), board, matrix, popularity))
        progress(Status(number + 1, config.rounds, "playing"))
    return judge.gains(), forger.gains() if config.negatives == "generated" else judge.gains()


def _scale(parts: Parts, people: People, rows: NDArray[np.int64]) -> float:
    """The inverse spread of scores over items: at this scale they are differences in log-odds."""
    if not len(rows):
        return 1.0
    named, tastes = coded(parts, people.at(rows))
    whole = named @ parts.columns.T + tastes @ parts.traits.T + parts.popularity
    spread = float(whole.std())
    return 1.0 / spread if spread > 0 else 1.0


class _Player:
    """Gains that learn: the discriminator's or the generator's."""

    def __init__(self, start: Gains, which: Tensor, rows: int) -> None:
        self.which, self.begin = which, start
        self.rows = torch.zeros(rows, dtype=torch.float64, requires_grad=True)
        self.few = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        self.offsets = torch.zeros_like(start.offsets).requires_grad_()
        self.scale = start.scale.log().clone().requires_grad_()
        own = [self.rows, self.few, self.offsets, self.scale]
        self.optimizer = torch.optim.Adam(own, lr=RATE)

    def score(
        self, board: Board, matrix: tuple[Tensor, Tensor], popularity: Tensor, *, drop: bool = False
    ) -> Tensor:
        """Scaled scores of all items, (users, items)."""
        columns, traits = matrix
        few = self.few.exp()
        named = (board.named + few[2] * board.own) * self.rows.exp()[self.which]
        tastes = (board.tastes + few[2] * board.own_tastes) * few[0]
        whole = named @ columns.T + tastes @ traits.T + popularity + self.offsets
        if not drop:
            whole = whole + few[1] * board.residual
        return whole * self.scale.exp()

    def ridge(self) -> Tensor:
        """What it costs to be elsewhere than at the start."""
        gains = self.rows.square().sum() + self.few.square().sum()
        unit = self.begin.scale * self.offsets
        return STAY["gains"] * gains + STAY["offsets"] * unit.square().mean()

    def step(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.optimizer.step()

    def gains(self) -> Gains:
        few = self.few.detach().exp()
        return Gains(
            self.rows.detach().exp()[self.which],
            few[0],
            few[1],
            few[2],
            self.offsets.detach().clone(),
            self.scale.detach().exp(),
        )


def _board(
    parts: Parts,
    people: People,
    liked: sp.csr_array,
    chosen: NDArray[np.int64],
    luck: np.random.Generator,
) -> Board:
    """The chosen users, each with a share of the history that is drawn anew."""
    some = people.at(chosen)
    history = some.history.copy()
    kept = 1 - THIN * luck.random(len(chosen)) ** 2
    keep = luck.random(history.nnz) < np.repeat(kept, np.diff(history.indptr))
    history.data = np.where(keep, history.data, 0.0)
    seen = torch.from_numpy(history.toarray() != 0)
    history.eliminate_zeros()
    past = People(history, np.zeros_like(some.columns))
    named, tastes = coded(parts, past)
    items = len(parts.popularity)
    own = [some.columns @ weights[items:] for weights in (parts.named, parts.tastes)]
    rest = residual(parts, past)
    real = torch.from_numpy(liked[chosen].toarray() > 0) & ~seen
    return Board(
        named=_tensor(named),
        own=_tensor(own[0]),
        tastes=_tensor(tastes),
        own_tastes=_tensor(own[1]),
        residual=_tensor(rest),
        seen=seen,
        real=real,
    )


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


def _logits(
    negatives: Negatives,
    forger: _Player,
    board: Board,
    matrix: tuple[Tensor, Tensor],
    popularity: Tensor,
    usual: Tensor,
) -> Tensor:
    """From what fakes are drawn, (users, items)."""
    if negatives == "generated":
        with torch.no_grad():
            return forger.score(board, matrix, popularity)
    flat = usual if negatives == "popular" else torch.zeros_like(usual)
    return flat.expand(board.seen.shape).clone()


def _pairs(told: Tensor, board: Board, fakes: Tensor, chance: torch.Generator) -> Tensor:
    """Softplus of minus the gap between real and fake, so that the real one shall score higher
    (relativistic pairing, Jolicoeur-Martineau 2018); each user's pairs count as much."""
    who, what = torch.nonzero(board.real, as_tuple=True)
    place = torch.randint(0, fakes.shape[1], (len(who), FAKES), generator=chance)
    gap = told[who, what][:, None] - told[who[:, None], fakes[who[:, None], place]]
    return F.softplus(-gap).mean()


def _follow(
    forger: _Player,
    told: Tensor,
    board: Board,
    matrix: tuple[Tensor, Tensor],
    popularity: Tensor,
) -> Tensor:
    """Minus what the discriminator says of the generator's items, less their entropy."""
    logs = forger.score(board, matrix, popularity).masked_fill(board.seen, NEVER).log_softmax(1)
    shares = logs.exp()
    return (shares * (logs - told.masked_fill(board.seen, 0))).sum(1).mean()
