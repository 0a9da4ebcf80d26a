"""A black box on the same published network: an unrestricted head on the features of all places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.pretrained import DEEPER
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.reader.fit import Known
from interpretable_gan.models.reader.networks import Seen

WIDTH, HIDDEN, DROPOUT, BATCH, RATE, DECAY = 48, 128, 0.3, 128, 2e-3, 1e-2


class BlackBox(nn.Module):
    """Convolutions over all levels together, then two dense layers.

    Shape: `Seen` of a batch to (batch, columns).
    """

    def __init__(self, columns: int) -> None:
        super().__init__()
        channels = sum(tap.channels for tap in DEEPER)
        self.net = nn.Sequential(
            nn.Conv2d(channels, WIDTH, 1),
            nn.ReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH * 16, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, columns),
        )

    def forward(self, seen: Seen) -> Tensor:
        whole = torch.cat([level.float() for level in seen], dim=2).mT
        return self.net(whole.reshape(len(whole), -1, PLACES, PLACES))


def fit_black_box(
    data: Dataset, parts: Sequence[Known], *, seed: int, passes: int, whole: bool = False
) -> Callable[[Known], Tensor]:
    """Learn the target, or with ``whole`` all named columns, from the same images as a reader, with
    the same error, and keep the pass that is best on validation images."""
    torch.manual_seed(seed)
    train, held_out = parts
    schema, target = data.schema, data.schema.target or ""
    span = slice(0, schema.named_columns) if whole else schema.slices[target]
    scale = Reading(schema)
    which = range(len(schema.named)) if whole else [schema.names.index(target)]
    box = BlackBox(span.stop - span.start)

    def loss(some: Known) -> Tensor:
        reading = some.codes.new_zeros(len(some), schema.named_columns)
        reading[:, span] = box(some.seen)
        return scale.error(reading, some.codes)[:, list(which)].mean()

    @torch.no_grad()
    def scores(some: Known) -> Tensor:
        box.eval()
        return torch.cat([box(some.at(rows).seen) for rows in torch.arange(len(some)).split(512)])

    steps = len(train) // BATCH * passes
    optimizer = torch.optim.AdamW(box.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    best, least = box.state_dict(), np.inf
    for _ in range(passes):
        box.train()
        for rows in torch.randperm(len(train)).split(BATCH)[: steps // passes]:
            optimizer.zero_grad()
            loss(train.at(rows)).backward()
            optimizer.step()
            schedule.step()
        box.eval()
        with torch.no_grad():
            held = float(loss(held_out))
        if held < least:
            best, least = {key: each.clone() for key, each in box.state_dict().items()}, held
    box.load_state_dict(best)
    return scores
