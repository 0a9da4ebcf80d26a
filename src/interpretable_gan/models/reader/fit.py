"""Fitting a reader: features of the published network once, then a small network on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.arithmetic import available_cores
from interpretable_gan.data.batches import rows_for
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.models.gan.familiar import flat
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import refuse_other_size
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.reader.networks import Seen, look, side_by_side
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute

AT_ONCE = 64
"""Images that the published network looks at at a time."""

WARM = 0.2
"""Share of the steps over which the rate rises; it falls over the others."""

FAMILIAR = 1024
"""Training images from which is learned what is usual."""

LEAST = 8
"""Training images of each value of the target, below which nothing is learned."""


class Known(NamedTuple):
    """Features of images, and ``codes`` and ``known`` of their labels, (images, named columns)."""

    seen: Seen
    codes: Tensor
    known: Tensor

    def at(self, rows: Tensor) -> Known:
        """Some of the images."""
        return Known(tuple(each[rows] for each in self.seen), self.codes[rows], self.known[rows])

    def __len__(self) -> int:
        return len(self.codes)


def fit_reader(
    data: Dataset, config: ReaderConfig | None = None, *, progress: Progress = silent
) -> Reader:
    """Learn to read every attribute of the data's schema from its training images, and its target
    as a sum over the others.

    Of all passes the one is kept whose total loss is least on validation images.

    Args:
        data: images of the config's size, whose schema names a target.
        config: settings.
        progress: told how many images were looked at, then how many passes were made.

    Raises:
        SchemaError: the schema names no target.
        DataError: images of another size, no validation images, or too few of a target's values.
        MissingExtraError: the published network is not installed.
    """
    config = config or ReaderConfig()
    refuse_other_size(data, config.size)
    if data.schema.target is None:
        names = ", ".join(data.schema.names)
        raise SchemaError(f"schema {data.schema.name!r} names no target: name one of {names}.")
    torch.set_num_threads(config.threads or available_cores())
    splits = {
        "train": data.rows("train"),
        "validation": rows_for("which choose among the passes", data, "validation"),
    }
    rows = np.concatenate(list(splits.values()))
    seen = look_at(data, rows, progress)
    everything = Known(seen, *(torch.from_numpy(each[rows]) for each in (data.codes, data.known)))
    train = everything.at(torch.arange(len(splits["train"])))
    _enough(data, train)
    held_out = everything.at(torch.arange(len(train), len(everything)))
    return fit_seen(data, config, train, held_out, progress=progress)


def look_at(data: Dataset, rows: NDArray[np.int64], progress: Progress = silent) -> Seen:
    """What the published network sees of images of a data set."""
    found: list[Seen] = []
    for start in range(0, len(rows), AT_ONCE):
        progress(Status(start, len(rows), "looking at images"))
        found.append(look(data.batch(rows[start : start + AT_ONCE])[0]))
    progress(Status(len(rows), len(rows), "looking at images"))
    return tuple(torch.cat(level) for level in zip(*found, strict=True))


def fit_seen(
    data: Dataset,
    config: ReaderConfig,
    train: Known,
    held_out: Known,
    *,
    progress: Progress = silent,
) -> Reader:
    """`fit_reader` on features that are there already."""
    torch.manual_seed(config.seed)
    schema = data.schema.with_discovered(config.discovered)
    reader = Reader.fresh(schema, config, data.channels)
    network, loss = reader.network, Loss(reader)
    steps = config.passes * max(len(train) // config.batch, 1)
    optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=config.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.rate, total_steps=steps, pct_start=WARM
    )
    best, least = network.state_dict(), np.inf
    for number in range(config.passes):
        progress(Status(number, config.passes, "learning"))
        network.train()
        order = torch.randperm(len(train))
        for rows in order.split(config.batch)[: steps // config.passes]:
            optimizer.zero_grad()
            loss(train.at(rows)).backward()
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            held = sum(float(loss(some)) * len(some) for some in _batches(held_out))
        if held < least:
            best, least = {k: each.clone() for k, each in network.state_dict().items()}, held
    network.load_state_dict(best)
    network.requires_grad_(False)
    network.centre(some.seen for some in _batches(train))
    with torch.no_grad():
        readings = torch.cat([network(some.seen).readings for some in _batches(train)])
    network.usual(readings, reader.apart(train.codes), reader.apart(train.known))
    some = torch.randperm(len(train))[:FAMILIAR]
    network.familiar.fit(flat(side_by_side(train.at(some).seen)))
    progress(Status(config.passes, config.passes, "learning"))
    return reader


class Loss:
    """Mean error of the readings, see `Reading.error`, and that of the target by names alone, with
    what was discovered, and in whole; only where labels are known."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.scale = reader, Reading(reader.schema.with_discovered(0))
        self.target = [each.name for each in reader.schema.named].index(reader.target.name)

    def __call__(self, some: Known) -> Tensor:
        scores, known = self.reader.network(some.seen), self.scale.known(some.known)
        whole, *prefixes = (
            _mean(self.scale.error(self.reader.joined(scores.readings, target), some.codes), known)
            for target in (scores.total, scores.named, scores.discovered)
        )
        return whole.mean() + sum(errors[self.target] for errors in prefixes)


def _mean(errors: Tensor, known: Tensor) -> Tensor:
    """Of each attribute over the images where it is known; 0 without any."""
    return (errors * known).sum(dim=0) / known.sum(dim=0).clamp(min=1)


def _batches(known: Known, size: int = 512) -> list[Known]:
    return [known.at(rows) for rows in torch.arange(len(known)).split(size)]


def _enough(data: Dataset, train: Known) -> None:
    """Refuse a target that nothing can be learned of.

    Raises:
        DataError: fewer than `LEAST` training images of a value of it, or one value alone.
    """
    target: Attribute = data.schema[data.schema.target or ""]
    columns = data.schema.slices[target.name]
    code = train.codes[train.known[:, columns].all(dim=1)][:, columns]
    if target.kind == "continuous":
        enough = len(code) >= LEAST and bool(code.std() > 0)
    else:
        on = (code > 0).sum(dim=0)
        counts = on if target.levels else torch.stack([on[0], len(code) - on[0]])
        enough = int(counts.min()) >= LEAST
    if not enough:
        raise DataError(
            f"data set {data.name!r} has too few training images to tell {target.name!r} from: "
            f"{LEAST} of each of its values are needed."
        )
