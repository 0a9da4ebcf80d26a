"""``igan explain target`` fits once, keeps it, and adds up; ``igan explain`` stays short."""

import json

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.atomic import read_json


def test_it_is_fitted_once_kept_and_then_explains_an_image(run, igan, photo, folder):
    fitted = igan("explain", "target", run, "--data", folder, "--target", "hair_color", "--smooth")
    assert fitted.code == 0, fitted.err
    assert "From the other attributes hair_color is told with accuracy" in fitted.out
    assert "reading images" in fitted.err
    assert f"Saved {run / 'target.json'}" in fitted.err
    kept = (run / "target.json").read_bytes()

    told = igan("explain", "target", run, photo, "--json").json
    assert told["explains"] == "TargetExplanation"
    total = np.sum(told["contributions"], axis=1) + told["offset"]
    np.testing.assert_allclose(total, told["score"])
    shown = igan("explain", "target", run, photo, "--out", "bars.png")
    assert "All parts add up" in shown.out
    with Image.open("bars.png") as bars:
        assert bars.width > 320
    assert igan("explain", "target", run, photo, "--out", "bars.png").code == 2
    assert igan("explain", "target", run, "--json").json["shape"] == "smooth"

    again = ("explain", "target", run, "--data", folder, "--target", "smiling")
    assert igan(*again).code == 2
    assert (run / "target.json").read_bytes() == kept
    assert igan(*again, "--force", "-q").err == ""
    assert igan("explain", "target", run, "--json").json["target"] == "smiling"


def test_the_schema_names_the_target(run, igan, folder):
    schema = run / "schema.yaml"
    schema.write_text(schema.read_text() + "target: age\n")
    done = igan("explain", "target", run, "--data", folder)
    assert done.code == 0, done.err
    assert "age is told with R²" in done.out


def test_what_to_explain_is_always_said(world, igan, photo):
    done = igan("explain", world.run.path, photo)
    assert (done.code, done.out) == (2, "")
    assert "is a run of images: igan explain image" in done.err
    assert "(igan explain --help)" in done.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["gone"], 1, "gone is no run"),
        (["{run}"], 1, "has no head for a target yet"),
        (["{run}", "--smooth"], 2, "give --data too"),
        (["{run}", "--out", "bars.png"], 2, "name it"),
        (["{run}", "--data", "faces"], 1, "names no target: name one of smiling"),
        (["{run}", "--data", "faces", "--target", "smilling"], 2, "Did you mean 'smiling'"),
        (
            ["{run}", "gone.png", "--data", "faces", "--target", "smiling"],
            1,
            "gone.png does not exist",
        ),
        (["{run}", "faces", "--data", "faces", "--target", "smiling"], 2, "is a folder; name one"),
    ],
)
def test_bad_input_is_one_line(words, code, says, world, igan, folder):
    done = igan("explain", "target", *(word.format(run=world.run.path) for word in words), "-q")
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not (world.run.path / "target.json").exists()


@pytest.mark.parametrize("text", ["{", "[1]", '{"schema": 5}'])
def test_a_damaged_head_is_told_in_one_line(run, igan, text):
    (run / "target.json").write_text(text)
    done = igan("explain", "target", run)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "holds no target head" in done.err


def test_a_head_of_other_weights_is_refused_in_one_line(run, igan, photo, folder):
    assert igan("explain", "target", run, "--data", folder, "--target", "age").code == 0
    path = run / "target.json"
    path.write_text(json.dumps(read_json(path) | {"model": "another"}))
    for image in ([], [photo]):
        done = igan("explain", "target", run, *image)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert "made for other weights than the model has: fit it again" in done.err
