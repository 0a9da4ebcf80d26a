"""One toy per family: closed forms and random weights, as small as each can be.

They show what a family has to write, and stand in where a test needs a model of any family.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from interpretable_gan.chance import generator as chance
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.models.base import whole
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Style

FOUND = Attribute(name="d00", kind="continuous", range=(-1, 1), source="discovered")
HAIR = Attribute(name="hair", kind="categorical", levels=("black", "blond"))
FACES = Schema(name="faces", attributes=(Attribute(name="smiling"), HAIR, FOUND))
AGE = Attribute(name="age", kind="continuous", range=(0, 100))
PEOPLE = Schema(name="people", attributes=(Attribute(name="smoker"), AGE, FOUND))
LENGTH = Attribute(name="length", kind="continuous", range=(60, 180))
FILMS = Schema(name="films", attributes=(Attribute(name="funny"), LENGTH, FOUND))


@dataclass(frozen=True)
class Numbers:
    """Examples of one shape; with a ``top``, whole numbers from 0 to below it."""

    shape: tuple[int, ...]
    top: int | None = None

    def check(self, examples: Any) -> Tensor:
        examples = torch.as_tensor(examples)
        if tuple(examples.shape[1:]) != self.shape or not len(examples):
            raise DataError(f"shape {tuple(examples.shape)}: give (batch, *{self.shape}).")
        if not examples.is_meta and not examples.isfinite().all():
            raise DataError("some numbers are NaN or infinite: leave these examples out.")
        return examples.float() if self.top is None else examples.long()

    def show(self, examples: Tensor) -> Any:
        return examples.cpu().numpy()


class Weights(nn.Module):
    """Random weights of the given shapes by name."""

    def __init__(self, seed: int, **shapes: tuple[int, ...]) -> None:
        super().__init__()
        for name, shape in shapes.items():
            values = 0.5 * torch.randn(shape, generator=chance(seed, name, 0))
            setattr(self, name, nn.Parameter(values, requires_grad=False))


class Toy(nn.Module):
    """What all toys share. A family writes `_draw`, `encode`, `_terms` and `patches`."""

    name: str
    schema: Schema
    modality: Numbers
    style: int
    """Width of a style."""

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def to(self, device: torch.device | str) -> Toy:
        return nn.Module.to(copy.deepcopy(self), device)

    def tensors(self) -> dict[str, Tensor]:
        return self.state_dict()

    def codes(self, n: int, *, seed: int = 0) -> Code:
        luck = chance(seed, "codes", 0)
        return (2 * torch.rand(n, self.schema.columns, generator=luck) - 1).to(self.device)

    def styles(self, n: int, *, seed: int = 0) -> Style:
        return torch.randn(n, self.style, generator=chance(seed, "styles", 0)).to(self.device)

    def draw(self, code: Code, style: Style) -> Tensor:
        columns = self.schema.columns
        if code.shape != (len(style), columns) or style.shape != (len(code), self.style):
            raise SchemaError(
                f"codes {tuple(code.shape)} and styles {tuple(style.shape)} do not go together: "
                f"give (batch, {columns}) and (batch, {self.style}), as many of both."
            )
        return self._draw(code, style)

    def terms(self, examples: Any, code: Code | None = None) -> Terms:
        examples = self.modality.check(examples).to(self.device)
        code = self.encode(examples)[0] if code is None else code
        return self._terms(examples, whole(self.schema, code, len(examples)))

    def _split(self, latents: Tensor) -> tuple[Code, Style]:
        """Latents as code and style."""
        columns = self.schema.columns
        return latents[:, :columns].clamp(-1, 1), latents[:, columns:]

    def _parts(self, kind: str, columns: Tensor, places: Sequence[str] = ()) -> tuple[Part, Part]:
        """A named and a discovered part of terms by column, (batch, columns, places)."""
        names, named = self.schema.names, len(self.schema.named)
        terms = [columns[:, where].sum(dim=1) for where in self.schema.slices.values()]
        rows = torch.stack(terms, dim=1)
        return (
            Part(kind, "named", rows[:, :named], names[:named], tuple(places)),
            Part(kind, "discovered", rows[:, named:], names[named:], tuple(places)),
        )


class ImageGAN(Toy):
    """Grey images of 8×8. The discriminator reads evidence at two levels: a fine one of 4×4 places,
    each of which sees 2×2 pixels, and a deep one that sees the whole image. A projection form:

        D(x, s) = b + Σ_k,p (s_k·a_kp + r_kp)·φ_kp(x) + Σ_k s_k·v_k·h(x) + q·h(x)
    """

    name, schema, modality, style = "image gan", FACES, Numbers((1, 8, 8)), 2
    places = tuple(f"row {row}, column {column}" for row in range(4) for column in range(4))

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.generator = Weights(seed, code=(4, 64), style=(2, 64))
        fine = {"see": (4, 4), "agree": (4, 16), "real": (4, 16)}
        deep = {"look": (64, 3), "agree_deep": (4, 3), "residual": (3,)}
        self.discriminator = Weights(seed, **fine, **deep, bias=())

    def _draw(self, code: Code, style: Style) -> Tensor:
        pixels = torch.tanh(code @ self.generator.code + style @ self.generator.style)
        return pixels.view(-1, 1, 8, 8)

    def encode(self, examples: Any) -> tuple[Code, Style]:
        pixels = self.modality.check(examples).to(self.device).flatten(1).clamp(-0.999, 0.999)
        drawn = torch.cat([self.generator.code, self.generator.style])
        return self._split(torch.atanh(pixels) @ torch.linalg.pinv(drawn))

    def _terms(self, images: Tensor, code: Code) -> Terms:
        d = self.discriminator
        squares = images.view(-1, 4, 2, 4, 2).transpose(2, 3).reshape(-1, 1, 16, 4)
        fine = (squares * d.see[:, None]).sum(dim=3).tanh()  # (batch, columns, places)
        deep = torch.tanh(images.flatten(1) @ d.look)  # (batch, 3)
        claimed = torch.cat([code[:, :3], torch.zeros_like(code[:, 3:])], dim=1)
        total = d.bias + ((claimed[:, :, None] * d.agree + d.real) * fine).sum(dim=(1, 2))
        total = total + (deep * (claimed @ d.agree_deep + d.residual)).sum(dim=1)
        agreement, _ = self._parts("agreement", claimed[:, :, None] * d.agree * fine, self.places)
        at_large = (claimed * (deep @ d.agree_deep.T))[:, :, None]
        deep_agreement, _ = self._parts("agreement", at_large)
        realism = self._parts("realism", d.real * fine, self.places)
        rest = Part("residual", "residual", (deep @ d.residual)[:, None, None], ("residual",))
        return Terms((agreement, deep_agreement, *realism, rest), d.bias, total)

    def patches(self, part: Part) -> Tensor:
        if not part.places:
            return torch.ones(1, 1, 1, 1, 1, dtype=torch.bool)
        squares = torch.eye(16, dtype=torch.bool).view(1, 16, 4, 1, 4, 1)
        return squares.expand(1, 16, 4, 2, 4, 2).reshape(1, 16, 1, 8, 8)


class Table(Toy):
    """Rows of three columns, of which each attribute shows in each. Single columns claim places,
    a pair of columns is a row of its own, and the residual sees the whole row."""

    name, schema, modality, style = "table", PEOPLE, Numbers((3,)), 1
    places = ("cigarettes", "years", "income")
    pairs = ((0, 1), (0, 2), (1, 2))

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.generator = Weights(seed, code=(3, 3), style=(1, 3))
        single = {"scale": (3, 3), "offset": (3, 3), "agree": (3, 3), "real": (3, 3)}
        self.discriminator = Weights(
            seed, **single, pair=(3, 2), pairs=(3,), look=(3, 3), residual=(3,), bias=()
        )

    def _draw(self, code: Code, style: Style) -> Tensor:
        return code @ self.generator.code + style @ self.generator.style

    def encode(self, examples: Any) -> tuple[Code, Style]:
        rows = self.modality.check(examples).to(self.device)
        drawn = torch.cat([self.generator.code, self.generator.style])
        return self._split(rows @ torch.linalg.pinv(drawn))

    def _terms(self, rows: Tensor, code: Code) -> Terms:
        d = self.discriminator
        seen = torch.tanh(rows[:, None] * d.scale + d.offset)  # (batch, attributes, columns)
        claimed = torch.cat([code[:, :2], torch.zeros_like(code[:, 2:])], dim=1)
        weights = claimed[:, :, None] * d.agree + d.real
        both = torch.tanh((rows[:, self.pairs] * d.pair).sum(dim=2))  # (batch, pairs)
        rest = torch.tanh(rows @ d.look)
        total = d.bias + (weights * seen).sum(dim=(1, 2)) + both @ d.pairs + rest @ d.residual
        names = tuple(f"{self.places[i]} × {self.places[j]}" for i, j in self.pairs)
        parts = (
            *self._parts("single columns", weights * seen, self.places),
            Part("pairs of columns", "named", (both * d.pairs)[:, :, None], names),
            Part("residual", "residual", (rest @ d.residual)[:, None, None], ("residual",)),
        )
        return Terms(parts, d.bias, total)

    def patches(self, part: Part) -> Tensor:
        one = torch.eye(3, dtype=torch.bool)
        if part.places:
            return one[None]
        if part.kind == "pairs of columns":
            return torch.stack([one[i] | one[j] for i, j in self.pairs])[:, None]
        return torch.ones(1, 1, 1, dtype=torch.bool)


class VAE(Toy):
    """Vectors of six numbers, drawn linearly with noise of variance ¼. The evidence bound given a
    code s, with normal q(z|x) and priors N(s_k, 1) of attributes and N(0, 1) of the style:

        log p(x|s) ≥ −Σ_k KL(q(z_k|x) ‖ p(z_k|s)) + Σ_j E_q log p(x_j|z)

    The misfit of an entry has a place, yet it depends on the whole vector, through q.
    """

    name, schema, modality, style = "vae", PEOPLE, Numbers((6,)), 1
    noise = 0.25
    """Variance of an entry around what is drawn."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.weights = Weights(seed, decoder=(4, 6), encoder=(6, 4), log_variance=(4,))
        decoder = self.weights.decoder
        around = decoder.T @ decoder + self.noise * torch.eye(6)
        self.weights.encoder.copy_(torch.linalg.inv(around) @ decoder.T)

    def _draw(self, code: Code, style: Style) -> Tensor:
        return torch.cat([code, style], dim=1) @ self.weights.decoder

    def encode(self, examples: Any) -> tuple[Code, Style]:
        return self._split(self.modality.check(examples).to(self.device) @ self.weights.encoder)

    def _terms(self, vectors: Tensor, code: Code) -> Terms:
        w = self.weights
        mean, variance = vectors @ w.encoder, w.log_variance.exp()
        prior = torch.cat([code, torch.zeros_like(mean[:, :1])], dim=1)
        distance = variance + (mean - prior) ** 2 - 1 - w.log_variance  # (batch, latents)
        misfit = (vectors - mean @ w.decoder) ** 2 + variance @ w.decoder**2  # (batch, entries)
        bias = mean.new_full((), -3 * math.log(2 * math.pi * self.noise))
        total = bias - distance.sum(dim=1) / 2 - misfit.sum(dim=1) / (2 * self.noise)
        entries = tuple(f"entry {number}" for number in range(6))
        restored = -misfit[:, None] / (2 * self.noise)
        parts = (
            *self._parts("divergence", -distance[:, :3, None] / 2),
            Part("divergence", "residual", -distance[:, 3:, None] / 2, ("style",)),
            Part("reconstruction", "residual", restored, ("reconstruction",), entries),
        )
        return Terms(parts, bias, total)

    def patches(self, part: Part) -> Tensor:
        return torch.ones(1, 1, 1, dtype=torch.bool)


class Flow(Toy):
    """Table rows of four columns. Layer 1 scales each column, layer 2 scales the last two by what
    the first two say (an affine coupling); z = f(x) is code and style:

        log p(x|s) = Σ_k log N(z_k; s_k, 1) + Σ_layers log |det|
    """

    name, schema, modality, style = "flow", PEOPLE, Numbers((4,)), 1

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.weights = Weights(seed, scale=(4,), couple=(2, 2))

    def _log_scale(self, first: Tensor) -> Tensor:
        """What layer 2 does to the last two columns, (batch, 2)."""
        return torch.tanh(first[:, :, None] * self.weights.couple).sum(dim=1)

    def _draw(self, code: Code, style: Style) -> Tensor:
        first, last = code[:, :2], torch.cat([code[:, 2:], style], dim=1)
        scaled = torch.cat([first, last * (-self._log_scale(first)).exp()], dim=1)
        return scaled * (-self.weights.scale).exp()

    def latents(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """z, and the log-determinant of each layer, (batch, 2)."""
        scale = self.weights.scale
        first, last = (rows * scale.exp()).split(2, dim=1)
        log_scale = self._log_scale(first)
        volumes = torch.stack([scale.sum().expand(len(rows)), log_scale.sum(dim=1)], dim=1)
        return torch.cat([first, last * log_scale.exp()], dim=1), volumes

    def encode(self, examples: Any) -> tuple[Code, Style]:
        return self._split(self.latents(self.modality.check(examples).to(self.device))[0])

    def _terms(self, rows: Tensor, code: Code) -> Terms:
        latents, volumes = self.latents(rows)
        gaps = latents - torch.cat([code, torch.zeros_like(latents[:, 3:])], dim=1)
        bias = latents.new_full((), -2 * math.log(2 * math.pi))
        total = bias - gaps.square().sum(dim=1) / 2 + volumes.sum(dim=1)
        prior = -gaps.square()[:, :, None] / 2
        parts = (
            *self._parts("prior", prior[:, :3]),
            Part("prior", "residual", prior[:, 3:], ("style",)),
            Part("log-determinant", "residual", volumes[:, :, None], ("layer 1", "layer 2")),
        )
        return Terms(parts, bias, total)

    def patches(self, part: Part) -> Tensor:
        coupled = [[1, 1, 1, 0], [1, 1, 0, 1]]
        seen = {
            ("prior", "named"): [[1, 0, 0, 0], [0, 1, 0, 0]],
            ("prior", "discovered"): coupled[:1],
            ("prior", "residual"): coupled[1:],
            ("log-determinant", "residual"): [[0, 0, 0, 0], [1, 1, 0, 0]],
        }
        return torch.tensor(seen[part.kind, part.source], dtype=torch.bool)[:, None]


class Recommender(Toy):
    """Film numbers: the one that is recommended, then the three that were seen last. A code is what
    is asked of the film, a style is the taste that the history shows:

        score = b + Σ_k s_k·w_k·a_k(film) + Σ_t c_t·⟨e(film), e(film seen t back)⟩ + popularity
    """

    name, schema, modality, style = "recommender", FILMS, Numbers((4,), top=8), 3

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        films = {"attributes": (8, 3), "taste": (8, 3), "popularity": (8,)}
        self.weights = Weights(seed, **films, match=(3,), fading=(3,), bias=())

    def _draw(self, code: Code, style: Style) -> Tensor:
        w = self.weights
        seen = (style @ w.taste.T).topk(3).indices
        fit = ((code * w.match) @ w.attributes.T).scatter(1, seen, -math.inf)
        return torch.cat([fit.argmax(dim=1, keepdim=True), seen], dim=1)

    def encode(self, examples: Any) -> tuple[Code, Style]:
        films = self.modality.check(examples).to(self.device)
        w = self.weights
        return w.attributes[films[:, 0]].clamp(-1, 1), w.taste[films[:, 1:]].mean(dim=1)

    def _terms(self, films: Tensor, code: Code) -> Terms:
        w, film = self.weights, films[:, 0]
        past = w.fading[:, None] * w.taste[films[:, 1:]]  # (batch, 3 films seen, taste)
        match = code * w.match * w.attributes[film]
        taste, popular = w.taste[film], w.popularity[film]
        total = w.bias + match.sum(dim=1) + (taste * past.sum(dim=1)).sum(dim=1) + popular
        history = (taste[:, None] * past).sum(dim=2, keepdim=True)
        parts = (
            *self._parts("match", match[:, :, None]),
            Part("history", "named", history, ("1 back", "2 back", "3 back")),
            Part("popularity", "residual", popular[:, None, None], ("popularity",)),
        )
        return Terms(parts, w.bias, total)

    def patches(self, part: Part) -> Tensor:
        entry = torch.eye(4, dtype=torch.bool)
        return ((entry[0] | entry[1:]) if part.kind == "history" else entry[:1])[:, None]


TOYS = (ImageGAN, Table, VAE, Flow, Recommender)
