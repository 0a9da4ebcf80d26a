"""A verdict follows from the interval and the threshold, and thresholds are the design's."""

import json

import pytest

from interpretable_gan.audit.auditing import SAYS
from interpretable_gan.audit.claims.base import Findings, judged, measure, withhold
from interpretable_gan.audit.recommend import LISTS_SAY
from interpretable_gan.audit.rows import ROW_SAYS
from interpretable_gan.audit.thresholds import NAMED_COST, THRESHOLDS


@pytest.mark.parametrize(
    ("value", "interval", "relation", "threshold", "verdict"),
    [
        pytest.param(0.93, (0.91, 0.95), "at least", 0.9, "pass", id="surely enough"),
        pytest.param(0.93, (0.88, 0.95), "at least", 0.9, "cannot tell", id="perhaps enough"),
        pytest.param(0.80, (0.75, 0.85), "at least", 0.9, "fail", id="surely too little"),
        pytest.param(0.05, (0.04, 0.06), "at most", 0.08, "pass", id="surely little"),
        pytest.param(0.07, (0.05, 0.09), "at most", 0.08, "cannot tell", id="perhaps little"),
        pytest.param(0.10, (0.09, 0.12), "at most", 0.08, "fail", id="surely too much"),
        pytest.param(0.0, None, "at most", 0.0, "pass", id="exactly zero"),
        pytest.param(1e-12, None, "at most", 0.0, "fail", id="nearly zero is not zero"),
        pytest.param(0.0, (0.0, 0.0), "above", 0.0, "fail", id="no better than nothing"),
        pytest.param(float("nan"), None, "at least", 0.9, "cannot tell", id="not measured"),
    ],
)
def test_verdicts_have_known_answers(value, interval, relation, threshold, verdict):
    assert judged(value, interval, relation, threshold) == verdict


def test_a_claim_is_as_good_as_its_worst_measure():
    good = measure("steerable", "mean success", 0.95, (0.94, 0.96))
    open_ = measure("steerable", "worst attribute", 0.61, (0.55, 0.66))
    bad = measure("steerable", "worst attribute", 0.4, (0.3, 0.5))
    beside = measure("steerable", "something else", 0.0)
    assert Findings(measures=(good, beside)).verdict == "pass"
    assert Findings(measures=(good, open_)).verdict == "cannot tell"
    assert Findings(measures=(open_, bad, good)).verdict == "fail"
    assert Findings(measures=(beside,)).verdict == "reported"
    assert withhold("The evaluators read nothing.").verdict == "withheld"


def test_thresholds_are_those_of_the_design():
    """Design §6; whoever moves a goalpost has to move this one too, in plain sight."""
    wanted = {
        ("decomposition", "worst relative gap"): ("at most", 1e-5),
        ("locality", "largest change"): ("at most", 0),
        ("not vacuous", "residual share"): ("at most", 0.2),
        ("not vacuous", "named cost beyond 5 × residual cost"): ("above", 0),
        ("valid", "share of attributes"): ("at least", 0.9),
        ("steerable", "mean success"): ("at least", 0.9),
        ("steerable", "worst attribute"): ("at least", 0.6),
        ("edits stay real", "Fréchet ratio"): ("at most", 1.25),
        ("no leakage", "raw leakage"): ("at most", 0.08),
        ("no leakage", "pairs above their data rate"): ("at most", 0),
        ("stable", "rank correlation"): ("at least", 0.8),
        ("good rows", "detection by boosted trees"): ("at most", 0.65),
        ("private", "membership attack"): ("at most", 0.55),
        ("private", "closer to training rows"): ("at most", 0.55),
        ("calibrated", "calibration error beyond chance"): ("at most", 0.03),
        ("good lists", "NDCG@10 above popularity"): ("above", 0),
        ("carried by names", "named share"): ("at least", 0.3),
        ("carried by names", "residual share"): ("at most", 0.1),
        ("reasons count", "share of users"): ("at least", 0.95),
        ("lists obey", "mean share of users"): ("at least", 0.95),
        ("lists obey", "NDCG kept"): ("at least", 0.9),
    }
    for (claim, name), (relation, value) in wanted.items():
        threshold = THRESHOLDS[claim][name]
        assert (threshold.relation, threshold.value) == (relation, value)
    assert NAMED_COST == 5
    assert set(THRESHOLDS) <= set(SAYS) | set(ROW_SAYS) | set(LISTS_SAY)


def test_thresholds_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        THRESHOLDS["steerable"] = {}
    with pytest.raises(TypeError):
        THRESHOLDS["steerable"]["mean success"] = None
    with pytest.raises(AttributeError):
        THRESHOLDS["steerable"]["mean success"].value = 0.1


def test_measures_are_json_whatever_was_measured():
    odd = measure("steerable", "mean success", float("nan"), (float("nan"), 1.0), share=True)
    assert json.loads(odd.model_dump_json())["value"] is None
    assert odd.interval is None
    assert odd.verdict == "cannot tell"
    assert "unknown" in odd.sentence()
