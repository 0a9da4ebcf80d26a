"""Evaluators: small attribute classifiers that training never saw, to judge what was drawn."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from interpretable_gan.arithmetic import arithmetic
from interpretable_gan.atomic import read_tensors, write_tensors
from interpretable_gan.audit.evaluator_networks import ARCHITECTURES, Panel
from interpretable_gan.audit.judges import tried_out
from interpretable_gan.audit.telling_apart import WEIGHT, TellingApart
from interpretable_gan.data.batches import ROWS_AT_ONCE
from interpretable_gan.data.cache import cache_folder
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, DataError, did_you_mean
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.readings import Reliability, values
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Known
from interpretable_gan.training.run import best_device

FORMAT = 3
IMAGES = 40_000
"""Images each network of an evaluator is trained on, counting repeats."""
MEMBERS = 3
"""Networks of an evaluator: what it says depends less on chance than what one of them says."""
PASSES = 30
"""Most repeats of an image: after that an evaluator learns it by heart."""
BATCH = 64
LEARNING_RATE = 2e-3
WARMUP = 20
"""Steps in which the learning rate rises."""
CONTINUOUS_WEIGHT = 2.0
"""Squared errors of codes are small beside cross-entropies."""


@dataclass(frozen=True, eq=False)
class Evaluator:
    """A trained classifier of every named attribute, with how far it can be trusted.

    Args:
        schema: what it reads.
        architecture: ``"residual"`` or ``"plain"``.
        network: images to raw readings ``(batch, columns)``.
        offset, scale: bring raw readings to the scale of codes, each ``(columns,)``.
        reliability: attribute name → how well it is read on test rows.
        checksum: SHA-256 of the weights.
        unmeasured: why nothing is known of how well it reads; then nothing is readable.
    """

    schema: Schema
    architecture: str
    network: nn.Module
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]
    reliability: dict[str, Reliability]
    checksum: str
    unmeasured: str = ""

    @property
    def name(self) -> str:
        """What results call it; other weights, another name."""
        return f"evaluator-{self.architecture}@{self.checksum[:8]}"

    @property
    def readable(self) -> tuple[str, ...]:
        """The attributes on which claims may rest."""
        return tuple(name for name, how in self.reliability.items() if how.readable)

    def read(self, images: Images) -> NDArray[np.float32]:
        """Scores ``(batch, columns)`` of images in [-1, 1], on the scale of codes: above 0 a binary
        attribute is on, the largest level is the one, a continuous attribute goes from −1 to 1."""
        return (_raw(self.network, images) - self.offset) * self.scale

    def scores(self, images: Images) -> Code:
        """What `read` says, as a tensor through which gradients pass."""
        raw = self.network(images.to(_device(self.network))).float().to(images.device)
        offset, scale = (torch.from_numpy(each).to(raw) for each in (self.offset, self.scale))
        return (raw - offset) * scale

    def values(self, images: Images) -> dict[str, NDArray[np.int64]]:
        """What each attribute looks like, ``(batch,)``: 0 off and 1 on; the level's place; the
        third of the range, 0 low, 1 middle, 2 high."""
        return values(self.schema, self.read(images))

    def extractor(self) -> FeatureExtractor:
        """The layer before the last as 128 features, for distances between sets of images."""
        channels, device = _channels(self.network), _device(self.network)

        def network(images: Tensor) -> Tensor:
            return self.network.features(images[:, :channels])  # type: ignore[operator]

        return FeatureExtractor(
            self.name, self.checksum, network, None, device=str(device), pixels=(-1, 1)
        )


def train_evaluator(
    data: Dataset,
    architecture: str = "residual",
    *,
    images: int = IMAGES,
    members: int = MEMBERS,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluator:
    """An evaluator trained on the half of the training split that is kept for judging, or the same
    one from the cache.

    It is a `Panel`, several members of which look at the mirror image as well.

    Fitted on known labels only; thresholds are matched to the frequencies of the validation split,
    reliability is measured on the test split. No other rows take the place of an empty split: then
    nothing is readable. Images are mirrored where the schema allows it.
    (Shifting them as well cost accuracy in the few passes over the data that it takes.)

    Args:
        data: with all three splits.
        architecture: ``"residual"`` or ``"plain"``, two networks with nothing in common.
        images: images to train each member on, counting repeats, of which there are at most 30.
        members: networks side by side.
        seed: of weights, order, dropout and mirroring.
        progress: told how many images it has learned from; silent where it comes from the cache.

    Raises:
        ConfigError: an unknown architecture, or no images.
        DataError: the training split has no images for judges.
    """
    if architecture not in ARCHITECTURES:
        raise ConfigError(
            f"no evaluator {architecture!r}.{did_you_mean(architecture, list(ARCHITECTURES))} "
            f"There are: {', '.join(ARCHITECTURES)}."
        )
    if images < BATCH:
        raise ConfigError(
            f"an evaluator learns nothing from {images} images; give {BATCH} or more."
        )
    if not len(data.half("judging")):
        raise DataError(
            f"data set {data.name!r} has no rows to train an evaluator on: it learns from half of "
            "the groups of the training split."
        )
    path = _cached(data, architecture, images, members, seed)
    evaluator = _load(path, data, members)
    if evaluator is None:
        networks = []
        for number in range(members):
            part = _part(progress, number, members)
            networks.append(_train(data, architecture, images, seed * members + number, part))
        evaluator = _judge(_panel(networks, data), architecture, data)
        with suppress(OSError):  # without a cache the next call only takes longer
            _save(evaluator, path)
    return evaluator


def _panel(networks: list[nn.Module], data: Dataset) -> Panel:
    mirrored = len(networks) > 1 and "flip" in data.schema.augmentations
    return Panel(networks, mirrored=mirrored).eval().requires_grad_(False)


def _part(progress: Progress, number: int, of: int) -> Progress:
    """Progress of one of several equal pieces as that of the whole."""
    return lambda now: progress(
        replace(now, done=number * now.total + now.done, total=of * now.total)
    )


def _train(
    data: Dataset, architecture: str, images: int, seed: int, progress: Progress
) -> nn.Module:
    """Cross-entropy and squared error on mini-batches, with AdamW (Loshchilov & Hutter 2019), and
    beside it `TellingApart`."""
    device = best_device()
    learned = data.half("judging")
    steps = max(1, min(images, PASSES * len(learned)) // BATCH)
    stage = f"training evaluator {architecture}"
    progress(Status(0, steps * BATCH, stage))
    rng = np.random.default_rng([seed, 0])
    rows = _visits(learned, steps, rng)
    telling = TellingApart(
        data.schema, *map(torch.from_numpy, (data.codes[learned], data.known[learned]))
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = ARCHITECTURES[architecture](data.schema.named_columns, data.channels, data.size)
        network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
        pace = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / WARMUP, 1 - step / steps)
        )
        for step in range(steps):
            batch, code, known = (part.to(device) for part in data.batch(next(rows)))
            if "flip" in data.schema.augmentations:
                mirrored = torch.from_numpy(rng.random(BATCH) < 0.5).to(device)
                batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
            with arithmetic(device):
                raw = network(batch)
            raw = raw.float()
            loss = reading_loss(data.schema, raw, code, known) + WEIGHT * telling(raw, code, known)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            pace.step()
            if step % 10 == 9 or step == steps - 1:
                progress(Status((step + 1) * BATCH, steps * BATCH, stage))
    return network


def reading_loss(schema: Schema, raw: Code, code: Code, known: Known) -> Tensor:
    """Mean over attributes of the error on known labels: cross-entropy, or squared error."""
    losses = []
    for attribute in schema.named:
        columns = schema.slices[attribute.name]
        said, true, rows = raw[:, columns], code[:, columns], known[:, columns].all(dim=1)
        if attribute.kind == "categorical":
            loss = F.cross_entropy(said, true.argmax(dim=1), reduction="none")
        elif attribute.kind == "binary":
            target = (true + 1) / 2
            loss = F.binary_cross_entropy_with_logits(said, target, reduction="none")[:, 0]
        else:
            loss = CONTINUOUS_WEIGHT * (said - true).square()[:, 0]
        losses.append((loss * rows).sum() / rows.sum().clamp(min=1))
    return torch.stack(losses).mean()


def _visits(
    rows: NDArray[np.int64], steps: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of training rows, every row once before any comes again."""
    passes = math.ceil(steps * BATCH / len(rows))
    order = np.concatenate([rng.permutation(rows) for _ in range(passes)])
    yield from order[: steps * BATCH].reshape(steps, BATCH)


def _judge(network: nn.Module, architecture: str, data: Dataset) -> Evaluator:
    """Try a network out as a judge."""
    found = tried_out(data, lambda images: _raw(network, images), data.known)
    return Evaluator(
        data.schema,
        architecture,
        network,
        found.offset,
        found.scale,
        found.reliability,
        _checksum(network),
        found.unmeasured,
    )


@torch.no_grad()
def _raw(network: nn.Module, images: Images) -> NDArray[np.float32]:
    """Readings before matching, ``(batch, columns)``."""
    device = _device(network)
    batches = torch.split(images, ROWS_AT_ONCE)
    parts = [network(part.to(device)).float().cpu() for part in batches]
    return torch.cat(parts).numpy()


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


def _channels(network: nn.Module) -> int:
    """Image channels that the first layer takes."""
    return next(network.parameters()).shape[1]


def _checksum(network: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _cached(data: Dataset, architecture: str, images: int, members: int, seed: int) -> Path:
    """The file that belongs to this data, these splits and these settings."""
    digest = hashlib.sha256(f"{data.checksum} {data.schema.to_dict()} {data.size}".encode())
    for rows in (*data.splits.values(), data.half("judging")):
        digest.update(rows.tobytes())
    digest.update(json.dumps([FORMAT, architecture, images, members, seed]).encode())
    return cache_folder() / f"evaluator-{architecture}-{digest.hexdigest()[:32]}.safetensors"


def _save(evaluator: Evaluator, path: Path) -> None:
    """Weights, with the rest as JSON in the file's header; whole or not at all."""
    about = {
        "offset": evaluator.offset.tolist(),
        "scale": evaluator.scale.tolist(),
        "reliability": {name: asdict(how) for name, how in evaluator.reliability.items()},
        "unmeasured": evaluator.unmeasured,
    }
    write_tensors(path, evaluator.network.state_dict(), {"evaluator": json.dumps(about)})


def _load(path: Path, data: Dataset, members: int) -> Evaluator | None:
    """The evaluator in a cache file; None where there is none, or none that can be read."""
    architecture = path.name.split("-")[1]
    kind, columns = ARCHITECTURES[architecture], data.schema.named_columns
    with torch.random.fork_rng():  # weights to be replaced cost the caller no randomness
        network = _panel([kind(columns, data.channels, data.size) for _ in range(members)], data)
    try:
        tensors, metadata = read_tensors(path)
        about = json.loads(metadata["evaluator"])
        network.load_state_dict(tensors)
    except (OSError, KeyError, ValueError, RuntimeError):
        return None
    device = best_device()
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Evaluator(
        data.schema,
        architecture,
        network,
        np.array(about["offset"], np.float32),
        np.array(about["scale"], np.float32),
        {name: Reliability(**how) for name, how in about["reliability"].items()},
        _checksum(network),
        about["unmeasured"],
    )
