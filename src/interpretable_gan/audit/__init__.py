"""The card: every claim of the design measured on one model, each with a verdict.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "Card": "card",
    "Claim": "claims.base",
    "Measure": "claims.base",
    "Threshold": "thresholds",
    "THRESHOLDS": "thresholds",
    "Sizes": "sizes",
    "FaceNetworks": "judges",
    "ForeignJudge": "judges",
    "audit": "auditing",
    "lost_claims": "auditing",
    "importance": "claims.stability",
    # both views on a model
    "encoder_view": "views",
    "generator_view": "views",
    "generator_world": "views",
    # explanations put to the test
    "cell_faithfulness": "faithfulness",
    "pixel_faithfulness": "faithfulness",
    "Faithfulness": "faithfulness",
    "sanity_check": "sanity",
    "SanityCheck": "sanity",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
