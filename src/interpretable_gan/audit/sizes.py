"""How much is measured: more samples make narrower intervals, and never another threshold."""

from __future__ import annotations

from pydantic import Field

from interpretable_gan.audit.claims.base import Frozen


class Sizes(Frozen):
    """Samples behind the claims. The design's ideal is 10,000 edits per value.

    samples: images drawn, among which to look for those that an edit could change
    edits: most of them to edit, for every value of every attribute
    pictures: images on either side of a distance between sets
    places: real images in which all pixels outside each place's patch are replaced
    curves: real images whose cells are deleted and inserted
    codes: rows behind the metrics of disentanglement
    evaluator: images on which each evaluator is trained, counting repeats
    resamples: bootstrap resamples
    """

    samples: int = Field(default=4000, ge=20)
    edits: int = Field(default=400, ge=5)
    pictures: int = Field(default=4000, ge=20)
    places: int = Field(default=16, ge=1)
    curves: int = Field(default=32, ge=4)
    codes: int = Field(default=600, ge=50)
    evaluator: int = Field(default=40_000, ge=64)
    resamples: int = Field(default=1000, ge=50)

    @classmethod
    def quick(cls) -> Sizes:
        """Enough to see where a model stands, in a minute or two on an idle core."""
        return cls(
            samples=600,
            edits=25,
            pictures=500,
            places=2,
            curves=8,
            codes=300,
            evaluator=10_000,
            resamples=400,
        )
