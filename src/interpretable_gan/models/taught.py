"""Words that a trained model was taught from examples: attributes like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.atomic import read_tensors, write_tensors
from interpretable_gan.errors import RunError, SchemaError
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan.encoder import CHANNELS
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.steered import Steered
from interpretable_gan.models.terms import Terms
from interpretable_gan.models.wrapper import Wrapper
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Code, Images, NamedCode, Style

if TYPE_CHECKING:
    from interpretable_gan.models.gan.encoder import Evidence
    from interpretable_gan.models.images import ImageModel

FILE = "words.safetensors"
"""Where a run keeps its words."""

FORMAT = 1
"""Version of that file."""

TENSORS = ("weights", "on", "off")
"""The fields of a word that are tensors."""


@dataclass(frozen=True, eq=False)
class Word:
    """A binary attribute that is read from the evidence φ of all trained columns::

        log-odds = offset + Σ_k Σ_ij v_k(i,j) · φ_k(i,j)

    The log-odds are those among as many images with the word as without.

    attribute: its name and description
    weights: v, of the evidence of each column
    offset: log-odds without evidence
    on, off: how far z = (code, style) moves when the word is asked for in full, and when its
        absence is; 0 where it cannot be drawn
    record: what teaching measured: ``accuracy``, balanced and cross-validated, its ``interval``,
        and the numbers of examples ``yes`` and ``no``
    model: `fingerprint` of the weights that give the evidence
    """

    attribute: Attribute
    weights: Float[Tensor, "columns channels places places"]
    offset: float
    on: Float[Tensor, " z"]
    off: Float[Tensor, " z"]
    record: Mapping[str, Any]
    model: str

    @property
    def steered(self) -> bool:
        """Whether asking for it moves anything."""
        return bool(self.on.any() or self.off.any())

    def check(self, columns: int, z: int) -> None:
        """Refuse a word of other networks.

        Raises:
            RunError: its shapes do not fit, or hold values that are no numbers.
        """
        fits = self.weights.ndim == 4 and len(self.weights) == columns
        finite = all(getattr(self, name).isfinite().all() for name in TENSORS)
        if not (fits and finite and self.on.shape == self.off.shape == (z,)):
            raise RunError(
                f"the word {self.attribute.name!r} does not fit the model, or is damaged: teach it "
                "again."
            )


def save_words(path: Path, words: Sequence[Word]) -> None:
    """Write words as safetensors, whole or not at all; without any, the file goes."""
    if not words:
        path.unlink(missing_ok=True)
        return
    tensors = {
        f"{number}.{name}": getattr(word, name)
        for number, word in enumerate(words)
        for name in TENSORS
    }
    about = [
        {
            "attribute": word.attribute.model_dump(mode="json", exclude_defaults=True),
            "offset": word.offset,
            "record": dict(word.record),
            "model": word.model,
        }
        for word in words
    ]
    metadata = {"format": str(FORMAT), "words": json.dumps(about, ensure_ascii=False)}
    write_tensors(path, tensors, metadata)


def load_words(path: Path) -> tuple[Word, ...]:
    """Read what `save_words` wrote; none where there is no such file.

    Raises:
        RunError: an unknown format, or a damaged file.
    """
    if not path.is_file():
        return ()
    try:
        tensors, metadata = read_tensors(path)
        if (version := metadata.get("format")) != str(FORMAT):
            raise RunError(
                f"{path} has format {version}, but this version reads format {FORMAT}: teach "
                "its words again."
            )
        return tuple(
            Word(
                attribute=Attribute(**each["attribute"]),
                offset=float(each["offset"]),
                record=dict(each["record"]),
                model=str(each["model"]),
                **{name: tensors[f"{number}.{name}"] for name in TENSORS},
            )
            for number, each in enumerate(json.loads(metadata["words"]))
        )
    except (OSError, SchemaError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise RunError(
            f"{path} is damaged ({error}): remove it, and teach its words again."
        ) from None


class Taught(Wrapper):
    """A model like any other, which also reads, maps and draws words that it was taught.

    Words are the last columns of its codes. Its decision does not use them, so they have no terms.
    Codes of real images claim nothing about a word (0); asking for it moves z by its shift, in
    proportion to what is asked::

        z + Σ_w max(0, s_w) · on_w + max(0, −s_w) · off_w

    Everything else is the inner model's: what it offers beyond `Model` is passed through.

    Args:
        model: trained, steered or not.
        words: taught to it.

    Raises:
        RunError: words of other networks.
        SchemaError: a word has the name of an attribute.
    """

    model: ImageModel | Steered

    def __init__(self, model: ImageModel | Steered, words: Sequence[Word]) -> None:
        z = model.schema.columns + model.styles(1).shape[1]
        for word in words:
            word.check(model.schema.columns, z)
        self.model, self.words = model, tuple(words)
        self.schema = model.schema.with_taught([word.attribute for word in words])
        weights, on, off = (
            torch.stack([getattr(word, name) for word in words]).to(model.device)
            for name in TENSORS
        )
        self.weights, self.moves = weights, torch.cat([on, off])  # (words, …), (2 · words, z)
        self.offset = torch.tensor([word.offset for word in words], device=model.device)
        self._scale = Reading(self.schema).to(model.device)

    @property
    def trained(self) -> int:
        """Columns of the inner model's codes; those of words follow."""
        return self.model.schema.columns

    def to(self, device: torch.device | str) -> Taught:
        """The same model on another device."""
        return Taught(self.model.to(device), self.words)

    def without(self, word: str) -> ImageModel | Steered | Taught:
        """The same model without a word; the inner one, where none is left."""
        left = [each for each in self.words if each.attribute.name != word]
        return Taught(self.model, left) if left else self.model

    def codes(self, n: int, *, seed: int = 0) -> Code:
        """Codes ``(n, columns)`` that are usual in the training data, and claim no word."""
        return self._silent(self.model.codes(n, seed=seed))

    def draw(self, code: Code, style: Style) -> Images:
        """Images ``(n, …)`` of codes and styles, moved by the words that are asked for."""
        return self._drawer.draw(*self.shifted(code, style))

    def render(self, code: Code, style: Style) -> Images:
        """What `draw` draws, with gradients and before values are clamped to their range."""
        return self._drawer.render(*self.shifted(code, style))

    def shifted(self, code: Code, style: Style) -> tuple[Code, Style]:
        """What the generator itself is given: shifts included, columns of words left out.

        Raises:
            SchemaError: codes of another width.
        """
        if code.ndim != 2 or code.shape[1] != self.schema.columns:
            raise SchemaError(
                f"codes {tuple(code.shape)} make no images: give (batch, {self.schema.columns})."
            )
        inner, asked = torch.split(code.to(self.device), [self.trained, len(self.words)], dim=1)
        style = style.to(self.device)
        if isinstance(self.model, Steered):
            inner, style = self.model.shifted(inner, style)
        sides = torch.cat([asked.clamp(min=0), (-asked).clamp(min=0)], dim=1)
        moved = sides @ self.moves  # (batch, z)
        return inner + moved[:, : self.trained], style + moved[:, self.trained :]

    def z_moves(self, columns: slice) -> Float[Tensor, "moves z"]:
        """How z moves when each of these code columns is set to +1 and, in the second half, to −1;
        a word has no column of its own there, only its shift. ``(2 · columns, z)``."""
        trained = self.model.z_moves(slice(0, self.trained))
        both = zip(trained.chunk(2), self.moves.chunk(2), strict=True)
        return torch.cat([torch.cat(each)[columns] for each in both])

    @torch.no_grad()
    def read(self, images: Images) -> Code:
        """Raw readings ``(batch, columns)``, as `ImageModel.read`; log-odds of words.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        encoder, found = self.model.encoder, []
        for some in torch.split(self.model.checked(images), BATCH):
            evidence = encoder.evidence(encoder.features(some))
            found.append(torch.cat([encoder.reading(evidence), self.words_in(evidence)], dim=1))
        return torch.cat(found)

    def words_in(self, evidence: Evidence) -> Float[Tensor, "batch words"]:
        """Log-odds of the words from evidence."""
        return self.offset + torch.einsum("bkchw,nkchw->bn", evidence, self.weights)

    def word_terms(
        self, evidence: Evidence, name: str
    ) -> tuple[Float[Tensor, 1], Float[Tensor, "batch 1 levels places places"]]:
        """A word's log-odds without evidence, and what each place of each level adds."""
        number = self.schema.names.index(name) - len(self.model.schema.names)
        terms = (evidence * self.weights[number]).sum(dim=1, keepdim=True)
        levels = [each.sum(dim=2) for each in torch.split(terms, CHANNELS, dim=2)]
        return self.offset[number : number + 1], torch.stack(levels, dim=2)

    def read_code(self, images: Images) -> Code:
        """What the encoder reads as a code ``(batch, columns)`` in [-1, 1]."""
        return self._scale.as_code(self.read(images))

    def encode(self, images: Images) -> tuple[Code, Style]:
        """Code and style of images. The code claims no word: what shows it is in the rest."""
        code, style = self.model.encode(images)
        return self._silent(code), style

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code:
        """`ImageModel.code_of`, which claims no word."""
        return self._silent(self.model.code_of(images, labels))

    def code_from(self, reading: Code) -> Code:
        """`code_of` images, from what `read` said of them, ``(batch, columns)``."""
        return self._silent(self.model.code_from(reading[:, : self.trained]))

    def terms(self, images: Images, code: Code | None = None) -> Terms:
        """The logit as an exact sum, which words are no part of."""
        return self.model.terms(images, None if code is None else code[:, : self.trained])

    def scored(self, images: Images, code: Code) -> tuple[Terms, Code]:
        """The same terms summed over places, and the raw readings, those of words among them."""
        terms, reading = self.model.scored(images, code[:, : self.trained])
        return terms, torch.cat([reading, self.read(images)[:, self.trained :]], dim=1)

    @cached_property
    def _drawer(self) -> ImageModel:
        """What draws from z as it is given."""
        drawer: ImageModel = (
            self.model.model if isinstance(self.model, Steered) else self.model  # type: ignore[assignment]
        )
        return drawer

    def _silent(self, code: Code) -> Code:
        """Trained columns, and words of which nothing is claimed."""
        return torch.cat([code, code.new_zeros(len(code), len(self.words))], dim=1)
