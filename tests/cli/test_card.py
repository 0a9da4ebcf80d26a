"""What the check at the end of training costs."""

from types import SimpleNamespace

import pytest

from interpretable_gan.cli import card


@pytest.mark.parametrize(
    ("shown", "evaluator"),
    [
        pytest.param(640, 1_000, id="the shortest training"),
        pytest.param(3_000, 3_000, id="no more than the run was shown"),
        pytest.param(36_000, None, id="the usual size"),
    ],
)
def test_evaluators_of_the_check_see_no_more_images_than_the_run(shown, evaluator, monkeypatch):
    asked = []
    monkeypatch.setattr(card, "check_card", lambda *_, **how: asked.append(how))
    card.check_training(SimpleNamespace(config=SimpleNamespace(images=shown)), None)
    assert asked[0]["evaluator_images"] == evaluator
