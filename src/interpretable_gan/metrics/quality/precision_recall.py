"""Improved precision and recall: are generated images realistic, and are all kinds there?"""

from __future__ import annotations

from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.neighbours import Comparison
from interpretable_gan.metrics.quality.prdc import Membership, neighbourhood_result
from interpretable_gan.metrics.result import Mode, Result


@measured(0, 1, figures=("precision", "recall"))
def precision_recall(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    k: int = 3,
    comparison: Comparison | None = None,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    extractor: Extractor | None = None,
    jobs: int | None = None,
) -> Result:
    """Precision and recall of two manifolds of k-nearest-neighbour balls (Kynkäänniemi 2019).

    Precision is the share of generated rows inside a real ball, recall the share of real rows
    inside a generated one; each in [0, 1], higher is better, and two samples of one distribution
    score below 1 (``chance`` says how much). The value is F = 2PR/(P + R), 0 if both are 0.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        k: neighbours that span a ball.
        comparison: ``"<="`` (default) counts rows on a ball's surface, ``"<"`` does not.
        mode: *strict* removes exact duplicates among the real rows first.
        seed: of the subsamples and permutations.
        uncertainty: also intervals from subsamples and the chance level by permutation.
        extractor: where the features come from; its description enters the result.
        jobs: threads; one per core if None.
    """
    return neighbourhood_result(
        "precision_recall",
        _scores,
        real,
        fake,
        k,
        comparison or "<=",
        mode,
        seed,
        uncertainty,
        extractor,
        jobs,
    )


def _scores(counts: Membership) -> dict[str, float]:
    precision, recall = counts.precision, counts.recall
    total = precision + recall
    f_score = 2 * precision * recall / total if total else 0.0
    return {"f_score": f_score, "precision": precision, "recall": recall}
