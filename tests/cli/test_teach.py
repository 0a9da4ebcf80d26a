"""``igan teach`` makes a word of image files, which other commands then know."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from pyarrow import parquet

from interpretable_gan.explain import teaching_fit
from interpretable_gan.steer import trial
from interpretable_gan.training.run import Run

WORD = "white corner"


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch):
    monkeypatch.setattr(trial, "SAMPLES", 64)
    monkeypatch.setattr(teaching_fit, "UNLABELLED", 32)


@pytest.fixture
def files(world, tmp_path):
    """Twelve portraits with a white corner in a folder, twelve without in another."""
    for row in range(24):
        pixels = np.array(world.data.images[row])
        if row < 12:
            pixels[-4:, -4:] = 255
        folder = tmp_path / ("with" if row < 12 else "without")
        folder.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{row}.png")
    return sorted((tmp_path / "with").iterdir()), sorted((tmp_path / "without").iterdir())


def test_a_word_is_taught_by_files_and_known_to_other_commands(run, files, photo, igan):
    yes, no = files
    done = igan("teach", run, WORD, "--yes", *yes, "--no", *no, "--out", "examples.png")
    assert done.code == 0, done.err
    assert done.out.startswith("'white corner' is read with a balanced accuracy of ")
    with Image.open("examples.png") as sheet:
        assert sheet.width > 500
    assert f"taught: {WORD}, read with a balanced accuracy of" in igan("info", run).out
    assert igan("info", run, "--json").json["words"][0]["yes"] == 12
    read = igan("explain", "image", run, yes[0], "--attribute", WORD, "--out", "where.png")
    assert "uncalibrated probability" in read.out
    assert igan("explain", "image", run, photo).code == 0
    assert igan("sample", run, "--set", f"{WORD}=1", "--n", 2).code == 0
    assert igan("sample", run, "--sweep", WORD, "--n", 2).code == 0
    edited = igan("edit", run, photo, "--set", f"{WORD}=1", "--steps", 0, "--json").json
    assert edited["reached"].keys() == {WORD}


def test_what_was_taught_is_replaced_or_forgotten_only_when_asked(run, files, igan):
    sides = ["--yes", "with", "--no", "without"]
    assert igan("teach", run, WORD, *sides, "--description", "lower right").code == 0
    refused = igan("teach", run, WORD, *sides)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--force" in refused.err
    assert igan("teach", run, WORD, *sides, "--force", "--json").json["word"] == WORD
    assert len(Run.open(run).words()) == 1
    assert (
        "was not taught 'hue'; it knows white corner" in igan("teach", run, "hue", "--forget").err
    )
    assert igan("teach", run, WORD, "--forget").code == 0
    assert Run.open(run).words() == ()


def test_a_table_says_which_images_show_it(run, files, tmp_path, igan):
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", WORD])
        for number, path in enumerate([*files[0], *files[1]]):
            label = "" if number == 0 else int(number < 12)
            writer.writerow([path.relative_to(tmp_path).as_posix(), label])
    found = igan("teach", run, WORD, "--table", "labels.csv", "--json")
    assert found.json["recall"]["yes"] == 11
    wrong = igan("teach", run, "spots", "--table", "labels.csv", "--column", "white corne")
    assert "Did you mean 'white corner'?" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["--yes", "with"], 2, "--yes FILES --no FILES", id="one side"),
        pytest.param(["--yes", "with/0.png", "--no", "with/0.png"], 1, "and among --no", id="both"),
        pytest.param(["--yes", "with", "--no", "nowhere"], 1, "does not exist", id="no file"),
        pytest.param(["--yes", "with", "--no", "with/1.png"], 1, "the same picture", id="same"),
        pytest.param(["--yes", "with/1.png", "--no", "without"], 1, "at least 5 of each", id="few"),
        pytest.param(["--yes", "with", "--no", "words.txt"], 1, "words.txt", id="no image"),
        pytest.param(["--table", "gone.csv"], 1, "gone.csv is no table", id="no table"),
        pytest.param(["--column", "x"], 2, "--column is of a table", id="no table named"),
    ],
)
def test_what_cannot_be_used_is_one_line(run, files, igan, tmp_path, arguments, code, says):
    (tmp_path / "words.txt").write_text("no picture")
    done = igan("teach", run, "spots", *arguments)
    assert done.code == code
    assert says in done.err
    assert "Traceback" not in done.err
    assert not Run.open(run).words()


def test_tables_of_images_have_a_word_once_it_is_taught(run, files, tmp_path, igan):
    yes, no = files
    igan("encode", run, tmp_path / "with", "--out", "encoded")
    igan("teach", run, WORD, "--yes", *yes, "--no", *no)
    assert "by another model" in igan("encode", run, tmp_path / "with", "--out", "encoded").err
    assert igan("encode", run, tmp_path / "with", "--out", "encoded", "--force").code == 0
    table = parquet.read_table("encoded").to_pydict()
    model = Run.open(run).model()
    images = torch.from_numpy(np.stack([np.array(Image.open(each)) for each in yes]))
    images = images.permute(0, 3, 1, 2) / 127.5 - 1
    read = model.schema.read(model.read_code(images))[WORD]
    by_name = dict(zip(table["image"], table[f"reading.{WORD}"], strict=True))
    np.testing.assert_allclose([by_name[each.name] for each in yes], read, rtol=1e-5)
