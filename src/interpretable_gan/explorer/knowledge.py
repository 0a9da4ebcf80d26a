"""What the page knows about a model beside its graphs: the data it is usual with, means to compare
with, footprints, the card and the training."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.audit.card import FILE, Card
from interpretable_gan.audit.claims.base import Claim
from interpretable_gan.explain.footprint import channel_footprint
from interpretable_gan.explorer.built import asset
from interpretable_gan.explorer.onnx_files import description, gan_of
from interpretable_gan.metrics.result import plain
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.steered import Steered
from interpretable_gan.report.charts import CURVES
from interpretable_gan.shapes import Code, Images
from interpretable_gan.training.run import Run

CODES = 512
"""Codes of training images that the page draws samples from."""

DRAWN = 256
"""Pictures whose decisions make the mean that others are compared with."""

Explained = InterpretableGAN | Steered


def page_data(run: Run, model: Explained, *, served: bool) -> dict[str, Any]:
    """Plain values for JSON; ``explorer/src/data.ts`` says what each is.

    Raises:
        RunError: the log or the card is damaged.
    """
    return {
        "name": run.path.resolve().name,
        "about": description(model),
        "codes": _base64((127 * model.codes(CODES)).round().to(torch.int8).cpu().numpy()),
        "reference": reference(model) if model.config.discriminator == "additive" else None,
        "footprint": footprint(model),
        "card": card(run),
        "curves": curves(run),
        "notes": run.notes(),
        "licences": licences(model),
        "served": served,
    }


def licences(model: Explained) -> str:
    """Whose work a page holds beside the model, and under which terms."""
    found = [asset("LICENSES.txt").decode()]
    if model.config.trunk == pretrained.NAME:
        found.append(pretrained.licence())
    return "\n\n".join(found)


@torch.no_grad()
def reference(model: Explained) -> dict[str, Any]:
    """Mean decision of pictures that the model draws, against what was ``asked`` and against what
    is ``read`` in them."""
    code, style = model.codes(DRAWN, seed=1), model.styles(DRAWN, seed=1)
    images = model.draw(code, style)
    return {
        "count": DRAWN,
        "asked": _means(model, images, code),
        "read": _means(model, images, model.encode(images)[0]),
    }


def _means(model: Explained, images: Images, code: Code) -> dict[str, Any]:
    """Scores in ascending order, and the mean of every term, in the order of the graph's rows."""
    decision = model.decide(images, code)
    found: dict[str, Any] = {
        "logits": decision.logit.sort().values.tolist(),
        "residual": decision.residual.mean().item(),
        "bias": decision.bias.item(),
    }
    agreement, realism = _mean_terms(model, images, code)
    for kind, columns, attributes in (
        ("agreement", agreement, model.schema.named),
        ("realism", realism, model.schema.attributes),
    ):
        widths = [each.width for each in attributes]
        terms = torch.stack([each.sum(dim=0) for each in torch.split(columns, widths)])
        local = [number for number, each in enumerate(attributes) if each.scope == "local"]
        found[kind] = terms.sum(dim=(1, 2, 3)).tolist()
        found[f"{kind}_levels"] = terms.sum(dim=(2, 3)).tolist()
        found[f"{kind}_map"] = _base64(terms[local, 0].cpu().numpy())
    return found


def _mean_terms(model: Explained, images: Images, code: Code) -> list[Tensor]:
    """Mean agreement and mean realism, (columns, levels, places, places) each."""
    discriminator = gan_of(model).additive()
    encoder = discriminator.encoder
    sums: list[Tensor | float] = [0.0, 0.0]
    batches = zip(torch.split(images, BATCH), torch.split(code, BATCH), strict=True)
    for some, claimed in batches:
        placed = discriminator.placed(encoder.evidence(encoder.features(some)), claimed)
        sums = [whole + part.sum(dim=0) for whole, part in zip(sums, placed, strict=True)]
    return [torch.as_tensor(each) / len(images) for each in sums]


def footprint(model: Explained) -> dict[str, Any]:
    """Each attribute's share of every layer: its squared footprint over that of all columns."""
    everything = channel_footprint(model, slice(model.schema.columns))  # type: ignore[arg-type]
    whole = {layer: float(np.square(each).sum()) for layer, each in everything.items()}
    shares = []
    for name in model.schema.names:
        mine = channel_footprint(model, model.schema.slices[name])  # type: ignore[arg-type]
        shares.append(
            [float(np.square(mine[layer]).sum()) / (whole[layer] or 1) for layer in whole]
        )
    return {"layers": list(whole), "shares": shares}


def card(run: Run) -> dict[str, Any] | None:
    """The card in words and its matrix of leakage; None where the run has none."""
    if not (run.path / FILE).is_file():
        return None
    found = Card.load(run.path)
    claims = {each.name: each for each in found.claims}
    leakage = claims.get("no leakage")
    return {
        "claims": [_claim(each) for each in found.claims],
        "success": _success(claims["steerable"].details) if "steerable" in claims else {},
        "leakage": _leakage(found, leakage) if leakage and leakage.details else None,
        "judged_by": ", ".join(leakage.evaluators) if leakage else "",
    }


def _claim(claim: Claim) -> dict[str, Any]:
    """A claim, with the first of the numbers that decide it apart from all of them."""
    withheld = ", ".join(claim.withheld) if claim.verdict != "withheld" else ""
    return {
        "name": claim.name,
        "says": claim.says,
        "verdict": claim.verdict,
        "by_construction": claim.by_construction,
        "headline": next(
            (
                {
                    "name": each.name,
                    "value": each.told(each.value),
                    "relation": each.relation,
                    "threshold": each.told(each.threshold),
                }
                for each in sorted(claim.measures, key=lambda each: each.verdict != claim.verdict)
            ),
            None,
        ),
        "figures": [each.sentence() for each in claim.measures],
        "reason": " ".join(
            filter(
                None,
                (claim.undecided, claim.reason, withheld and f"Nothing is claimed of {withheld}."),
            )
        ),
    }


def _success(details: dict[str, Any]) -> dict[str, list[float]]:
    """Attribute → how often it shows when it is asked for, and its 95 % interval."""
    told = details.get("attributes", {})
    return {
        name: [each["success"], *each["interval"]]
        for name, each in told.items()
        if each.get("success") is not None and each.get("interval")
    }


def _leakage(card: Card, claim: Claim) -> dict[str, Any]:
    """The matrix, the pairs that are above the rate of the data, and who can read what."""
    details = claim.details
    names, pairs = details["attributes"], set(details["pairs_above"])
    readers = {each.name: each for each in (*card.evaluators, *card.judges)}
    judge = readers.pop(claim.evaluators[0])
    seconds = {name for each in readers.values() for name in each.readable}
    above = [[f"{row} → {column}" in pairs for column in names] for row in names]
    matrices = {
        name: plain(np.array(details[name], float)) for name in ("rate", "low", "high", "data")
    }
    return {
        "names": names,
        "above": above,
        "edits": [round(count) for count in details["successful_edits"]],
        "unchecked": [name for name in names if name not in seconds] if readers else [],
        "unread": {name: judge.balanced_accuracy.get(name) for name in claim.withheld},
        **matrices,
    }


def curves(run: Run) -> dict[str, Any]:
    """What the log tells a person something by, against the number of images seen."""
    records = [each for each in run.log() if "images" in each]
    series = {
        name: [record.get(name) for record in records]
        for name in CURVES
        if any(name in record for record in records)
    }
    return {"images": [each["images"] for each in records], "series": series}


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
