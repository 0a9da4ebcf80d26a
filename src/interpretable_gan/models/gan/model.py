"""The model as people use it: sample, edit and read in the language of its attributes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor

from interpretable_gan.atomic import write_text
from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.directions.find import find_directions
from interpretable_gan.errors import ConfigError, DataError, RunError, SchemaError
from interpretable_gan.models.gan.config import TrainingConfig
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.networks import Networks, build
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Style
from interpretable_gan.training import checkpoint
from interpretable_gan.training.loop import train
from interpretable_gan.training.run import Run
from interpretable_gan.training.status import Progress

if TYPE_CHECKING:
    from interpretable_gan.explain.edits import Edit

BATCH = 128
"""Images drawn or read at a time."""

TEMPERATURE = 0.7
"""σ of the styles that samples have (Kingma & Dhariwal 2018). The generator learns from styles of
σ 1 and from those of real images, which lie closer together."""

KEPT = ("average", "discriminator", "style_encoder", "directions")
"""The networks that a trained model consists of."""

TOLERANCE = 0.01
"""How far images may go beyond [-1, 1], as rounding and resizing do: about a grey level."""

Part = TypeVar("Part")


class InterpretableGAN:
    """A generator, a discriminator and an encoder that share one space of named attributes.

    >>> from interpretable_gan import InterpretableGAN, open_dataset
    >>> data = open_dataset("portraits", size=32)          # doctest: +SKIP
    >>> model = InterpretableGAN(data.schema, preset="tiny").fit(data)  # doctest: +SKIP
    >>> model.sample(16, smiling=True)                      # doctest: +SKIP

    Args:
        schema: the named attributes; discovered ones are added as the config says.
        preset: ``tiny``, ``small`` or ``base``.
        **settings: any setting of `TrainingConfig`.

    Raises:
        ConfigError: an unknown preset or setting.
    """

    def __init__(self, schema: Schema, preset: str = "tiny", **settings: Any) -> None:
        self.config = TrainingConfig.of(preset, **settings)
        self.schema = schema.with_discovered(self.config.discovered)
        self._networks: Networks | None = None
        self._codes: Code | None = None
        self._labels: Labels | None = None
        self._log = ""

    def fit(
        self, data: Dataset, *, run: str | Path | None = None, progress: Progress | None = None
    ) -> InterpretableGAN:
        """Train on the training split of ``data``, then find how to ask for its attributes
        (`find_directions`); the run is kept where ``run`` says, if it does.

        Raises:
            DataError: data of another schema or size.
            RunError: the folder holds a run already.
        """
        if data.schema.named != self.schema.named:
            raise DataError(
                f"data set {data.name!r} has another schema than this model: "
                "make the model from data.schema."
            )
        with tempfile.TemporaryDirectory() as temporary:
            folder = train(data, self.config, run or Path(temporary), progress=progress)
            find_directions(folder, data)
            trained = folder.model()
        self._networks = trained._networks
        self._codes, self._labels = trained._codes, trained._labels
        self._log = trained._log
        return self

    @property
    def networks(self) -> Networks:
        """The trained networks.

        Raises:
            RunError: not trained yet.
        """
        return _trained(self._networks)

    def codes(self, n: int, *, seed: int = 0, **attributes: Any) -> Code:
        """Whole codes ``(n, columns)`` in [-1, 1]: those of training images, with the given values
        set.

        Raises:
            UnknownAttributeError, SchemaError: a name or value that the schema does not have.
            ConfigError: fewer than one.
            RunError: not trained yet.
        """
        usual, luck = self.codes_of_training, chance(seed, "codes", 0)
        usual = usual[torch.randint(len(usual), (_some(n),), generator=luck)]
        return self.schema.replace(usual, attributes)

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``, normal around 0 with σ = `TEMPERATURE`.

        Raises:
            ConfigError: fewer than one.
        """
        luck = chance(seed, "styles", 0)
        return TEMPERATURE * torch.randn(_some(n), self.config.style, generator=luck)

    def sample(self, n: int, *, seed: int = 0, **attributes: Any) -> Images:
        """Draw images ``(n, channels, size, size)`` in [-1, 1] with the given attributes; the
        others vary as in the data.

        The same seed gives the same people, so that two calls differ only in what was asked.

        Args:
            n: one or more.
            seed: of codes and styles.
            **attributes: name → natural value, one for all images or a list with one per image:
                ``smiling=True`` or a strength from 0 to 1, ``hair_color="blond"``, ``age=35``.

        Raises:
            UnknownAttributeError, SchemaError: a name or value that the schema does not have.
            ConfigError: fewer than one.
            RunError: not trained yet.
        """
        return self.draw(self.codes(n, seed=seed, **attributes), self.styles(n, seed=seed))

    @torch.no_grad()
    def draw(self, code: Code, style: Style) -> Images:
        """Images ``(batch, channels, size, size)`` in [-1, 1] of the given codes and styles; what
        is asked in full goes along its `Directions`.

        Args:
            code: ``(batch, columns)`` in [-1, 1], such as `codes` and `code_of` give.
            style: ``(batch, style)``, such as `styles` and `encode_style` give.

        Raises:
            SchemaError: codes or styles of another width, or not as many of both.
            RunError: not trained yet.
        """
        generator, directions = self.networks.average, self.networks.directions
        columns, width = self.schema.columns, self.config.style
        if code.shape != (len(style), columns) or style.shape != (len(code), width):
            raise SchemaError(
                f"codes {tuple(code.shape)} and styles {tuple(style.shape)} do not make images: "
                f"give (batch, {columns}) and (batch, {width}), as many of both."
            )
        drawn = [
            generator(*directions(codes, styles)).clamp(-1, 1)
            for codes, styles in zip(
                torch.split(code, BATCH), torch.split(style, BATCH), strict=True
            )
        ]
        return torch.cat(drawn)

    @torch.no_grad()
    def read(self, images: Images) -> Code:
        """Raw readings ŝ ``(batch, columns)``: log-odds of binary attributes and levels, of any
        size; values of continuous and discovered ones, which may leave [-1, 1] a little.

        Args:
            images: as `checked` takes them.

        Raises:
            DataError: images that cannot be read, see `checked`.
            RunError: not trained yet.
        """
        encoder = self.networks.discriminator.encoder
        return torch.cat([encoder(self.checked(part)) for part in torch.split(images, BATCH)])

    def encode(self, images: Images) -> Code:
        """What the encoder sees ``(batch, columns)``, in [-1, 1]; ``schema.read`` puts it into
        words. To draw or to decide by it, see `code_of`.

        Args:
            images: as `checked` takes them.

        Raises:
            DataError: images that cannot be read, see `checked`.
            RunError: not trained yet.
        """
        return Reading(self.schema).as_code(self.read(images))

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code:
        """The code ``(batch, columns)`` in [-1, 1] to draw or to decide by of real images: what is
        read there or, given their ``labels``, what these claim, which is nothing of discovered
        attributes. As in training, each claim is as strong as it is plain to see (`Labels`), where
        1 is asked in full.

        Args:
            images: as `checked` takes them.
            labels: ``(batch, named columns)``: -1, 1 or a number between, 0 where unknown.

        Raises:
            DataError: images that cannot be read, see `checked`.
            SchemaError: labels of another width, or not one row per image.
            RunError: not trained yet.
        """
        if labels is None:
            return self.code_from(self.read(images))
        claimed = whole(self.schema, labels, len(images))
        named, reading = self.schema.named_columns, self.read(images)
        return torch.cat(
            [self.labels.code(reading, claimed[:, :named]), torch.zeros_like(reading[:, named:])],
            dim=1,
        )

    def code_from(self, reading: Code) -> Code:
        """`code_of` images without labels, ``(batch, columns)`` in [-1, 1], from what `read` said
        of them.

        Args:
            reading: raw, ``(batch, columns)``.

        Raises:
            RunError: not trained yet.
        """
        code = Reading(self.schema).as_code(reading)
        code[:, : self.schema.named_columns] = self.labels.code(reading)
        return code

    @property
    def labels(self) -> Labels:
        """How labels become codes.

        Raises:
            RunError: not trained yet.
        """
        return _trained(self._labels)

    @torch.no_grad()
    def encode_style(self, images: Images) -> Style:
        """The likeliest style ``(batch, style)`` of images, around 0 and seldom beyond ±2: what
        they hold beside their attributes. With `encode`, where an edit of a real image starts.

        Args:
            images: as `checked` takes them.

        Raises:
            DataError: images that cannot be read, see `checked`.
            RunError: not trained yet.
        """
        encoder, reader = self.networks.discriminator.encoder, self.networks.style_encoder
        parts = torch.split(images, BATCH)
        return torch.cat([reader(encoder.trunk(self.checked(part))).mean for part in parts])

    @torch.no_grad()
    def decide(self, images: Images, code: Code) -> Decision:
        """The discriminator's decision on images against codes, in parts that add up; `Decision`
        says their shapes. Scores count only in comparison: they have no zero and no range.

        Args:
            images: as `checked` takes them.
            code: what is claimed of them, ``(batch, columns)`` or the named columns only, in
                [-1, 1]; 0 claims nothing.

        Raises:
            DataError: images that cannot be judged, see `checked`.
            SchemaError: codes of another width, or not one per image.
            RunError: not trained yet.
        """
        discriminator = self.networks.discriminator
        claimed = torch.split(whole(self.schema, code, len(images)), BATCH)
        parts: list[Decision] = [
            discriminator(self.checked(some), codes)
            for some, codes in zip(torch.split(images, BATCH), claimed, strict=True)
        ]
        return Decision(
            agreement=torch.cat([part.agreement for part in parts]),
            realism=torch.cat([part.realism for part in parts]),
            residual=torch.cat([part.residual for part in parts]),
            bias=parts[0].bias,
            reading=torch.cat([part.reading for part in parts]),
        )

    def edit(self, images: Images, /, **values: Any) -> Edit:
        """Change attributes of real images: ``model.edit(images, smiling=True, age=35)``.

        Takes what `explain.edit` takes, such as ``evaluator=`` and ``progress=``.

        Raises:
            UnknownAttributeError, SchemaError: a name or value that the schema does not have.
            DataError: images that cannot be read, see `checked`.
            RunError: not trained yet.
        """
        from interpretable_gan.explain.edits import edit

        return edit(self, images, **values)

    def checked(self, images: Images) -> Images:
        """The images as the networks want them in memory, float32.

        Args:
            images: ``(batch, channels, size, size)``, one or more, of any float type, in [-1, 1]
                to `TOLERANCE`.

        Raises:
            DataError: no images, images of another shape or type, or beyond [-1, 1].
        """
        size, channels = self.config.size, self.channels
        if images.ndim != 4 or not len(images):
            raise DataError(
                f"images of shape {tuple(images.shape)}: give one or more as (batch, {channels}, "
                f"{size}, {size}); a single one is image[None]."
            )
        if images.shape[2:] != (size, size):
            raise DataError(
                f"images have {images.shape[2]}×{images.shape[3]} pixels, but this model reads "
                f"{size}×{size}: resize them first."
            )
        if images.shape[1] != channels:
            raise DataError(
                f"images have {images.shape[1]} channels, but this model reads {channels} "
                f"({'grey' if channels == 1 else 'RGB'}): convert them first."
            )
        if not images.is_floating_point():
            raise DataError(
                f"images are {images.dtype}, but this model reads floats in [-1, 1]: convert 0 to "
                "255 by images.float() / 127.5 - 1."
            )
        low, high = (float(end) for end in torch.aminmax(images.detach()))
        if not (low >= -1 - TOLERANCE and high <= 1 + TOLERANCE):
            raise DataError(
                f"images reach from {low:.3g} to {high:.3g}, but this model reads [-1, 1]: scale "
                "them first, 0 to 255 by images / 127.5 - 1."
            )
        return images.float().contiguous(memory_format=torch.channels_last)

    @property
    def channels(self) -> int:
        """Channels of the images: 3 for RGB, 1 for grey."""
        return self.networks.average.to_image.convolution.out_channels

    def save(self, folder: str | Path) -> None:
        """Save config, schema, weights and the log of training to a folder that `load` and
        `Run.open` read.

        Raises:
            RunError: the folder holds a run already.
        """
        folder = Path(folder)
        if (folder / "config.json").exists():
            raise RunError(f"{folder} holds a run already: choose another folder.")
        tensors: dict[str, Tensor] = {
            "codes": self.codes_of_training,
            "frequencies": self.labels.frequencies,
        }
        for name in KEPT:
            for key, tensor in getattr(self.networks, name).state_dict().items():
                tensors[f"{name}.{key}"] = tensor
        checkpoint.save_weights(folder / "weights.safetensors", tensors)
        self.schema.save(folder / "schema.yaml")
        write_text(folder / "log.jsonl", self._log)
        write_text(folder / "config.json", self.config.model_dump_json(indent=2))

    @property
    def codes_of_training(self) -> Code:
        """Codes ``(rows, columns)`` of training images, from which `codes` draws."""
        return _trained(self._codes)

    @classmethod
    def load(cls, folder: str | Path) -> InterpretableGAN:
        """Load the model of a run folder.

        Raises:
            RunError: no run, no checkpoint yet, damaged files, or weights that are no numbers.
        """
        run = Run.open(folder)
        tensors = _finite(run.path / "weights.safetensors")
        model = cls.__new__(cls)
        model.config, model.schema = run.config, run.schema
        log = run.path / "log.jsonl"
        model._log = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        try:
            model._codes = tensors["codes"]
            model._labels = Labels(run.schema, tensors["frequencies"], run.config.typical)
            channels = tensors["average.to_image.convolution.weight"].shape[0]
        except KeyError as missing:
            raise RunError(
                f"{run.path / 'weights.safetensors'} holds no model (no {missing}). Train again or "
                "restore it."
            ) from None
        networks = build(run.schema, run.config, channels)
        try:
            for name in KEPT:
                prefix = f"{name}."
                state = {
                    k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)
                }
                if state or name != "directions":  # which are found after training
                    getattr(networks, name).load_state_dict(state)
            if (width := model._codes.shape[1]) != run.schema.columns:
                raise RuntimeError(f"codes of {width} columns, not {run.schema.columns}")
        except RuntimeError as error:
            reason = " ".join(line.strip() for line in str(error).splitlines()[:2])
            raise RunError(
                f"{folder}: weights and config do not fit together ({reason.rstrip('. ')}). "
                "They are of two runs or of an earlier version: restore what belongs together, or "
                "train again."
            ) from None
        networks.generator.load_state_dict(networks.average.state_dict())
        for network in networks.named().values():
            network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        model._networks = networks
        return model


def whole(schema: Schema, code: Code, images: int) -> Code:
    """A code of so many images with all its columns; of discovered attributes it claims nothing
    where it has only the named ones.

    Raises:
        SchemaError: codes of another width, or not one per image.
    """
    if code.ndim != 2 or len(code) != images:
        raise SchemaError(
            f"{images} images need as many codes, (batch, columns), but got {tuple(code.shape)}."
        )
    schema.unpack(code)  # refuses another width
    return torch.cat([code, code.new_zeros(images, schema.columns - code.shape[1])], dim=1)


def _finite(path: Path) -> dict[str, Tensor]:
    """The weights of a file.

    Raises:
        RunError: missing or damaged, or some are NaN or infinite.
    """
    tensors = checkpoint.load_weights(path)
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise RunError(
                f"{path}: {name} is NaN or infinite in places. Restore it, or train again."
            )
    return tensors


def _some(n: int) -> int:
    """A number of images to draw.

    Raises:
        ConfigError: fewer than one.
    """
    if n < 1:
        raise ConfigError(f"{n} images cannot be drawn: ask for one or more.")
    return n


def _trained(part: Part | None) -> Part:
    """What only training gives.

    Raises:
        RunError: not trained yet.
    """
    if part is None:
        raise RunError("this model is not trained yet: call fit, or load a run.")
    return part
