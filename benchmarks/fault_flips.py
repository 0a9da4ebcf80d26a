"""Damaged files are refused or harmless: the part ``flips`` of faults.py.

Each file that a run or the cache consists of is damaged again and again: one bit flipped, cut
short, or a block of zeros in it, as disks do. Whoever reads it must say in one sentence that it is
damaged, or get what was written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from fault_victims import TINY

SECTOR = 512
"""Bytes that a bad disk loses together."""

PRINTED = Path(__file__).parents[1] / "docs" / "results" / "demo-card.json"
"""A whole card."""


@dataclass(frozen=True)
class Kept:
    """A file, who reads it, and how often it is damaged.

    Args:
        path: of the file.
        read: gives a digest of what a reader gets from it.
        times: share of 100 of all trials.
    """

    path: Path
    read: Callable[[], str]
    times: float


def flips(folder: Path, trials: int) -> dict[str, Any]:
    """Damage the files of a small run ``trials`` times in all."""
    shutil.rmtree(folder, ignore_errors=True)
    found: dict[str, Counter[str]] = {}
    wrong: list[dict[str, Any]] = []
    for name, kept in _files(folder).items():
        whole, expected, counts = kept.path.read_bytes(), kept.read(), Counter[str]()
        for seed in range(max(1, round(trials * kept.times / 100))):
            kind, damaged = _damage(whole, Random(f"{name} {seed}"))
            kept.path.write_bytes(damaged)
            outcome, told = _outcome(kept.read, expected)
            counts[outcome] += 1
            if outcome not in ("refused in a sentence", "read as it was written"):
                wrong.append({"file": name, "seed": seed, "kind": kind, "told": told})
        kept.path.write_bytes(whole)
        found[name] = counts
        assert kept.read() == expected, f"{name} was not restored"
    return {
        "trials": sum(each.total() for each in found.values()),
        "files": {name: dict(counts) for name, counts in found.items()},
        "wrong": wrong,
    }


def _damage(whole: bytes, chance: Random) -> tuple[str, bytes]:
    """A file as a bad disk gives it back: what was done, and the bytes."""
    kind = chance.choice(("bit", "bit", "cut", "zeros"))
    place = chance.randrange(len(whole))
    if kind == "cut":
        return kind, whole[:place]
    damaged = bytearray(whole)
    if kind == "bit":
        damaged[place] ^= 1 << chance.randrange(8)
    else:
        damaged[place : place + SECTOR] = bytes(len(whole[place : place + SECTOR]))
    return kind, bytes(damaged)


def _outcome(read: Callable[[], str], expected: str) -> tuple[str, str]:
    """What a reader makes of it."""
    from interpretable_gan.errors import InterpretableGANError

    try:
        found = read()
    except InterpretableGANError as error:
        whole = "\n" not in str(error) and len(str(error)) < 1000
        return ("refused in a sentence" if whole else "refused at length"), str(error)[:1000]
    except BaseException:
        return "traceback", traceback.format_exc()[-1500:]
    return ("read as it was written" if found == expected else "silently wrong"), ""


def _files(folder: Path) -> dict[str, Kept]:
    """The files of a small run, with everything that a run can have."""
    from interpretable_gan.audit.evaluators import train_evaluator
    from interpretable_gan.cli.data_write import write_image_folder
    from interpretable_gan.data import open_dataset, portraits
    from interpretable_gan.models.gan.config import GANConfig
    from interpretable_gan.steer.readers import train_readers
    from interpretable_gan.training.loop import train

    cache = folder / "cache"
    os.environ["IGAN_CACHE"] = str(cache)
    faces = folder / "faces"
    write_image_folder(portraits.dataset(size=16, count=40, seed=0), faces)
    open_again = partial(open_dataset, faces, size=16)
    data = open_again()
    run = folder / "run"
    train(data, GANConfig.of("tiny", **TINY | {"images": 40}), run=run)
    (pixels,), (content,) = cache.glob("*.npy"), cache.glob("*.content")

    def decoded() -> str:
        again = open_again()
        return _digest(again.images, again.codes, again.known, again.checksum, str(again.report))

    def judge() -> str:
        return train_evaluator(open_again(), images=64, members=1).name

    judge()
    (evaluator,) = cache.glob("evaluator-*")
    train_readers(data)
    (readers,) = cache.glob("readers-*")
    return {
        **_of_a_run(run),
        "pixels in the cache": Kept(pixels, decoded, 8),
        "notes in the cache": Kept(pixels.with_suffix(".json"), decoded, 8),
        "hashes in the cache": Kept(content, decoded, 4),
        "evaluator in the cache": Kept(evaluator, judge, 0.2),
        "readers in the cache": Kept(readers, lambda: train_readers(open_again()).checksum, 0.2),
    }


def _of_a_run(run: Path) -> dict[str, Kept]:
    """Weights, state, shifts, words, card, calibration and target head."""
    from interpretable_gan.audit.card import Card
    from interpretable_gan.explain.calibration import Calibration
    from interpretable_gan.explain.target_head import TargetHead
    from interpretable_gan.models.steered import load_shifts
    from interpretable_gan.models.taught import load_words
    from interpretable_gan.training.checkpoint import load_state, load_weights
    from interpretable_gan.training.run import Run

    _add_to(run)
    schema = Run.open(run).schema

    def weights() -> str:
        return _digest(load_weights(run / "weights.safetensors"))

    def state() -> str:
        moment, tensors = load_state(run / "state.safetensors")
        return _digest(str(moment), tensors)

    def shifts() -> str:
        found = load_shifts(run / "shifts.safetensors")
        return _digest(found.tensors(), str(found.metadata()))

    def words() -> str:
        found = load_words(run / "words.safetensors")
        return _digest(*(part for word in found for part in vars(word).values()))

    def head() -> str:
        return TargetHead.load(run / "target.json", schema).to_json()

    return {
        "weights": Kept(run / "weights.safetensors", weights, 22.6),
        "state": Kept(run / "state.safetensors", state, 22),
        "shifts": Kept(run / "shifts.safetensors", shifts, 8),
        "words": Kept(run / "words.safetensors", words, 7),
        "card": Kept(run / "card.json", lambda: Card.load(run).to_json(), 10),
        "calibration": Kept(
            run / "calibration.json", lambda: str(Calibration.load(run / "calibration.json")), 5
        ),
        "target head": Kept(run / "target.json", head, 5),
    }


def _add_to(run: Path) -> None:
    """What a run gains after training, in the smallest form: the files are what counts."""
    import numpy as np
    import torch

    from interpretable_gan.audit.card import Card
    from interpretable_gan.explain.calibration import Calibration
    from interpretable_gan.explain.target_head import TargetHead
    from interpretable_gan.models.steered import Shifts, save_shifts
    from interpretable_gan.models.taught import Word, save_words
    from interpretable_gan.schema.attribute import Attribute
    from interpretable_gan.training.run import Run

    opened, rng = Run.open(run), torch.Generator().manual_seed(0)
    schema, z = opened.schema, opened.schema.columns + opened.config.style
    on, off = (torch.randn(schema.named_columns, z, generator=rng) for _ in range(2))
    names = tuple(schema.names[:3])
    save_shifts(run / "shifts.safetensors", Shifts(on, off, 0.75, 1.0, "ab" * 32, names))
    word = Word(
        Attribute(name="grin", kind="binary"),
        torch.randn(schema.columns, 8, 4, 4, generator=rng),
        0.25,
        on[0],
        off[0],
        {"accuracy": 0.75, "interval": [0.5, 1.0], "yes": 9, "no": 8},
        "cd" * 32,
    )
    save_words(run / "words.safetensors", [word])
    Card.load(PRINTED).save(run / "card.json")
    errors = dict.fromkeys(names, 0.0625)
    Calibration(
        temperature=dict.fromkeys(names, 1.5),
        error_before=errors,
        error_after={name: each / 2 for name, each in errors.items()},
        fitted_on={"validation": 20},
        measured_on={"test": 20},
        checksum="ef" * 32,
        model="cd" * 32,
    ).save(run / "calibration.json")
    quality = {"accuracy": {"value": 0.75, "interval": [0.5, 1.0]}}
    TargetHead(
        schema=schema,
        target=names[0],
        shape="linear",
        offset=np.zeros(1),
        weights=on[:1, : schema.columns].double().numpy()[..., None],
        centre=np.zeros((schema.columns, 1)),
        importance=dict.fromkeys(names[1:], 0.5),
        quality=quality | {"of_encoder": quality},
        strength=1.0,
        fitted_on=20,
        measured_on=20,
        checksum="ef" * 32,
        model="cd" * 32,
    ).save(run / "target.json")


def _digest(*parts: Any) -> str:
    """SHA-256 of arrays, tensors, mappings of them, and whatever else by its words."""
    import numpy as np
    from torch import Tensor

    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, dict):
            digest.update(
                _digest(*(each for pair in sorted(part.items()) for each in pair)).encode()
            )
        elif isinstance(part, Tensor | np.ndarray):
            array = np.asarray(part)
            digest.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
        else:
            digest.update(json.dumps(str(part)).encode())
    return digest.hexdigest()
