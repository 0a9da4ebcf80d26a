"""The head as estimators of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from interpretable_gan.errors import DataError
from interpretable_gan.models.tables import AdditiveClassifier, AdditiveRegressor

pytest.importorskip("interpret", reason="the extra tables is not installed")
pandas = pytest.importorskip("pandas", reason="the extra frame is not installed")


@pytest.fixture(scope="module")
def frame():
    """Who pays back: by income and by work, not by the noise."""
    luck = np.random.default_rng(0)
    income, noise = luck.normal(size=(2, 400))
    work = luck.choice(["none", "some", "much"], 400)
    score = 2 * income + 2 * (work == "much") - 1
    table = pandas.DataFrame({"income": income, "work": work, "noise": noise})
    table.loc[:20, "income"] = np.nan
    return table, np.where(luck.random(400) < 1 / (1 + np.exp(-score)), "good", "bad")


@pytest.mark.long
@pytest.mark.timeout(900)  # some sixty checks, each of several fits: minutes on a slow machine
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [AdditiveClassifier, AdditiveRegressor])
def test_scikit_learn_finds_nothing_wrong(kind):
    found = check_estimator(kind(pairs=0, refits=2), on_fail=None)  # pairs cost most of the time
    assert len(found) > 40
    bad = [each for each in found if each["status"] == "failed"]
    assert not bad, [(each["check_name"], str(each["exception"])) for each in bad]


def test_a_data_frame_of_numbers_levels_and_gaps_is_explained(frame):
    rows, truth = frame
    model = AdditiveClassifier(pairs=1, refits=2).fit(rows, truth)
    assert model.score(rows, truth) > 0.75
    terms = model.terms(rows)
    assert float(terms.error()) <= 1e-5
    np.testing.assert_allclose(terms.total.numpy(), model.decision_function(rows))
    sizes = {name: float(each.abs().mean()) for name, each in terms.by_row().items()}
    assert min(sizes["income"], sizes["work"]) > 2 * sizes["noise"]
    odd = rows[:1].assign(work="never seen")
    assert np.isfinite(model.predict_proba(odd)).all()


def test_declared_effects_hold(frame):
    rows, truth = frame
    model = AdditiveClassifier(refits=2, effects={"noise": "increasing"}).fit(rows, truth)
    more = rows.assign(noise=rows.noise + 1)
    assert (model.decision_function(more) >= model.decision_function(rows) - 1e-12).all()
    with pytest.raises(DataError, match="effects name 'nois', but columns are income, work"):
        AdditiveClassifier(effects={"nois": "increasing"}).fit(rows, truth)
