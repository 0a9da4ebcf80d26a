"""``igan edit`` takes any images, says what it changed, and never replaces anything unasked."""

import json
import shutil
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from PIL import Image

from interpretable_gan.cli.edit import open_data
from interpretable_gan.errors import DataError


@pytest.fixture
def edit(igan, world):
    """Calls the command with few steps."""
    return lambda *words: igan("edit", world.run.path, "--steps", 2, *words)


def test_an_image_is_edited_drawn_and_told(edit, photo, tmp_path):
    done = edit(photo, "--set", "smiling=0.4", "--set", "hair_color=blond", "--out", "x/e.png")
    assert done.code == 0, done.err
    assert done.out.startswith("photo.png: Asked for smiling 0.4 (")
    assert "hair_color blond (" in done.out
    assert "model's own encoder" in done.out
    with Image.open(tmp_path / "x" / "e.png") as picture:
        assert picture.width > 5 * 128
    assert "Saved x/e.png" in done.err
    assert "converted" not in done.err  # nothing had to be


def test_nothing_is_replaced_unasked(edit, photo, tmp_path):
    (tmp_path / "edit.png").write_text("mine")
    refused = edit(photo, "--set", "smiling=1")
    assert (refused.code, refused.out) == (2, "")
    assert "edit.png exists already" in refused.err
    assert (tmp_path / "edit.png").read_text() == "mine"
    assert edit(photo, "--set", "smiling=1", "--force", "-q").err == ""
    assert (tmp_path / "edit.png").read_bytes()[1:4] == b"PNG"


def test_images_of_another_size_or_mode_are_converted_and_said(edit, tmp_path):
    Image.new("L", (40, 30), 90).save(tmp_path / "grey.png")
    Image.new("RGBA", (16, 16), "red").save(tmp_path / "clear.png")
    done = edit("grey.png", "clear.png", "--set", "smiling=1")
    assert done.code == 0, done.err
    assert "grey.png: converted from L to RGB." in done.err
    assert "grey.png: cut from 40×30 to its centred square." in done.err
    assert "grey.png: resized to the 16×16 pixels that the model reads." in done.err
    assert "clear.png: converted from RGBA to RGB." in done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["grey.png", "clear.png"]


def test_one_odd_file_of_a_folder_stops_nothing(edit, photo, tmp_path):
    (tmp_path / "photos").mkdir()
    shutil.copy(photo, tmp_path / "photos" / "good.png")
    (tmp_path / "photos" / "cut.png").write_bytes(photo.read_bytes()[:300])
    (tmp_path / "photos" / "paper.pdf").write_text("%PDF-1.7")
    done = edit("photos", "--set", "smiling=1")
    assert done.code == 0, done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["good.png"]
    assert "truncated image: 1, left out (cut.png)" in done.err
    assert "not an image: 1, left out (paper.pdf)" in done.err


def test_a_folder_and_held_out_rows_are_edited_with_an_evaluator(edit, folder):
    told = edit(folder / "images", "--set", "eyeglasses=0", "--json").json
    assert len(told["axes"]["image"]) == 40
    judged = edit(
        "--data", folder, "--evaluator-images", 256, "--n", 3, "--set", "smiling=1", "--json",
        "--force",
    )  # fmt: skip
    assert judged.code == 0, judged.err
    assert judged.json["reader"].startswith("evaluator-residual@")
    assert len(judged.json["reached"]["smiling"]) == 3


def test_the_overlay_is_as_asked(edit, photo):
    asked = (photo, "--set", "smiling=1", "--json", "--force")
    assert edit(*asked).json["overlay"] == 1
    assert edit(*asked, "--overlay", "1.5").json["overlay"] == 1.5
    assert edit(*asked, "--drawn").json["overlay"] is None


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["photo.png", "--set", "smilling=1"], 2, "Did you mean 'smiling'"),
        (["photo.png", "--set", "hair_color=blonde"], 2, "Did you mean 'blond'"),
        (["photo.png", "--set", "age=900"], 2, "It takes numbers from"),
        (["photo.png", "--set", "smiling"], 2, "not name=value"),
        (["photo.png"], 2, "say what to change"),
        (["--set", "smiling=1"], 2, "name images to edit"),
        (["gone.png", "--set", "smiling=1"], 1, "gone.png does not exist"),
        (["text.png", "--set", "smiling=1"], 1, "text.png cannot be used: not an image"),
        (["empty", "--set", "smiling=1"], 1, "folder empty holds no image files"),
        (["photo.png", "--data", "gone", "--set", "smiling=1"], 1, "gone does not exist"),
        (["photo.png", "--data", "other", "--set", "smiling=1"], 1, "no such column"),
    ],
)
def test_bad_input_is_one_line(words, code, says, edit, photo, tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other" / "images").mkdir(parents=True)
    shutil.copy(photo, tmp_path / "other" / "images" / "a.png")
    table = "file_name,tall\nimages/a.png,1\n"
    (tmp_path / "other" / "metadata.csv").write_text(table)
    done = edit(*words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err.splitlines()[-1]
    assert "Traceback" not in done.err
    assert not (tmp_path / "edit.png").exists()


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config.json", b"{", "config.json is damaged"),
        ("config.json", b'{"preset": "tiny", "sizes": 3}', "config.json is damaged"),
        ("schema.yaml", b"attributes: 3", "schema.yaml"),
        ("weights.safetensors", b"\x00" * 40, "cannot be read as weights"),
        ("weights.safetensors", b"", "cannot be read as weights"),
        ("weights.safetensors", None, "has no weights yet"),
        ("weights.safetensors", "other", "hold no such model"),
    ],
)
def test_a_corrupt_run_is_one_line(file, content, says, igan, world, photo, tmp_path):
    run = shutil.copytree(world.run.path, tmp_path / "run")
    if content is None:
        (run / file).unlink()
    elif content == "other":
        safetensors.torch.save_file({"a": torch.zeros(1)}, run / file)
    else:
        (run / file).write_bytes(content)
    done = igan("edit", run, photo, "--set", "smiling=1")
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_a_run_whose_schema_was_exchanged_is_one_line(igan, world, photo, tmp_path):
    run = shutil.copytree(world.run.path, tmp_path / "run")
    fewer = few(world.run.schema)
    fewer.save(run / "schema.yaml")
    done = igan("edit", run, photo, "--set", "smiling=1")
    assert (done.code, done.out) == (1, "")
    assert "weights and config do not fit together" in done.err
    assert "train again" in done.err
    assert json.loads((run / "config.json").read_text())["size"] == 16


def test_data_of_another_schema_is_refused_before_any_evaluator_is_trained(world, monkeypatch):
    monkeypatch.setattr("interpretable_gan.data.open.PORTRAIT_COUNT", 20)
    other = replace(world.run, schema=few(world.run.schema))
    with pytest.raises(DataError, match="portraits has other attributes than the run"):
        open_data(other, "portraits", quiet=True)


def few(schema):
    """A schema of two of the attributes."""
    return type(schema)(name="other", attributes=schema.named[:2])
