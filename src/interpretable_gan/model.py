"""The model as people use it: sample, edit and read in the language of its attributes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor

from interpretable_gan.atomic import write_text
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.directions.find import find_directions
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.models.discriminator import Decision
from interpretable_gan.run import Run
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Style
from interpretable_gan.training import checkpoint
from interpretable_gan.training.chance import generator as chance
from interpretable_gan.training.config import TrainingConfig
from interpretable_gan.training.labels import Labels
from interpretable_gan.training.loop import train
from interpretable_gan.training.networks import Networks, build
from interpretable_gan.training.reading import Reading
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
        return self

    @property
    def networks(self) -> Networks:
        """The trained networks.

        Raises:
            RunError: not trained yet.
        """
        return _trained(self._networks)

    def codes(self, n: int, *, seed: int = 0, **attributes: Any) -> Code:
        """Whole codes ``(n, columns)``: those of training images, with the given values set.

        Raises:
            UnknownAttributeError, SchemaError: a name or value that the schema does not have.
        """
        usual, luck = self.codes_of_training, chance(seed, "codes", 0)
        usual = usual[torch.randint(len(usual), (n,), generator=luck)]
        return self.schema.replace(usual, attributes)

    def styles(self, n: int, *, seed: int = 0) -> Style:
        """Styles ``(n, style)``, normal around 0 with σ = `TEMPERATURE`."""
        return TEMPERATURE * torch.randn(n, self.config.style, generator=chance(seed, "styles", 0))

    def sample(self, n: int, *, seed: int = 0, **attributes: Any) -> Images:
        """Draw ``n`` images in [-1, 1] with the given attributes; the others vary as in the data.

        The same seed gives the same people, so that two calls differ only in what was asked.

        Raises:
            UnknownAttributeError, SchemaError: a name or value that the schema does not have.
        """
        return self.draw(self.codes(n, seed=seed, **attributes), self.styles(n, seed=seed))

    @torch.no_grad()
    def draw(self, code: Code, style: Style) -> Images:
        """Images ``(batch, channels, size, size)`` in [-1, 1] of the given codes and styles; what
        is asked in full goes along its `Directions`.
        """
        generator, directions = self.networks.average, self.networks.directions
        drawn = [
            generator(*directions(codes, styles)).clamp(-1, 1)
            for codes, styles in zip(
                torch.split(code, BATCH), torch.split(style, BATCH), strict=True
            )
        ]
        return torch.cat(drawn)

    @torch.no_grad()
    def read(self, images: Images) -> Code:
        """Raw readings ŝ ``(batch, columns)``: log-odds of binary attributes and levels, values
        of continuous and discovered ones.
        """
        encoder = self.networks.discriminator.encoder
        return torch.cat([encoder(self.checked(part)) for part in torch.split(images, BATCH)])

    def encode(self, images: Images) -> Code:
        """What the encoder sees, in [-1, 1]; ``schema.read`` puts it into words. To draw or to
        decide by it, see `code_of`.
        """
        return Reading(self.schema).as_code(self.read(images))

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code:
        """The code ``(batch, columns)`` to draw or to decide by of real images: what is read there
        or, given their ``labels``, what these claim, which is nothing of discovered attributes. As
        in training, each claim is as strong as it is plain to see (`Labels`), where 1 is asked in
        full.
        """
        reading = self.read(images)
        if labels is None:
            return self.code_from(reading)
        code = torch.zeros_like(reading)
        code[:, : labels.shape[1]] = self.labels.code(reading, labels)
        return code

    def code_from(self, reading: Code) -> Code:
        """`code_of` images without labels, from what `read` said of them."""
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
        """The likeliest style ``(batch, style)`` of images in [-1, 1]: what they hold beside their
        attributes. With `encode`, where an edit of a real image starts.
        """
        encoder, reader = self.networks.discriminator.encoder, self.networks.style_encoder
        parts = torch.split(images, BATCH)
        return torch.cat([reader(encoder.trunk(self.checked(part))).mean for part in parts])

    @torch.no_grad()
    def decide(self, images: Images, code: Code) -> Decision:
        """The discriminator's decision on images against codes, in parts that add up."""
        discriminator = self.networks.discriminator
        parts: list[Decision] = [
            discriminator(self.checked(some), codes)
            for some, codes in zip(
                torch.split(images, BATCH), torch.split(code, BATCH), strict=True
            )
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
            DataError: images of another size.
        """
        from interpretable_gan.explain.edits import edit

        return edit(self, images, **values)

    def checked(self, images: Images) -> Images:
        """The images as the networks want them in memory.

        Raises:
            DataError: images of another size or with other channels than the model's.
        """
        size, channels = self.config.size, self.channels
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
        return images.contiguous(memory_format=torch.channels_last)

    @property
    def channels(self) -> int:
        """Channels of the images: 3 for RGB, 1 for grey."""
        return self.networks.average.to_image.convolution.out_channels

    def save(self, folder: str | Path) -> None:
        """Save config, schema and weights to a folder that `load` and `Run.open` read.

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
        write_text(folder / "log.jsonl", "")
        write_text(folder / "config.json", self.config.model_dump_json(indent=2))

    @property
    def codes_of_training(self) -> Code:
        """Codes ``(rows, columns)`` of training images, from which `codes` draws."""
        return _trained(self._codes)

    @classmethod
    def load(cls, folder: str | Path) -> InterpretableGAN:
        """Load the model of a run folder.

        Raises:
            RunError: no run, no checkpoint yet, or damaged files.
        """
        run = Run.open(folder)
        tensors = checkpoint.load_weights(run.path / "weights.safetensors")
        model = cls.__new__(cls)
        model.config, model.schema = run.config, run.schema
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


def _trained(part: Part | None) -> Part:
    """What only training gives.

    Raises:
        RunError: not trained yet.
    """
    if part is None:
        raise RunError("this model is not trained yet: call fit, or load a run.")
    return part
