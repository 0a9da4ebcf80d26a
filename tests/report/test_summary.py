"""The first sentences of a report, in figures that the other commands tell as well."""

import json
import re

import pytest

from interpretable_gan.report.claims import Measured
from interpretable_gan.report.summary import summary
from interpretable_gan.training.run import Run


@pytest.mark.parametrize(
    ("asked", "logged", "told"),
    [
        pytest.param(100, 128, "was shown 100 of the 160 training images of", id="whole batches"),
        pytest.param(320, 320, "was shown 320 images of .*, 160 of them different", id="twice"),
    ],
)
def test_what_training_was_shown_is_told_as_it_was_asked_for(asked, logged, told, world, tmp_path):
    records = [{"training_images": 160}, {"images": logged}]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, records)))
    config = world.run.config.model_copy(update={"images": asked})
    run = Run(tmp_path, config, world.run.schema)
    assert re.search(told, " ".join(summary(run, Measured(None), None, "the data set cells")))
