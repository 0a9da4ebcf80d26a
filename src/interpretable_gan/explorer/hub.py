"""A model as a folder for the Hugging Face Hub, with a model card."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from interpretable_gan.atomic import write, write_text
from interpretable_gan.audit.card import FILE as CARD
from interpretable_gan.audit.card import Card
from interpretable_gan.errors import ConfigError, RunError
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.steered import FILE as SHIFTS
from interpretable_gan.models.taught import FILE as WORDS
from interpretable_gan.training.checkpoint import WEIGHTS, load_weights, save_weights
from interpretable_gan.training.run import Run

FILES = ("schema.yaml", WEIGHTS, SHIFTS, WORDS, CARD)
"""What of a run goes with its config; shifts, words and card where there are any."""

HEADER = """---
library_name: interpretable-gan
pipeline_tag: unconditional-image-generation
license: other
tags: [gan, interpretability, explainable-ai]
---
"""


def export_hub(run: Run, folder: Path, *, terms: str) -> Path:
    """Write the files of a model and ``README.md``, its model card. The weights hold the published
    network as well where the model looks through one, so that it opens without that package.

    Args:
        terms: of the data that it learned from, which bind whoever uses the model; '' where nobody
            stated them.

    Raises:
        ConfigError: a model of another family.
        RunError: no weights yet, or a damaged card.
    """
    if not isinstance(run.config, GANConfig):
        family = run.config.family
        raise ConfigError(f"{family} cannot be written for the Hub yet: only a GAN of images can.")
    if not (run.path / WEIGHTS).is_file():
        raise RunError(f"{run.path} has no weights yet: train it first.")
    text = model_card(run, terms)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").unlink(missing_ok=True)  # until all is there, it is no model
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
        if (run.path / name).is_file():
            write(folder / name, partial(shutil.copyfile, run.path / name))
    if run.config.trunk == pretrained.NAME:
        published = pretrained.weights().items()
        carried = {f"{pretrained.PUBLISHED}.{name}": each for name, each in published}
        save_weights(folder / WEIGHTS, load_weights(run.path / WEIGHTS) | carried)
        write_text(folder / pretrained.LICENCE, pretrained.licence())
    write_text(folder / "log.jsonl", "")
    write_text(folder / "README.md", text)
    write_text(folder / "config.json", run.config.model_dump_json(indent=2))
    return folder


def model_card(run: Run, terms: str) -> str:
    """What the model is, what was measured, what does not hold, and under which terms."""
    schema, config = run.schema, run.config
    names = ", ".join(f"`{each.name}`" for each in schema.named)
    sections = [
        HEADER,
        f"# {run.path.resolve().name}\n",
        f"A GAN of images of {config.size}×{config.size} pixels with {len(schema.named)} named "
        f"attributes: {names}. Its discriminator's decision is an exact sum over attributes and "
        "places.\n",
        *_published(run),
        "```python\nfrom interpretable_gan import from_pretrained, sample\n\n"
        'model = from_pretrained("owner/name")\nimages = sample(model, 16)\n```\n',
        "## What was measured\n",
        _measured(run),
        "## Terms of the data\n",
        terms or "Nobody stated them. Ask whoever trained this model before you use it.",
    ]
    return "\n".join(sections) + "\n"


def _published(run: Run) -> list[str]:
    """Which published network is part of it."""
    if run.config.trunk != pretrained.NAME:
        return []
    return [
        f"Its discriminator looks through the first layers of {pretrained.NAME}, which the weights "
        f"hold as they were published, under the Apache License 2.0: see {pretrained.LICENCE}.\n"
    ]


def _measured(run: Run) -> str:
    if not (run.path / CARD).is_file():
        return "Nothing: this model has no card.\n"
    card = Card.load(run.path)
    return "\n".join([card.sentence(), "", *(f"- {each}" for each in card.sentences()), ""])
