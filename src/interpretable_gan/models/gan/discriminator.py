"""The discriminator: real or not, as an exact sum over (attribute × place)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.models.gan.blocks import ResidualBlock, activate_, bounded
from interpretable_gan.models.gan.encoder import (
    GAIN,
    ChannelRead,
    Encoder,
    Evidence,
    LinearRead,
    View,
    read_together,
    trunk_of,
)
from interpretable_gan.shapes import Code, Features, Images, Scores


@dataclass(frozen=True)
class Decision:
    """What the discriminator says of a batch, in parts that add up to the logit.

    agreement: α_k, does the image show what the code claims?  (batch, named columns)
    realism: ρ_k, does what the image shows of k look real?  (batch, columns)
    residual: r, everything without a name  (batch,)
    bias: b  ()
    reading: ŝ, what the encoder reads from the same evidence  (batch, columns)
    """

    agreement: Float[Tensor, "batch named"]
    realism: Float[Tensor, "batch columns"]
    residual: Scores
    bias: Float[Tensor, ""]
    reading: Code

    @property
    def contributions(self) -> Float[Tensor, "batch columns"]:
        """``α_k + ρ_k`` of named columns, ``ρ_m`` of discovered ones."""
        discovered = self.realism.shape[1] - self.agreement.shape[1]
        return F.pad(self.agreement, (0, discovered)) + self.realism

    @property
    def logit(self) -> Scores:
        """``b + Σ_named (α_k + ρ_k) + Σ_discovered ρ_m + r``."""
        return self.bias + self.agreement.sum(dim=1) + self.realism.sum(dim=1) + self.residual


class GlobalTrunk(nn.Module):
    """From the local trunk's features at 8×8 to 4×4, where every place sees the whole image.

    What they see comes out as one row at unit length, divided by the root of its number, so that
    the weights of a read over it can be about 1.

    Shape: (batch, width, 8, 8) to (batch, width * 4 * 4).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = ResidualBlock(width)

    def forward(self, features: Features) -> Float[Tensor, "batch seen"]:
        seen = activate_(self.block(F.avg_pool2d(features, 2))).flatten(1).float()
        return seen / math.sqrt(seen.shape[1])


class Discriminator(nn.Module):
    """Judges images against a code; owns the encoder, with which it shares the evidence φ.

        agreement  α_k(x,s) = s_k · Σ_ij ψ_k(i,j)·φ_k(i,j)
        realism    ρ_k(x)   = Σ_ij w_k(i,j)·φ_k(i,j)
        residual   r(x)     = Σ_ij q(i,j)·γ(i,j)
        logit      D(x,s)   = b + Σ_named (α_k + ρ_k) + Σ_discovered ρ_m + r

    Agreement is the projection form (Miyato & Koyama 2018), one inner product per attribute.

    Shape: images (batch, image_channels, size, size), code (batch, columns) to a `Decision`.
    """

    def __init__(
        self,
        *,
        named: int,
        discovered: int,
        size: int,
        widths: tuple[int, int],
        image_channels: int = 3,
        trunk: str = "own",
    ) -> None:
        super().__init__()
        self.named = named
        columns = named + discovered
        chosen = trunk_of(trunk, size=size, widths=widths, image_channels=image_channels)
        levels = chosen.levels
        self.encoder = Encoder(columns=columns, trunk=chosen)
        if levels == 1:
            self.agreement = LinearRead(named, gain=0.3 / math.sqrt(named))
            self.realism = LinearRead(columns, gain=0.3 / math.sqrt(columns))
        else:
            self.agreement = ChannelRead(named, 1, levels=levels, gain=1.0)
            self.realism = ChannelRead(columns, 0, levels=levels, gain=1 / GAIN)
        global_trunk = GlobalTrunk(chosen.width)
        self.global_trunk = global_trunk if levels == 1 else bounded(global_trunk)
        self.residual = nn.Linear(chosen.width * 4 * 4, 1, bias=False)
        nn.init.normal_(self.residual.weight, std=0.3)
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, images: Images, code: Code) -> Decision:
        return self.decide(self.encoder.trunk.view(images), code)

    def decide(self, view: View, code: Code) -> Decision:
        """The decision on what the trunk learns from."""
        features = self.encoder.trunk(view)
        return self.judge(features, self.encoder.evidence(features), code)

    def judge(self, features: Features, evidence: Evidence, code: Code) -> Decision:
        """The decision on what the local trunk saw: its features, and the evidence in them."""
        encoder = self.encoder
        shown, realism, read = read_together(evidence, self.agreement, self.realism, encoder.read)
        return Decision(
            agreement=code[:, : self.named] * shown,
            realism=realism,
            residual=self.residual(self.global_trunk(features))[:, 0],
            bias=self.bias,
            reading=encoder.offset + read,
        )

    def placed(
        self, evidence: Evidence, code: Code
    ) -> tuple[
        Float[Tensor, "batch named levels places places"],
        Float[Tensor, "batch columns levels places places"],
    ]:
        """What each place of each level adds to agreement and to realism, by column."""
        shown = self.agreement.by_level(evidence[:, : self.named])
        return code[:, : self.named, None, None, None] * shown, self.realism.by_level(evidence)

    def terms(self, evidence: Evidence, code: Code) -> Float[Tensor, "batch columns places places"]:
        """What each place adds to the logit by each column, over all levels, agreement and realism
        together."""
        agreement, terms = (each.sum(dim=2) for each in self.placed(evidence, code))
        terms[:, : self.named] += agreement
        return terms


class OpaqueDiscriminator(nn.Module):
    """The black-box twin: the same trunks, one opaque projection head.

    The yardstick for what interpretability costs. Its decision has no parts: the projection
    ``⟨Vs, h⟩ + ⟨w, h⟩`` of pooled features h is all residual.
    """

    def __init__(
        self,
        *,
        named: int,
        discovered: int,
        size: int,
        widths: tuple[int, int],
        image_channels: int = 3,
        trunk: str = "own",
    ) -> None:
        super().__init__()
        self.named = named
        chosen = trunk_of(trunk, size=size, widths=widths, image_channels=image_channels)
        self.encoder = Encoder(columns=named + discovered, trunk=chosen)
        self.global_trunk = GlobalTrunk(chosen.width)
        self.judge = nn.Linear(chosen.width * 4 * 4, 1)
        self.project = nn.Linear(named, chosen.width * 4 * 4, bias=False)
        nn.init.normal_(self.judge.weight, std=0.3)
        nn.init.normal_(self.project.weight, std=0.3 / math.sqrt(named))

    def forward(self, images: Images, code: Code) -> Decision:
        return self.decide(self.encoder.trunk.view(images), code)

    def decide(self, view: View, code: Code) -> Decision:
        """The decision on what the trunk learns from."""
        features = self.encoder.trunk(view)
        seen = self.global_trunk(features)
        return Decision(
            agreement=seen.new_zeros(len(seen), self.named),
            realism=seen.new_zeros(len(seen), self.encoder.columns),
            residual=(seen * (self.judge.weight + self.project(code[:, : self.named]))).sum(dim=1),
            bias=self.judge.bias[0],
            reading=self.encoder.reading(self.encoder.evidence(features)),
        )
