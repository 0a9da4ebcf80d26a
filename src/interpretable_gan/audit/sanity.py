"""Does an explanation depend on what the network learned? Shuffle its weights and see.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt & Kim, "Sanity Checks for Saliency Maps", NeurIPS 2018.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import nn

from interpretable_gan.audit.faithfulness import check_enough, mean_interval
from interpretable_gan.audit.rankings import Relevance, cell_contributions, usual_evidence
from interpretable_gan.models.gan.discriminator import Discriminator
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Scores


@dataclass(frozen=True, eq=False)
class SanityCheck:
    """Rank correlation of an explanation with that of the same network, its weights shuffled.

    layers: shuffled so far, the one nearest to the decision first; all before stay shuffled
    correlation: Spearman's, mean over images, 1 = the same ranking, 0 = nothing in common  (layer,)
    intervals: 95 %, over images  (layer, 2)
    seed: of the shuffles and intervals
    """

    layers: tuple[str, ...]
    correlation: NDArray[np.float64]
    intervals: NDArray[np.float64]
    seed: int

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per layer."""
        return [
            {"shuffled_down_to": layer, "correlation": value, "low": low, "high": high}
            for layer, value, (low, high) in zip(
                self.layers, self.correlation.tolist(), self.intervals.tolist(), strict=True
            )
        ]


def sanity_check(
    discriminator: nn.Module,
    explain: Callable[[Any], NDArray[Any]],
    images: Images,
    code: Code,
    *,
    seed: int = 0,
) -> SanityCheck:
    """Shuffle the weights layer by layer, from the decision down to the pixels.

    An explanation that still looks the same after that explains the image, not the network. Layers
    that have no say in the logit are left out. Shuffling the residual's layers leaves cells alone.

    Args:
        discriminator: additive or black-box; a copy is shuffled.
        explain: a discriminator to its explanation of ``images``, (image, …); for ours,
            ``partial(own_cells, …)``.
        images, code: what is decided; two or more.
        seed: of the shuffles.

    Raises:
        MetricError: fewer than two images.
    """
    check_enough(images)
    before = explain(discriminator)
    shuffled = copy.deepcopy(discriminator)
    generator = torch.Generator().manual_seed(seed)
    layers, values, intervals = [], [], []
    logit = _logit(shuffled, images, code)
    for name, layer in reversed(_layers(shuffled, images, code)):
        _shuffle(layer, generator)
        last, logit = logit, _logit(shuffled, images, code)
        if torch.equal(last, logit):
            continue
        correlation = rank_correlation(before, explain(shuffled))
        value, interval = mean_interval(correlation, seed)
        layers.append(name)
        values.append(value)
        intervals.append(interval or (np.nan, np.nan))
    return SanityCheck(tuple(layers), np.array(values), np.array(intervals), seed)


def own_cells(
    discriminator: Discriminator, *, schema: Schema, images: Images, code: Code, reference: Images
) -> Relevance:
    """The exact contributions of cells, for `sanity_check`."""
    usual = usual_evidence(discriminator, reference)
    return cell_contributions(discriminator, schema, images, code, usual)


def rank_correlation(some: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float64]:
    """Spearman's correlation of two explanations, image by image, (image,): −1 to 1; 0 where one
    of them is the same everywhere and so ranks nothing."""
    pairs = zip(some.reshape(len(some), -1), others.reshape(len(others), -1), strict=True)
    found = [
        0.0 if np.ptp(a) == 0 or np.ptp(b) == 0 else float(spearmanr(a, b).statistic)
        for a, b in pairs
    ]
    return np.array(found)


@torch.no_grad()
def _logit(discriminator: nn.Module, images: Images, code: Code) -> Scores:
    return discriminator(images, code).logit


def _layers(discriminator: nn.Module, images: Images, code: Code) -> list[tuple[str, nn.Module]]:
    """Layers with weights of their own, in the order in which a decision runs through them."""
    ran: list[tuple[str, nn.Module]] = []
    hooks = [
        layer.register_forward_hook(lambda *_, at=(name, layer): ran.append(at))
        for name, layer in discriminator.named_modules()
        if any(True for _ in layer.parameters(recurse=False)) and name
    ]
    _logit(discriminator, images[:1], code[:1])
    for hook in hooks:
        hook.remove()
    return ran


@torch.no_grad()
def _shuffle(layer: nn.Module, generator: torch.Generator) -> None:
    """Put each tensor's numbers in random order: the same numbers, none of the knowledge."""
    for parameter in layer.parameters(recurse=False):
        order = torch.randperm(parameter.numel(), generator=generator)
        parameter.copy_(parameter.flatten()[order.to(parameter.device)].view_as(parameter))
