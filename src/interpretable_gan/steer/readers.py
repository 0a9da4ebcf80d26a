"""What steering learns from: readers of attributes, trained on half of the training groups.

Those who judge a model learn from the other half (`Dataset.half`), by another recipe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors.torch import save
from torch import Tensor, nn

from interpretable_gan import chance
from interpretable_gan.arithmetic import arithmetic
from interpretable_gan.atomic import read_tensors, write_tensors
from interpretable_gan.data.cache import cache_folder
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.shapes import Images, NamedCode

READABLE = 0.7
"""Least balanced accuracy of an attribute that is steered or left alone; guessing has 0.5."""
IMAGES, PASSES = 100_000, 20
"""Most training images, counting repeats, and most repeats of one: minutes on a CPU."""
BATCH = 128
RATE = 0.1
"""Highest learning rate."""
SIDE = 64
"""Larger images are shrunk to this many pixels."""
FORMAT = 1
"""Of cached files; another recipe needs another number."""


@dataclass(frozen=True, eq=False)
class Readers:
    """One reader for every named column: from images to log-odds ``(batch, named)`` that a binary
    attribute is on, of a level against the others, that a continuous value is high.

    ``readable``: the attributes that are read well enough; ``checksum``: SHA-256 of the weights.
    """

    network: Callable[[Images], NamedCode]
    readable: tuple[str, ...]
    checksum: str

    @torch.no_grad()
    def __call__(self, images: Images) -> NamedCode:
        return self.network(images)


def train_readers(
    data: Dataset,
    *,
    device: torch.device | str = "cpu",
    seed: int = 0,
    progress: Progress = silent,
) -> Readers:
    """Readers trained on ``data.half("steering")`` and checked on validation images, or the same
    ones from the cache.

    Raises:
        DataError: no images to learn from, or none to check readers on.
    """
    learned, checked = data.half("steering"), data.rows("validation")
    if not len(learned) or not len(checked):
        raise DataError(
            f"data set {data.name!r} has {len(learned)} images for readers to learn from and "
            f"{len(checked)} validation images to check them on: steering needs both."
        )
    about = f"{FORMAT} {seed} {data.checksum} {data.images.shape} {data.schema.to_dict()}"
    key = hashlib.sha256(about.encode() + learned.tobytes() + checked.tobytes()).hexdigest()
    path = cache_folder() / f"readers-{key[:32]}.safetensors"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(data.schema.named_columns, data.channels, data.size).to(device)
    accuracy = torch.zeros(len(data.schema.named))
    network.register_buffer("accuracy", accuracy)
    try:
        network.load_state_dict(weights := read_tensors(path)[0])
    except (OSError, RuntimeError):  # none, or none that can be read
        _train(network, data, seed, progress)
        accuracy.copy_(_accuracy(network.eval(), data))
        weights = {name: each.cpu().contiguous() for name, each in network.state_dict().items()}
        if data.checksum:  # else nothing tells it from other data
            with suppress(OSError):  # without a cache the next call only takes longer
                write_tensors(path, weights)
    names = [attribute.name for attribute in data.schema.named]
    readable = tuple(name for name, how in zip(names, accuracy, strict=True) if how >= READABLE)
    checksum = hashlib.sha256(save(weights)).hexdigest()
    return Readers(network.eval().requires_grad_(False), readable, checksum)


def _network(columns: int, channels: int, size: int) -> nn.Sequential:
    """Pairs of normalised 3×3 convolutions, halved to a side of 4 (Simonyan & Zisserman 2015)."""
    side, width = min(size, SIDE), 32
    layers: list[nn.Module] = [nn.AdaptiveAvgPool2d(side)]
    while side > 4:
        for inputs in (channels, width):
            convolution = nn.Conv2d(inputs, width, 3, padding=1, bias=False)
            layers += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
        layers += [nn.MaxPool2d(2)]
        channels, side, width = width, side // 2, min(2 * width, 128)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side**2, columns))


def _train(network: nn.Module, data: Dataset, seed: int, progress: Progress) -> None:
    """Cross-entropy of each column against (1 + s) / 2, over known labels, by gradient descent with
    one cycle of the rate (Smith & Topin 2018)."""
    learned, device = data.half("steering"), next(network.parameters()).device
    steps = max(1, min(IMAGES, PASSES * len(learned)) // BATCH)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1)
    for step in range(steps):
        rows = learned[chance.rows(seed, len(learned), step * BATCH, BATCH)]
        images, code, known = (part.to(device) for part in data.batch(rows))
        if "flip" in data.schema.augmentations:
            coin = torch.rand(BATCH, 1, 1, 1, generator=chance.generator(seed, "mirrors", step))
            images = torch.where(coin.to(device) < 0.5, images.flip(3), images)
        with arithmetic(device):
            odds = network(images)
        loss = F.binary_cross_entropy_with_logits(
            odds.float(), (1 + code) / 2, weight=known.float(), reduction="sum"
        ) / known.sum().clamp(min=1)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        cycle.step()
        progress(Status(step + 1, steps, "training readers"))


@torch.no_grad()
def _accuracy(network: nn.Module, data: Dataset) -> Float[Tensor, " attributes"]:
    """Balanced accuracy of each attribute on validation images, mean over its columns: is a column
    likelier on than it is on average in training where its label is above that average? nan where
    all labels are on one side."""
    schema, device = data.schema, next(network.parameters()).device
    learned, rows = (torch.from_numpy(x) for x in (data.half("steering"), data.rows("validation")))
    code, known = torch.from_numpy(data.codes), torch.from_numpy(data.known)
    usual = (code * known)[learned].sum(dim=0) / known[learned].sum(dim=0)  # (named,)
    odds = torch.cat(
        [network(data.batch(x.numpy())[0].to(device)).cpu() for x in torch.split(rows, BATCH)]
    )
    right = (odds > torch.logit((1 + usual) / 2)) == (code[rows] > usual)
    sides = known[rows] & torch.stack([code[rows] > usual, code[rows] <= usual])
    recall = (right & sides).sum(dim=1) / sides.sum(dim=1)  # (2, named)
    spans = [schema.slices[attribute.name] for attribute in schema.named]
    return torch.stack([recall.mean(dim=0)[span].nanmean() for span in spans])
