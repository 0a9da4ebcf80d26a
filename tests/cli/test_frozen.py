"""A generator from a file goes through the commands of a GAN."""

import json

import pytest
import torch
from PIL import Image

from halves import SIDE, freeze_halves
from interpretable_gan.audit.drawn import draw_labelled
from interpretable_gan.audit.judges import ForeignJudge
from interpretable_gan.errors import ConfigError
from interpretable_gan.models.frozen.program import open_program
from interpretable_gan.training.run import Run
from world import TINY

NOT_SET = ("size", "style", "discovered", "generator_widths")
SETTINGS = [f"--set={k}={json.dumps(value)}" for k, value in TINY.items() if k not in NOT_SET]


def test_images_are_drawn_with_the_level_asked_for(igan, tmp_path):
    red = freeze_halves(tmp_path, levels=2)
    done = igan("data", "draw", red, "--label", "colour=blue, red", "--n", 60, "--out", "drawn")
    assert done.code == 0, done.err
    assert f"igan train drawn --generator {red} --label colour=2" in done.err
    rows = [row.split(",") for row in (tmp_path / "drawn/metadata.csv").read_text().split()[1:]]
    assert {row[1] for row in rows} == {"train", "validation", "test"}
    for name, _, colour in rows:
        pixel = Image.open(tmp_path / "drawn" / name).convert("RGB").resize((1, 1))
        first, *others = pixel.getpixel((0, 0))
        assert (first > max(others)) == (colour == "red")

    asked = ("train", "drawn", "--generator", red, "--label", "colour=2", "--no-check", *SETTINGS)
    assert igan(*asked, "--out", "run").code == 0
    model = Run.open(tmp_path / "run").model("cpu")
    style = model.styles(8)
    blue, red = (
        model.draw(model.schema.replace(model.codes(8), {"colour": each}), style).mean(
            dim=(0, 2, 3)
        )
        for each in ("blue", "red")
    )
    assert red[0] - blue[0] > 0.8


def test_judges_label_what_is_drawn(tmp_path):
    program = open_program(freeze_halves(tmp_path, gain=2.0))

    def left(images):
        return torch.sigmoid(9 * images[..., : SIDE // 2].mean(dim=(1, 2, 3)))[:, None]

    judges = [
        ForeignJudge("first", "0", ("left",), left),
        ForeignJudge("second", "1", ("left", "right"), lambda images: torch.zeros(len(images), 2)),
    ]
    drawn = draw_labelled(program, 300, judges=judges)
    bright = drawn.images[..., : SIDE // 2, :].mean(axis=(1, 2, 3)) > 127.5
    assert (drawn.codes[:, 0] > 0).tolist() == bright.tolist()  # of two judges the first counts
    assert (drawn.codes[:, 1] < 0).all()
    assert drawn.checksum != draw_labelled(program, 300, judges=judges, seed=1).checksum
    with pytest.raises(ConfigError, match="nobody labels the images"):
        draw_labelled(program, 300)


def test_a_run_around_it_is_told_sampled_edited_and_explained(igan, folder, photo, tmp_path):
    halves = freeze_halves(tmp_path)
    done = igan("train", folder, "--generator", halves, "--out", "run", "--no-check", *SETTINGS)
    assert done.code == 0, done.err
    assert "frozen generator halves-0.pt2" in igan("info", "run").out
    for command in (
        ("sample", "run", "--set", "smiling=1", "--n", 2),
        ("edit", "run", photo, "--set", "smiling=1", "--steps", 2),
        ("explain", "image", "run", photo, "--out", "why.png"),
    ):
        done = igan(*command)
        assert done.code == 0, done.err
    refused = igan("export", "run")
    assert refused.code != 0
    assert "frozen generator cannot be" in refused.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--label", "colour=2"), "it is what a --generator takes"),
        (("--generator", "none.pt", "--label", "colour"), "how many levels it has"),
        (("--generator", "none.pt"), "none.pt is not there"),
        (("--model", "frozen"), "name it by --generator"),
    ],
)
def test_what_is_missing_is_said(igan, folder, options, said):
    refused = igan("train", folder, "--out", "run", *options)
    assert refused.code != 0
    assert said in " ".join(refused.err.split())
