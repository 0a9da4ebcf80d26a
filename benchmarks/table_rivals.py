"""Who draws rows in `tables.py`: our models, other projects' and bad examples.

Each is a function from data, config and the minutes that it may train to a `Drawer`. The others
come by the extra `bench` under their own licences: CTGAN and TVAE (Xu et al. 2019), a Gaussian
copula (Patki et al. 2016) and adversarial random forests (Watson et al. 2023). They get levels as
texts, with one more where nothing is known. A number that is not known is the mean, and one more
column says so. What they draw is rounded and cut to the range of the training rows. The library SDV
does the same.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.discriminator import corrected, fit_discriminator
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.tables.sampler_fit import fit_sampler
from interpretable_gan.schema.conditions import Condition

NOT_KNOWN = "not known"
EPOCHS = 300
"""Of CTGAN and TVAE, their default."""

Asked = dict[int, Condition]


@dataclass(frozen=True, eq=False)
class Drawer:
    """What was fitted: draws rows, and rows given conditions where it can."""

    draw: Callable[[int, int], Any]
    given: Callable[[Asked, int, int], Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    sampler: Any = None
    discriminator: Any = None


def likelihood(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """What a run of ours draws with."""
    sampler = fit_sampler(data, config)
    return Drawer(
        lambda n, seed: sampler.draw(n, seed=seed).cells,
        lambda asked, n, seed: _given(sampler, asked, n, seed),
    )


def _given(sampler: RowSampler, asked: Asked, n: int, seed: int) -> Any:
    """Rows of the likelihood model given conditions on cells."""
    weights = {k: torch.from_numpy(sampler.states[k].weights(c)).float() for k, c in asked.items()}
    luck = torch.Generator().manual_seed(seed)
    states, _ = sampler.circuit.draw(n, weights, luck)
    return sampler._cells(states.numpy(), luck, asked)


def corrected_rows(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """The likelihood model, its rows resampled by what an additive discriminator says of them."""
    sampler = fit_sampler(data, config)
    discriminator = fit_discriminator(data, sampler, config)
    return Drawer(
        lambda n, seed: corrected(sampler, discriminator, n, seed=seed),
        sampler=sampler,
        discriminator=discriminator,
    )


def independent(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """Each column for itself: a bad example of fidelity."""
    train = data.cells[data.rows("train")]

    def draw(n: int, seed: int) -> Any:
        luck = np.random.default_rng([seed, 1])
        return np.stack([luck.choice(column, n) for column in train.T], axis=1)

    return Drawer(draw)


def copies(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """A bootstrap of the training rows: a bad example of privacy."""
    train = data.cells[data.rows("train")]
    return Drawer(
        lambda n, seed: train[np.random.default_rng([seed, 1]).integers(0, len(train), n)]
    )


def held_out(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """Validation rows, all that there are: what fresh real rows reach."""
    rows = data.cells[data.rows("validation")]
    return Drawer(lambda n, seed: rows[np.random.default_rng([seed, 1]).permutation(len(rows))[:n]])


def ctgan(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """CTGAN at its defaults, for as many epochs as fit into the minutes of processor time."""
    from ctgan import CTGAN

    model, settings = _trained(CTGAN, data, config, minutes)

    def given(asked: Asked, n: int, seed: int) -> Any:
        """Its own condition on one level, the rest by rejection."""
        levels = [k for k, c in asked.items() if data.schema.named[k].kind != "continuous"]
        if not levels:
            return np.empty((0, data.cells.shape[1]))
        name = data.schema.named[levels[0]].name
        value = _text(asked[levels[0]].low)
        rows = _cells(data, model.sample(4 * n, condition_column=name, condition_value=value))
        held = np.logical_and.reduce([c.holds(rows[:, k]) for k, c in asked.items()])
        return rows[held][:n]

    return Drawer(lambda n, seed: _cells(data, model.sample(n)), given, settings)


def tvae(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """TVAE at its defaults, for as many epochs as fit into the minutes of processor time."""
    from ctgan import TVAE

    model, settings = _trained(TVAE, data, config, minutes)
    return Drawer(lambda n, seed: _cells(data, model.sample(n)), settings=settings)


def _trained(kind: Any, data: TableData, config: TableConfig, minutes: float) -> Any:
    """A network of `ctgan`, and how long it was trained: two epochs are timed first."""
    table = _frame(data)

    def fitted(epochs: int) -> Any:
        model = kind(epochs=epochs, enable_gpu=False)
        model.set_random_state(config.seed)
        model.fit(table, _levels(table))
        return model

    seconds = []
    for epochs in (1, 3):
        start = time.process_time()
        fitted(epochs)
        seconds.append(time.process_time() - start)
    each = max((seconds[1] - seconds[0]) / 2, 1e-6)
    epochs = int(min(EPOCHS, max((60 * minutes - seconds[0]) / each, 1)))
    settings = {"epochs": epochs, "of": EPOCHS, "processor_seconds_an_epoch": round(each, 2)}
    return fitted(epochs), settings


def gaussian_copula(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """As SDV's synthesizer: beta distributions, levels as uniform numbers."""
    import pandas as pd
    from copulas.multivariate import GaussianMultivariate
    from copulas.univariate import BetaUnivariate
    from rdt.transformers import UniformEncoder

    table = _frame(data)
    np.random.seed(config.seed)  # noqa: NPY002, the library takes no generator
    encoders = {name: UniformEncoder() for name in _levels(table)}
    for name in encoders:
        table[name] = encoders[name].fit_transform(table[[name]], name)[name]
    model = GaussianMultivariate(distribution=BetaUnivariate, random_state=config.seed)
    model.fit(table)

    def draw(n: int, seed: int) -> Any:
        drawn = model.sample(n)
        columns = {
            name: encoders[name].reverse_transform(drawn[[name]].clip(0, 1))[name]
            if name in encoders
            else drawn[name]
            for name in table
        }
        return _cells(data, pd.DataFrame(columns))

    return Drawer(draw)


def random_forests(data: TableData, config: TableConfig, minutes: float) -> Drawer:
    """Adversarial random forests at their defaults."""
    from arfpy import arf

    vars(np).setdefault("in1d", np.isin)  # an old name that the library still uses
    np.random.seed(config.seed)  # noqa: NPY002, the library takes no generator
    table = _frame(data)
    numbered = table.set_axis(range(table.shape[1]), axis=1)  # it asks for columns by number
    model = arf.arf(numbered, verbose=False, random_state=config.seed)
    model.forde()
    return Drawer(lambda n, seed: _cells(data, model.forge(n).set_axis(list(table), axis=1)))


def _frame(data: TableData) -> Any:
    """The training rows as a data frame: numbers, and levels as texts."""
    import pandas as pd

    columns = {}
    for attribute, cells in zip(data.schema.named, data.cells[data.rows("train")].T, strict=True):
        missing = np.isnan(cells)
        if attribute.kind != "continuous":
            texts = [_text(cell) for cell in cells.tolist()]
            columns[attribute.name] = pd.Series(texts, dtype=object)
            continue
        columns[attribute.name] = pd.Series(np.where(missing, np.nanmean(cells), cells))
        if missing.any():
            told = np.where(missing, NOT_KNOWN, "known")
            columns[_whether(attribute.name)] = pd.Series(told, dtype=object)
    return pd.DataFrame(columns)


def _whether(name: str) -> str:
    """The column that says whether a number is known."""
    return f"{name}, known or not"


def _levels(table: Any) -> list[str]:
    return [name for name in table if table[name].dtype == object]


def _text(cell: float) -> str:
    return NOT_KNOWN if np.isnan(cell) else str(int(cell))


def _cells(data: TableData, frame: Any) -> Any:
    """What `_frame` gave, of other rows: numbers rounded and cut to the range of training rows."""
    train, columns = data.cells[data.rows("train")], []
    for k, attribute in enumerate(data.schema.named):
        drawn = frame[attribute.name].tolist()
        if attribute.kind == "continuous":
            known = np.asarray(drawn, float).clip(np.nanmin(train[:, k]), np.nanmax(train[:, k]))
            if attribute.decimals is not None:
                known = np.round(known, attribute.decimals)
            if (told := _whether(attribute.name)) in frame:
                known[(frame[told] == NOT_KNOWN).to_numpy()] = np.nan
            columns.append(known)
        else:
            columns.append(np.array([np.nan if c == NOT_KNOWN else float(c) for c in drawn]))
    return np.stack(columns, axis=1)


RIVALS: dict[str, Callable[[TableData, TableConfig, float], Drawer]] = {
    "likelihood model alone": likelihood,
    "held-out rows": held_out,
    "copies of training rows": copies,
    "independent columns": independent,
    "gaussian copula": gaussian_copula,
    "tvae": tvae,
    "ctgan": ctgan,
    "adversarial random forests": random_forests,
    "corrected": corrected_rows,
}
"""In the order in which they are run."""


def fitted(name: str, data: TableData, config: TableConfig, minutes: float) -> tuple[Drawer, float]:
    """What one of `RIVALS` fitted, and how many seconds of processor time that took."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(1)
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries with newer versions of what they use
        drawer = RIVALS[name](data, config, minutes)
    return drawer, round(time.process_time() - start, 1)
