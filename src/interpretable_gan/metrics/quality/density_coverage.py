"""Density and coverage: precision and recall that outliers cannot inflate."""

from __future__ import annotations

from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.neighbours import Comparison
from interpretable_gan.metrics.quality.prdc import Membership, neighbourhood_result
from interpretable_gan.metrics.result import Mode, Result


@measured(0, figures=("density", "coverage"))
def density_coverage(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    k: int = 5,
    comparison: Comparison | None = None,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    extractor: Extractor | None = None,
    jobs: int | None = None,
) -> Result:
    """Density and coverage of the real k-nearest-neighbour balls (Naeem et al. 2020).

    Coverage is the share of real balls with a generated row in them: [0, 1], higher is better,
    and the value. Density is the mean number of real balls around a generated row, over ``k``:
    about 1 for samples of one distribution, more where generated rows crowd the real modes.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        k: neighbours that span a ball.
        comparison: whether a row on a ball's surface counts; *strict* takes ``"<="``, *reference*
            ``"<"``.
        mode: *strict* removes exact duplicates among the real rows first.
        seed: of the subsamples and permutations.
        uncertainty: also intervals from subsamples and the chance level by permutation.
        extractor: where the features come from; its description enters the result.
        jobs: threads; one per core if None.
    """
    return neighbourhood_result(
        "density_coverage",
        _scores,
        real,
        fake,
        k,
        comparison or ("<=" if mode == "strict" else "<"),
        mode,
        seed,
        uncertainty,
        extractor,
        jobs,
    )


def _scores(counts: Membership) -> dict[str, float]:
    return {"coverage": counts.coverage, "density": counts.density}
