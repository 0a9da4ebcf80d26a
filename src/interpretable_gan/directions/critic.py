"""A critic of edits: it learns what they have that the images they were made of have not."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from interpretable_gan.audit.evaluator_networks import PlainNetwork
from interpretable_gan.shapes import Images, Scores

RATE = 5e-4
"""Of AdamW."""


class Critic:
    """A small network that tells edited images from plain ones, and learns while edits do.

    What shows an attribute to readers need not look like one: a bright bar for glasses, a burnt
    mouth for a mustache. It comes with edits only, so it is learned at once (Goodfellow et al.
    2014, with the plain image in the place of the real one).

    Called with images: ``−log P(plain)``, ``(batch,)``, through which gradients pass.

    Args:
        channels, size: of the images.
        seed: of the weights.
    """

    def __init__(self, channels: int, size: int, seed: int) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = PlainNetwork(1, channels, size)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimizer = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=0.05)

    def __call__(self, images: Images) -> Scores:
        return F.softplus(self._odds(images))

    def learn(self, plain: Images, edited: Images) -> Tensor:
        """One step on as many images of both kinds; its loss before, ``2 · log 2`` by guessing."""
        self.network.requires_grad_(True)
        true, false = self._odds(edited.detach()), self._odds(plain.detach())
        loss = F.softplus(-true).mean() + F.softplus(false).mean()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self.network.requires_grad_(False)
        return loss.detach()

    def _odds(self, images: Images) -> Scores:
        """Of being an edit."""
        odds: Scores = self.network(images)[:, 0]
        return odds
