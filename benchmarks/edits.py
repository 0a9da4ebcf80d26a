"""Edits of held-out CelebA faces: success, side effects and identity, laid over the original and
drawn alone, as JSON and a page of figures.

    python benchmarks/edits.py RUN SOURCE --weights mobilenet_v2_imagenet_int8.npz

Sheets of the faces and their edits go to an ignored folder, ``runs/sheets``: they show photographs
of real people, and CelebA's terms forbid passing those on.

50 faces of the test split, half of them with eyeglasses by their labels, are reconstructed and
given eyeglasses, none, a smile, none, blond and black hair, in full and at half strength. An edit
is judged on the faces that did not show the value before. *Success*: the evaluator reads the value
afterwards; *second evaluator*: one of another architecture does. *Side effects*: share of the other
readable attributes whose reading changed. *Identity*: cosine similarity to the original on a
feature network, beside that of two photographs of one person, and of two people. Attributes that
the evaluator cannot read are withheld. Intervals are 95 %: Wilson's for shares of faces, Student's
for means over faces.

Counterfactuals of the first faces say how often a small edit is found, and what the evaluator says
of it: verified, contradicted, or not verified since it cannot read what changed.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from edits_page import page
from interpretable_gan.atomic import write_text
from interpretable_gan.audit.evaluators import Evaluator, train_evaluator
from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.edit import train_evaluator_of
from interpretable_gan.cli.progress import progress
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.counterfactual_search import Verdict
from interpretable_gan.explain.counterfactuals import DECISION, counterfactual
from interpretable_gan.explain.edits import Edit, apply
from interpretable_gan.explain.reconstruction import Reconstruction, reconstruct
from interpretable_gan.explain.threshold import decision_threshold
from interpretable_gan.metrics.extractors import FeatureExtractor, mobilenet_v2
from interpretable_gan.metrics.identity import IdentityScale, identity_scale
from interpretable_gan.metrics.targets import FEWEST
from interpretable_gan.metrics.uncertainty import seed_interval, wilson
from interpretable_gan.modalities.pictures import Row, save_rows
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.progress import Status
from interpretable_gan.shapes import Images
from interpretable_gan.training.run import Run
from machine import machine

HAIR = ("black_hair", "blond_hair", "brown_hair", "gray_hair")
EDITS: dict[str, dict[str, int]] = {
    "eyeglasses on": {"eyeglasses": 1},
    "eyeglasses off": {"eyeglasses": 0},
    "smiling on": {"smiling": 1},
    "smiling off": {"smiling": 0},
    "blond hair": {name: int(name == "blond_hair") for name in HAIR},
    "black hair": {name: int(name == "black_hair") for name in HAIR},
}
"""Caption → attributes and their values. A hair colour takes the others away."""

JUDGED = {
    "eyeglasses on": "eyeglasses",
    "eyeglasses off": "eyeglasses",
    "smiling on": "smiling",
    "smiling off": "smiling",
    "blond hair": "blond_hair",
    "black hair": "black_hair",
}
"""Caption → the attribute by which success is judged."""

WAYS = {
    "over the original": (1.0, 1.0),
    "over the original, at half strength": (0.5, 1.0),
    "drawn alone": (1.0, None),
}
"""Caption → strength of what is asked, and overlay."""
SHOWN = 12
"""Faces in a sheet."""
FACES_TO_FLIP = 20
FLIPS = (DECISION, "eyeglasses", "smiling")
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def main() -> None:
    arguments = parsed()
    torch.set_num_threads(arguments.threads)
    start = time.monotonic()
    run = Run.open(arguments.run)
    model, data = run.model(), open_data(run, arguments.source, quiet=False)
    first = train_evaluator_of(data, arguments.evaluator_images, quiet=False)
    second = train_evaluator(data, "plain", images=arguments.evaluator_images)
    if arguments.weights:
        extractor, splits = mobilenet_v2(arguments.weights), ("train", "validation", "test")
    else:
        extractor, splits = first.extractor(), ("test",)  # it has learned the other rows
    scale = identity_scale(data, extractor, splits=splits)
    rows = chosen(data, arguments.faces)
    images, glasses = data.batch(rows)[0], data.schema.slices["eyeglasses"].start
    with progress("editing") as report:
        found = reconstruct(model, images, progress=report)
    edits = {
        way: {
            caption: apply(
                model, images, found, asked(caption, strength, model), reader=first, overlay=overlay
            )
            for caption in EDITS
        }
        for way, (strength, overlay) in WAYS.items()
    }
    report = {
        "run": Path(arguments.run).name,
        "trained_images": (run.log() or [{}])[-1].get("images"),
        "source": data.name,
        "checksum": data.checksum,
        "faces": len(rows),
        "with_eyeglasses": int((data.codes[rows, glasses] > 0).sum()),
        "rows": rows.tolist(),
        "evaluators": {each.name: accuracy(each) for each in (first, second)},
        "readable": list(first.readable),
        "identity_scale": scale.to_dict(),
        "reconstruction": rebuilt(images, found, first, extractor, edits),
        "edits": {
            way: {
                caption: measured(caption, edit, second, extractor, scale)
                for caption, edit in some.items()
            }
            for way, some in edits.items()
        },
        "counterfactuals": flips(model, data, first, images[: arguments.counterfactuals]),
        "machine": machine(),
        "date": date.today().isoformat(),
    }
    report["seconds"] = round(time.monotonic() - start)
    out = Path(arguments.out)
    write_text(out / "edits.json", json.dumps(report, indent=2) + "\n")
    write_text(out / "edits.md", page(report, command(arguments), arguments.sheets))
    for way, some in edits.items():
        save_rows(picture(some), Path(arguments.sheets) / file_of(way), scale=3)


def parsed() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("run", help="folder of a run trained on CelebA")
    options.add_argument("source", help="CelebA folder")
    options.add_argument("--weights", help="MobileNetV2 features; else the evaluator's own")
    options.add_argument("--out", default="docs/results", help="folder for the figures")
    options.add_argument("--sheets", default="runs/sheets", help="folder for the pictures")
    options.add_argument("--faces", type=int, default=50)
    options.add_argument("--counterfactuals", type=int, default=FACES_TO_FLIP, help="faces")
    options.add_argument("--evaluator-images", type=int, default=200_000)
    options.add_argument("--threads", type=int, default=1)
    return options.parse_args()


def command(arguments: argparse.Namespace) -> str:
    """The call that makes these figures, without folders of this machine."""
    run, source = Path(arguments.run).name, Path(arguments.source).name
    told = f"python benchmarks/edits.py runs/{run} {source}/"
    if arguments.weights:
        told += f" --weights {Path(arguments.weights).name}"
    if arguments.counterfactuals != FACES_TO_FLIP:
        told += f" --counterfactuals {arguments.counterfactuals}"
    return told


def file_of(way: str) -> str:
    """The name of a sheet."""
    return f"edits-{re.sub('[^a-z0-9]+', '-', way)}.png"


def chosen(data: Dataset, faces: int) -> NDArray[np.int64]:
    """Test rows in a random order that is always the same: half with eyeglasses, where there are
    so many, in turn with others."""
    rows = np.random.default_rng(0).permutation(data.rows("test"))
    wears = data.codes[rows, data.schema.slices["eyeglasses"].start] > 0
    wearing = rows[wears][: faces // 2]
    others = rows[~wears][: faces - len(wearing)]
    pairs = np.stack([others[: len(wearing)], wearing], axis=1).reshape(-1)
    return np.concatenate([pairs, others[len(wearing) :]])


def asked(caption: str, strength: float, model: InterpretableGAN) -> dict[str, float]:
    """The values of an edit: what it is judged by at ``strength``, the others as labels have it."""
    typical = model.config.typical
    return {
        name: 0.5 + (value - 0.5) * (strength if name == JUDGED[caption] else typical)
        for name, value in EDITS[caption].items()
    }


def measured(
    caption: str, edit: Edit, second: Evaluator, extractor: FeatureExtractor, scale: IdentityScale
) -> dict[str, Any]:
    """What became of one edit, on the faces that it could change."""
    name = JUDGED[caption]
    rows = np.flatnonzero(edit.eligible[name])
    if name not in edit.readable:
        return {"eligible": len(rows), "withheld": f"the evaluator cannot read {name}"}
    reached = edit.reached[name][rows]
    flips = np.mean([moved[rows] for moved in edit.unwanted.values()], axis=0)
    alike = edit.identity(extractor)["edited"][rows]
    aim = EDITS[caption][name]
    agreed = second.values(torch.from_numpy(edit.edited[rows]))[name] == aim
    return {
        "eligible": len(rows),
        "success": share(reached),
        "success_second_evaluator": share(agreed),
        "side_effects": mean(flips),
        "side_effects_of_successes": mean(flips[reached]),
        "most_frequent_side_effects": frequent(edit, rows),
        "identity": mean(alike),
        "same_person": share(alike > scale.threshold),
    }


def frequent(edit: Edit, rows: NDArray[np.int64], count: int = 3) -> dict[str, float]:
    """The attributes that flip most often besides."""
    rates = {name: float(moved[rows].mean()) for name, moved in edit.unwanted.items()}
    return dict(sorted(rates.items(), key=lambda pair: -pair[1])[:count])


def rebuilt(
    images: Images,
    found: Reconstruction,
    evaluator: Evaluator,
    extractor: FeatureExtractor,
    edits: dict[str, dict[str, Edit]],
) -> dict[str, Any]:
    """How good the reconstruction is: the floor under every edit that is drawn alone."""
    before, after = evaluator.values(images), evaluator.values(found.images)
    flips = np.mean([before[name] != after[name] for name in evaluator.readable], axis=0)
    any_edit = next(iter(edits["drawn alone"].values()))
    return {
        "error": mean(found.error(images)),
        "readings_changed": mean(flips),
        "identity": mean(any_edit.identity(extractor)["reconstruction"]),
    }


def flips(
    model: InterpretableGAN, data: Dataset, evaluator: Evaluator, images: Images
) -> dict[str, Any]:
    """How often a counterfactual is found, what the evaluator says of it, and how large the
    verified ones are."""
    threshold = decision_threshold(model, data)
    told: dict[str, Any] = {"faces": len(images), "threshold": threshold.__dict__}
    with progress("counterfactuals") as report:
        for number, flip in enumerate(FLIPS if len(images) else ()):
            all_found = []
            for done, image in enumerate(images.split(1), 1):
                all_found.append(
                    counterfactual(model, image, flip, evaluator=evaluator, threshold=threshold)
                )
                report(Status(number * len(images) + done, len(FLIPS) * len(images), flip))
            verified = [each for each in all_found if each.verified]
            told[flip] = {
                **{
                    verdict: share([each.flipped and each.verdict == verdict for each in all_found])
                    for verdict in VERDICTS
                },
                "length": mean([each.length for each in verified]),
                "attributes": mean([len(each.changes) for each in verified]),
            }
    return told


def share(successes: Any) -> dict[str, Any]:
    """A share of faces with its interval."""
    count, total = int(np.sum(successes)), len(successes)
    return {"value": count / total if total else None, "interval": wilson(count, total)}


def mean(numbers: Any) -> dict[str, Any]:
    """A mean over faces of what is never below 0, with its interval; nothing of a handful."""
    numbers = np.asarray(numbers, np.float64)
    if len(numbers) < FEWEST:
        return {"value": None, "interval": None}
    low, high = seed_interval(numbers.tolist()) or (0.0, math.inf)
    return {"value": float(numbers.mean()), "interval": [max(low, 0.0), high]}


def accuracy(evaluator: Evaluator) -> float:
    """Mean accuracy over all attributes, on test images."""
    return float(np.mean([how.accuracy for how in evaluator.reliability.values()]))


def picture(edits: dict[str, Edit]) -> list[Row]:
    """Faces below each other, edits beside each other."""
    some = next(iter(edits.values()))
    tiles = {"original": some.original, "rebuilt": some.reconstruction}
    tiles |= {caption: edit.edited for caption, edit in edits.items()}
    return [
        Row(
            torch.from_numpy(np.stack([images[face] for images in tiles.values()])),
            labels=() if face else list(tiles),
        )
        for face in range(min(SHOWN, len(some)))
    ]


if __name__ == "__main__":
    main()
