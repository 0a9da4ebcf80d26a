"""Folders are opened one way, whoever asks, and the odd file stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data.decoding import eight_bits
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Files, files_below, read_all


def test_pictures_are_found_by_their_names_below_a_folder(tmp_path, write_image):
    for name in ("b.JPG", "a/c.jfif", "a/d.PNG"):
        write_image(tmp_path / name)
    (tmp_path / "notes.pdf").write_text("%PDF")
    (tmp_path / "phone.heic").write_text("heic")
    (tmp_path / "metadata.csv").write_text("file_name\n")
    (tmp_path / "folder.jpg").mkdir()
    files, remark = files_below(tmp_path)
    assert files.names == ["a/c.jfif", "a/d.PNG", "b.JPG", "notes.pdf", "phone.heic"]
    assert remark == ""


def test_hidden_pictures_are_left_out_and_said(tmp_path, write_image):
    for name in ("a.png", ".ipynb_checkpoints/a.png", ".trash/deep/b.png", "x/._c.png"):
        write_image(tmp_path / ".home" / name)
    files, remark = files_below(tmp_path / ".home")  # the folder itself may be hidden
    assert files.names == ["a.png"]
    hidden = Path(".ipynb_checkpoints", "a.png")
    assert remark == f"hidden files and folders are left out: {hidden}, and 2 more"


def test_what_can_be_read_is_read_and_the_rest_is_named(tmp_path, write_image, rng):
    for name in ("a.png", "e.png"):
        write_image(tmp_path / name)
    Image.fromarray(rng.integers(0, 256, (64, 64), np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "b.png").read_bytes()[:900])
    (tmp_path / "c.pdf").write_text("%PDF-1.7")
    (tmp_path / "d.png").write_bytes(b"")
    intake = Intake("x")
    read = read_all(
        Files(tmp_path, ["a.png", "b.png", "c.pdf", "d.png", "e.png", "gone.png"]),
        intake,
        lambda picture, _: picture.size,
    )
    assert read == [(0, (12, 8)), (4, (12, 8))]
    assert intake.to_dict()["found"] == {
        "truncated image": {"b.png": 1},
        "not an image": {"c.pdf": 1},
        "empty file": {"d.png": 1},
        "unreadable file": {"gone.png": 1},
    }


def test_a_decompression_bomb_is_named_and_the_others_go_on(tmp_path, write_image, monkeypatch):
    write_image(tmp_path / "a.png", size=(8, 8))
    write_image(tmp_path / "b.png", size=(12, 12))  # of which Pillow warns
    write_image(tmp_path / "c.png", size=(20, 20))  # which it refuses
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    intake = Intake("x")
    files = Files(tmp_path, ["a.png", "b.png", "c.png"])
    assert [index for index, _ in read_all(files, intake, lambda picture, _: picture)] == [0]
    assert intake.to_dict()["found"] == {"huge image": {"b.png": 1, "c.png": 1}}


def test_pictures_of_more_than_eight_bits_share_one_scale(tmp_path, write_image):
    for name, value in (("a.png", 1000), ("b.png", 4000)):
        Image.fromarray(np.full((4, 4), value, np.uint16)).save(tmp_path / name)
    write_image(tmp_path / "c.png", (9, 9, 9))
    intake = Intake("x")
    read = read_all(
        Files(tmp_path, ["a.png", "b.png", "c.png"]),
        intake,
        lambda picture, values: np.asarray(eight_bits(picture.image, values)).max(),
    )
    assert [shade for _, shade in read] == [62, 249, 9]
    assert intake.remarks == [
        "values of more than eight bits reach from 1,000 to 4,000: 0 is black, 4,095 white"
    ]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_nothing_is_no_picture(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    assert files_below(tmp_path)[0].names == []
