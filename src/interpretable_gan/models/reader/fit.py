"""Fitting a reader: features of the published network once, then a small network on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

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

SHRUNK = 1e-3
"""Ridge penalty of the target's weights of readings, and of the residual's weights."""

SOLVED = 200
"""Steps of a solver, enough for a linear model on a few hundred numbers."""

WARM = 0.2
"""Share of the steps over which the rate rises; it falls over the others."""

FAMILIAR = 1024
"""Training images from which is learned what is usual."""

LEAST = 8
"""Training images of each value of the target, below which nothing is learned."""


@dataclass(frozen=True)
class Known:
    """Features of images, and ``codes`` and ``known`` of their labels, (images, named columns)."""

    seen: Seen
    codes: Tensor
    known: Tensor

    def at(self, rows: Tensor) -> Known:
        """Some of the images."""
        return Known(tuple(each[rows] for each in self.seen), self.codes[rows], self.known[rows])

    def __len__(self) -> int:
        return len(self.codes)

    def batches(self, size: int = 512) -> list[Known]:
        """All of them, some at a time."""
        return [self.at(rows) for rows in torch.split(torch.arange(len(self)), size)]


def fit_reader(
    data: Dataset, config: ReaderConfig | None = None, *, progress: Progress = silent
) -> Reader:
    """Learn to read every attribute of the data's schema from its training images, and its target
    as a sum over the others.

    Of all passes the one is kept whose loss is least on validation images.

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
    """`fit_reader` on features that are there already.

    One source learns after the other, and what is learned stays: readings from their labels; the
    target from these readings; discovered attributes from what names leave of the target; the
    residual from what both leave. So a name means what its labels say, and comes first.
    """
    torch.manual_seed(config.seed)
    reader = Reader.fresh(data.schema.with_discovered(config.discovered), config, data.channels)
    fitting = Fitting(reader, train, held_out, progress)
    if reader.others:
        fitting.readings()
        fitting.names()
    if config.discovered:
        fitting.discovered()
    fitting.residual()
    network = reader.network.requires_grad_(False).eval()
    network.centre(some.seen for some in train.batches())
    readings = torch.cat([network(some.seen).readings for some in train.batches()])
    network.usual(readings, reader.apart(train.codes), reader.apart(train.known))
    some = torch.randperm(len(train))[:FAMILIAR]
    network.familiar.fit(flat(side_by_side(train.at(some).seen)))
    return reader


class Fitting:
    """How the parts of a reader learn, one after the other."""

    def __init__(self, reader: Reader, train: Known, held_out: Known, progress: Progress) -> None:
        self.reader, self.network, self.config = reader, reader.network, reader.config
        self.train, self.held_out, self.progress = train, held_out, progress
        self.scale = Reading(reader.schema.with_discovered(0))
        self.number = [each.name for each in reader.schema.named].index(reader.target.name)

    def readings(self) -> None:
        """Evidence and readings, from the labels of all attributes but the target."""
        evidence = self.network.evidence

        def loss(some: Known) -> Tensor:
            means = evidence.shared_means(some.seen)
            read = self.network.offset + torch.einsum("blw,clw->bc", means, evidence.named)
            errors = self._errors(read, read.new_zeros(len(some), self.targets), some)
            return errors.sum() / len(self.reader.others)

        learned = [*evidence.shared.parameters(), evidence.named, self.network.offset]
        self._passes("readings", learned, loss, self.train, self.held_out)

    def names(self) -> None:
        """The target's weights of readings: a linear model, shrunk, to its optimum. Readings of
        training images often tell the target without a fault, and weights would grow forever."""
        sums = self._over(self.train, lambda seen: self.network.evidence.sums(seen).named)
        weights = self.network.by_name
        self._solve(
            [weights, self.network.bias],
            lambda: (
                self._target_error(self.network.by_names(sums), self.train)
                + SHRUNK * weights.square().sum()
            ),
        )

    def discovered(self) -> None:
        """Discovered attributes and the target's weights of them, given names."""
        evidence = self.network.evidence
        parts = [
            replace(
                part, seen=(*part.seen, self._over(part, lambda seen: self.network(seen).named))
            )
            for part in (self.train, self.held_out)
        ]

        def loss(some: Known) -> Tensor:
            *seen, given = some.seen
            added = self.network.by_discovered(evidence.found_sums(tuple(seen)))
            return self._target_error(given + added + self.network.bias - self.start, some)

        self.start = self.network.bias.detach().clone()
        learned = [*evidence.found.parameters(), self.network.by_found, self.network.bias]
        self._passes("discovered attributes", learned, loss, *parts)

    def residual(self) -> None:
        """What is left: a linear model on shared evidence, shrunk, to its optimum."""
        weights, bias = self.network.evidence.residual, self.network.bias
        means = self._over(self.train, self.network.evidence.shared_means)
        given = self._over(self.train, lambda seen: self.network(seen).total)
        start = bias.detach().clone()
        self._solve(
            [weights, bias],
            lambda: (
                self._target_error(
                    given + bias - start + torch.einsum("blw,clw->bc", means, weights), self.train
                )
                + SHRUNK * weights.square().sum()
            ),
        )

    @property
    def targets(self) -> int:
        """Columns of the target."""
        return len(self.network.bias)

    def _errors(self, readings: Tensor, target: Tensor, some: Known) -> Tensor:
        """Mean error of each attribute but the target, over the images where it is known."""
        errors = self.scale.error(self.reader.joined(readings, target), some.codes)
        errors = _mean(errors, self.scale.known(some.known))
        return torch.cat([errors[: self.number], errors[self.number + 1 :]])

    def _target_error(self, target: Tensor, some: Known) -> Tensor:
        readings = target.new_zeros(len(some), len(self.network.offset))
        errors = self.scale.error(self.reader.joined(readings, target), some.codes)
        return _mean(errors, self.scale.known(some.known))[self.number]

    @torch.no_grad()
    def _over(self, part: Known, what: Callable[[Seen], Tensor]) -> Tensor:
        """Something of all images of a part."""
        return torch.cat([what(some.seen) for some in part.batches()])

    def _solve(self, learned: list[nn.Parameter], loss: Callable[[], Tensor]) -> None:
        """To the optimum of a convex loss."""
        solver = torch.optim.LBFGS(learned, max_iter=SOLVED, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            solver.zero_grad()
            value = loss()
            value.backward()  # type: ignore[no-untyped-call]
            return value

        solver.step(closure)  # type: ignore[no-untyped-call]

    def _passes(
        self,
        what: str,
        learned: list[nn.Parameter],
        loss: Callable[[Known], Tensor],
        train: Known,
        held_out: Known,
    ) -> None:
        """Passes over training images, of which the best on validation images is kept."""
        config = self.config
        steps = config.passes * max(len(train) // config.batch, 1)
        optimizer = torch.optim.AdamW(learned, config.rate, weight_decay=config.decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, config.rate, total_steps=steps, pct_start=WARM
        )
        best, least = [each.detach().clone() for each in learned], np.inf
        for number in range(config.passes):
            self.progress(Status(number, config.passes, f"learning {what}"))
            order = torch.randperm(len(train))
            for rows in torch.split(order, config.batch)[: steps // config.passes]:
                optimizer.zero_grad()
                loss(train.at(rows)).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
            with torch.no_grad():
                held = sum(float(loss(some)) * len(some) for some in held_out.batches())
            if held < least:
                best, least = [each.detach().clone() for each in learned], held
        with torch.no_grad():
            for parameter, kept in zip(learned, best, strict=True):
                parameter.copy_(kept)
        self.progress(Status(config.passes, config.passes, f"learning {what}"))


def _mean(errors: Tensor, known: Tensor) -> Tensor:
    """Of each attribute over the images where it is known; 0 without any."""
    return (errors * known).sum(dim=0) / known.sum(dim=0).clamp(min=1)


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
