"""``igan explain`` takes any image, says what it changed, and never replaces anything unasked."""

import json
from functools import partial

import pytest
from PIL import Image

from interpretable_gan.atomic import read_json
from interpretable_gan.explain import Calibration


@pytest.fixture
def explain(igan):
    return partial(igan, "explain", "image")


def test_the_table_shows_what_moves_the_score_and_that_it_adds_up(world, explain, photo):
    done = explain(world.run.path, photo)
    assert done.code == 0
    assert "mean of 64 images that the model generated: the image looks" in done.out
    assert "encoder's own reading" in done.out
    assert done.err == ""  # nothing had to be converted
    assert "Agreement: does the image show the attribute as it was read? Realism: does" in done.out
    lines = done.out.splitlines()
    table = lines[lines.index("") + 2 :][:8]
    assert len([line for line in table if line.split()[0] in world.run.schema.names]) == 8
    told = explain(world.run.path, photo, "--json").json
    totals = {name: abs(values[0]) for name, values in told["contributions"].items()}
    assert table[0].split()[0] == max(totals, key=totals.get)
    assert told["sum_error"] < 1e-5


def test_heat_maps_are_saved_and_not_replaced_unasked(world, explain, photo, tmp_path):
    out = tmp_path / "heat.png"
    assert explain(world.run.path, photo, "--out", out, "-q").err == ""
    before = out.read_bytes()
    with Image.open(out) as picture:
        assert picture.width > 6 * 160
    refused = explain(world.run.path, photo, "--attribute", "smiling", "--out", out)
    assert (refused.code, refused.out) == (2, "")
    assert out.read_bytes() == before
    again = (world.run.path, photo, "--attribute", "smiling", "--out", out, "--force")
    assert explain(*again).code == 0
    assert out.read_bytes() != before


@pytest.mark.parametrize(
    ("mode", "size", "says"),
    [
        ("RGBA", (16, 16), ["converted from RGBA to RGB"]),
        ("L", (40, 32), ["from L to RGB", "cut from 40×32 to its centred square", "to the 16×16"]),
        ("RGB", (64, 64), ["resized to the 16×16"]),
    ],
)
def test_an_image_of_another_size_or_mode_is_converted_and_that_is_said(
    mode, size, says, world, explain, tmp_path
):
    Image.new(mode, size).save(tmp_path / "odd.png")
    done = explain(world.run.path, "odd.png")
    assert done.code == 0
    *told, unlike = done.err.splitlines()
    assert len(told) == len(says)
    assert all(words in done.err for words in says)
    assert "odd.png is unlike the training images (" in unlike  # it is black or transparent


def test_a_sheet_of_samples_is_not_explained_as_a_face(world, igan, explain):
    assert igan("sample", world.run.path, "--n", 1, "--out", "samples.png").code == 0
    done = explain(world.run.path, "samples.png")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "samples.png cannot be used: sheet of images. It shows several images" in done.err


def test_a_reading_is_calibrated_once_and_that_is_kept(run, explain, photo, folder):
    asked = (run, photo, "--attribute", "smiling")
    assert "uncalibrated" in explain(*asked).out
    fitted = explain(*asked, "--data", folder)
    assert fitted.code == 0, fitted.err
    assert "smiling: probability" in fitted.out
    kept = Calibration.load(run / "calibration.json")
    assert f"Saved {run / 'calibration.json'}. {kept.sentence()}" in fitted.err
    told = explain(*asked, "--json").json
    assert told["temperature"] == kept.of("smiling")
    assert told["calibration_error"] == {
        "before": kept.error_before["smiling"],
        "after": kept.error["smiling"],
    }
    assert f"such probabilities are {kept.error['smiling']:.1%} off" in explain(*asked).out
    assert explain(*asked, "--data", folder).code == 2
    assert explain(*asked, "--data", folder, "--force").code == 0


def test_a_calibration_of_other_weights_is_not_used_and_may_be_replaced(
    run, explain, photo, folder
):
    asked, path = (run, photo, "--attribute", "smiling"), run / "calibration.json"
    explain(*asked, "--data", folder)
    made = path.read_text()
    path.write_text(json.dumps(read_json(path) | {"model": "another"}))
    done = explain(*asked)
    assert "uncalibrated" in done.out
    assert done.err == f"{path} was made for other weights and is not used: give --data again.\n"
    assert explain(*asked, "--data", folder).code == 0
    assert path.read_text() == made
    assert explain(*asked).err == ""


@pytest.mark.parametrize("more", [[], ["--data", "faces"]], ids=["used", "replaced"])
def test_a_damaged_calibration_is_told_in_one_line(run, explain, photo, folder, more):
    (run / "calibration.json").write_text('{"temperature": 5}')
    done = explain(run, photo, "--attribute", "smiling", *more)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "holds no calibration" in done.err
    assert explain(run, photo, "--data", folder, "--force").code == 0


def test_the_smallest_edit_that_flips_is_told_and_drawn(run, explain, photo, folder, tmp_path):
    asked = (run, photo, "--data", folder, "--evaluator-images", 256, "--out", "f.png")
    done = explain(*asked, "--flip", "decision")
    assert done.code == 0, done.err
    assert "the score has no zero of its own" in done.out
    assert (tmp_path / "f.png").is_file()
    assert explain(*asked, "--flip", "smiling").code == 2  # f.png is there
    told = explain(*asked, "--flip", "smiling", "--force", "--json").json
    assert told["reader"].startswith("evaluator-")
    assert told["threshold"] is None
    assert told["verdict"] in ("verified", "contradicted", "not verified")
    alone = explain(run, photo, "--flip", "smiling")
    assert "nothing apart from the model has verified" in alone.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["gone", "photo.png"], 1, "gone is no run"),
        (["{run}", "gone.png"], 1, "gone.png does not exist"),
        (["{run}", "."], 2, "is a folder; name one image"),
        (["{run}", "text.png"], 1, "text.png cannot be used: not an image"),
        (["{run}", "photo.png", "--attribute", "smilling"], 2, "Did you mean 'smiling'"),
        (["{run}", "photo.png", "--flip", "smilling"], 2, "Did you mean 'smiling'"),
        (
            ["{run}", "photo.png", "--flip=smilling", "--out=photo.png"],
            2,
            "Did you mean 'smiling'",
        ),
        (
            ["{run}", "photo.png", "--attribute=decision", "--out=photo.png"],
            2,
            "no attribute 'decision'",
        ),
        (["{run}", "photo.png", "--flip", "decision"], 2, "needs --data"),
        (["{run}", "photo.png", "--flip=age", "--attribute=age"], 2, "two questions"),
    ],
)
def test_bad_input_is_one_line(words, code, says, world, explain, photo, tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    done = explain(*(word.format(run=world.run.path) for word in words))
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_a_name_that_means_two_things_is_refused(run, explain, photo):
    schema = run / "schema.yaml"
    schema.write_text(schema.read_text().replace("smiling", "decision"))
    assert explain(run, photo, "--attribute", "decision").code == 0
    refused = explain(run, photo, "--flip", "decision", "--data", "faces")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "is an attribute of this run as well as the discriminator's decision" in refused.err
