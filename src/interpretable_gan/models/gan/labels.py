"""From labels to codes: a label says on which side an image is, the encoder how plainly."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Known, NamedCode

PLAIN = 4.0
"""Log-odds, beyond those of its frequency, with which something is plainly seen."""

RAREST = 0.002
"""Frequencies below count as this one, and above 1 − this one likewise."""

FULL = 0.85
"""Claims beyond this share of ``typical`` are expected to be read as plainly as this one, 5 nats
beyond those of their frequency: more is hardly seen in real images, and fools the reading."""

Frequencies = Float[Tensor, " named"]


def frequencies(data: Dataset) -> Frequencies:
    """How often the training labels of each named column are on, among those that are known; of an
    attribute without any, every value is as likely as the others.
    """
    rows = data.rows("train")
    known = torch.from_numpy(data.known[rows])
    on = (torch.from_numpy(data.codes[rows]) > 0) & known
    even = torch.tensor([1 / max(a.width, 2) for a in data.schema.named for _ in range(a.width)])
    count = known.sum(dim=0)
    return torch.where(count > 0, on.sum(dim=0) / count.clamp(min=1), even)


class Labels(nn.Module):
    """Codes of real images, from their labels l and from what the encoder reads, ŝ::

        s_k = typical · l_k · max(0, l_k · tanh((ŝ_k − logit π_k) / PLAIN))

    with π_k the frequency of l_k = 1. So a claim is as strong as it is plain to see, and a label
    that the encoder does not see claims nothing; ±1 is left for what is asked in full. All columns
    of a categorical attribute have the strength of its level; continuous values are what they are.
    With ``typical`` 1 labels say all: codes are the labels.
    """

    frequencies: Tensor

    def __init__(self, schema: Schema, frequencies: Frequencies, typical: float) -> None:
        super().__init__()
        self.typical, self.columns = typical, schema.named_columns
        self.reading = Reading(schema)
        self.levels = [self.reading.spans[each] for each in self.reading.kinds["categorical"]]
        self.register_buffer("frequencies", frequencies, persistent=False)

    @property
    def prior(self) -> Frequencies:
        """Log-odds of the frequencies."""
        return torch.logit(self.frequencies, eps=RAREST)

    @property
    def exact(self) -> bool:
        """Do labels say all?"""
        return self.typical == 1

    def code(self, reading: Code, labels: NamedCode | None = None) -> NamedCode:
        """Named codes of images from raw readings (batch, columns) and, where there are any, their
        labels (batch, named columns); without, what is read. A missing label, 0, claims nothing.
        """
        if self.exact:
            return self.reading.as_code(reading)[:, : self.columns] if labels is None else labels
        beyond = self._beyond(reading[:, : self.columns])
        claimed = self._likeliest(beyond, reading) if labels is None else labels
        plain = claimed * beyond
        for span in self.levels:
            level = claimed[:, span].argmax(dim=1, keepdim=True)
            plain[:, span] = beyond[:, span].gather(1, level)
        strength = torch.where(self.reading.measured, 1.0, self.typical * plain.clamp(min=0))
        return claimed * strength

    def claimed(self, code: NamedCode) -> Known:
        """Which cells of a code say something."""
        return (code != 0) | self.reading.measured

    def expected(self, code: Code) -> Code:
        """The code that the encoder should read of images drawn with ``code``: of binary columns
        2p − 1, where p is the probability that makes them as plain as was asked."""
        if self.exact:
            return code
        plain = (code[:, self.reading.binary] / self.typical).clamp(-FULL, FULL)
        odds = self.prior[self.reading.binary] + PLAIN * torch.atanh(plain)
        expected = code.clone()
        expected[:, self.reading.binary] = torch.tanh(odds / 2)
        return expected

    def _beyond(self, reading: NamedCode) -> NamedCode:
        """How far log-odds are from those of the frequency, as a share of plain: in (-1, 1)."""
        return torch.tanh((self.reading.odds(reading) - self.prior) / PLAIN)

    def _likeliest(self, beyond: NamedCode, reading: Code) -> NamedCode:
        """The sides, levels and values that are read."""
        side = torch.where(beyond > 0, 1.0, -1.0)
        for span in self.levels:
            level = beyond[:, span].argmax(dim=1, keepdim=True)
            side[:, span] = torch.full_like(side[:, span], -1.0).scatter(1, level, 1.0)
        return torch.where(self.reading.measured, reading[:, : self.columns].clamp(-1, 1), side)
