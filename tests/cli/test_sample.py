"""Pictures of what was asked for."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from interpretable_gan.cli.sample import sweep_rows
from interpretable_gan.models.base import codes
from interpretable_gan.training.checkpoint import WEIGHTS, save_weights


def test_a_grid_shows_what_was_asked(world, igan, tmp_path):
    asked = ["--set", "smiling=1", "--set", "hair_color=blond", "--set", "age=35"]
    done = igan("sample", world.run.path, *asked, "--n", 6, "--json", "--columns", 3)
    assert len(done.json["images"]) == 6
    for image in done.json["images"]:
        assert (image["smiling"], image["hair_color"]) == (1, "blond")
        assert image["age"] == pytest.approx(35, abs=1e-3)
    with Image.open(tmp_path / done.json["out"]) as picture:
        width, height = picture.size
    assert width > 3 * 48
    assert 2 * 48 < height < 3 * 48


def test_the_seed_decides_the_picture(world, igan, tmp_path):
    for name, seed in [("a", 0), ("b", 0), ("c", 1)]:
        igan("sample", world.run.path, "--n", 2, "--seed", seed, "--out", f"{name}.png")
    first, same, other = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert first == same != other


def test_a_sweep_changes_one_attribute_and_nothing_else(world):
    model = world.run.model()
    rows = sweep_rows(model, "hair_color", n=2, seed=3, fixed={"smiling": 1})
    code, style = codes(model, 2, {"smiling": 1}, seed=3), model.styles(2, seed=3)
    assert rows[0].title == "hair_color"
    assert rows[0].labels == ["black", "brown", "blond", "red", "gray"]
    for number, level in enumerate(["black", "brown", "blond", "red", "gray"]):
        drawn = model.draw(model.schema.replace(code, {"hair_color": level}), style)
        for row, image in zip(rows, drawn, strict=True):
            torch.testing.assert_close(row.images[number], image)


def test_a_sweep_has_a_picture_of_its_own_name(world, igan, tmp_path):
    assert (
        igan("sample", world.run.path, "--sweep", "smiling", "--n", 2).out == "sweep-smiling.png\n"
    )
    assert (tmp_path / "sweep-smiling.png").is_file()


def test_a_sweep_fits_a_screen_unless_asked_for_more_rows(world, igan, tmp_path):
    told = igan("sample", world.run.path, "--sweep", "smiling")
    assert "6 rows from" in told.err
    with Image.open("sweep-smiling.png") as picture:
        assert picture.height < 8 * 3 * 16
    assert "16 images from" in igan("sample", world.run.path).err


def test_several_sweeps_lie_below_one_another(world, igan, tmp_path):
    igan("sample", world.run.path, "--sweep", "smiling", "--n", 2)
    both = igan("sample", world.run.path, "--sweep", "smiling", "--sweep", "age", "--n", 2)
    assert both.out == "sweep-smiling-age.png\n"
    with Image.open("sweep-smiling.png") as one, Image.open("sweep-smiling-age.png") as two:
        assert two.height > one.height + 2 * 3 * 16


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["--set", "smilling=1"], "Did you mean 'smiling'?"),
        (["--set", "hair_color=blnd"], "Did you mean 'blond'?"),
        (["--set", "smiling=7"], "0 (off) to 1 (on)"),
        (["--sweep", "hair_colour"], "Did you mean 'hair_color'?"),
        (["--sweep", "age", "--set", "age=30"], "'age' is set twice"),
        (["--sweep", "age", "--sweep", "age"], "'age' is set twice"),
    ],
)
def test_names_and_values_are_checked(asked, says, world, igan, tmp_path):
    done = igan("sample", world.run.path, *asked)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not list(tmp_path.glob("*.png"))


def test_a_picture_is_not_replaced_unasked(world, igan, tmp_path):
    (tmp_path / "samples.png").write_text("mine")
    assert igan("sample", world.run.path, "--n", 1).code == 2
    assert (tmp_path / "samples.png").read_text() == "mine"
    wrong = igan("sample", world.run.path, "--set", "smilling=1")
    assert "Did you mean 'smiling'?" in wrong.err, "what is wrong at any rate comes first"
    assert igan("sample", world.run.path, "--n", 1, "--force").code == 0


def test_a_run_that_was_stopped_says_how_far_it_is(run, igan):
    from interpretable_gan.training.checkpoint import STATE, load_state, save_state

    moment, tensors = load_state(run / STATE)
    save_state(run / STATE, replace(moment, step=1), tensors)
    said = igan("sample", run, "--n", 1).err
    assert f"{run} has seen 16 of its 64 images so far. To go on: igan train --resume {run}" in said


@pytest.mark.parametrize("name", ["seed", "n", "out", "a/b"])
def test_an_attribute_may_be_called_like_an_option_or_a_path(name, world, run, igan):
    schema = run / "schema.yaml"
    schema.write_text(schema.read_text().replace("smiling", name))
    asked = ("--n", 2, "--seed", 3)
    done = igan("sample", run, "--set", f"{name}=1", *asked, "--json", "--out", "a.png")
    assert [image[name] for image in done.json["images"]] == [1, 1]
    igan("sample", world.run.path, "--set", "smiling=1", *asked, "--out", "b.png")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    swept = igan("sample", run, "--sweep", name, *asked)
    assert swept.out == f"sweep-{name.replace('/', '-')}.png\n"


def test_weights_of_something_else_are_one_sentence(run, igan):
    save_weights(run / WEIGHTS, {"layer.weight": torch.ones(3)})
    done = igan("sample", run)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "weights.safetensors: the weights hold no such model (no 'codes')" in done.err
