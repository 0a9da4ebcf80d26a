"""Decoded once, kept by content, whole or not at all."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data import cache as caching
from interpretable_gan.data.cache import cache_folder, decode_once
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Files
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Status, silent

SIZE = Framing(size=4)


@pytest.fixture
def files(tmp_path, write_image):
    names = [f"{i}.png" for i in range(7)]
    for i, name in enumerate(names):
        write_image(tmp_path / "images" / name, (i, 90, 0))
    return Files(tmp_path / "images", names)


def decode(pictures, framing=SIZE, progress=silent):
    return decode_once(pictures, framing, Intake("images"), progress)


def test_the_pixels_are_those_of_the_files_in_order(files):
    images, kept, *_ = decode(files)
    assert isinstance(images, np.memmap)
    assert images.shape == (7, 4, 4, 3)
    assert images[:, 0, 0, 0].tolist() == kept.tolist() == list(range(7))
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


def test_the_second_time_nothing_is_decoded(files, monkeypatch):
    first = decode(files)
    monkeypatch.setattr(caching, "_decode", lambda *_: pytest.fail("decoded again"))
    again = decode(files)
    assert again.key == first.key
    np.testing.assert_array_equal(again.images, first.images)


def test_the_key_follows_content_and_framing_not_names(files, tmp_path, write_image):
    key = decode(files).key
    assert decode(files, Framing(size=5)).key != key
    assert decode(files, Framing(size=4, crop=6)).key != key
    (tmp_path / "images").rename(tmp_path / "moved")
    moved = Files(tmp_path / "moved", files.names)
    assert decode(moved).key == key
    write_image(tmp_path / "moved" / "3.png", (99, 0, 0))
    os.utime(tmp_path / "moved" / "3.png", (1, 1))
    changed = decode(moved)
    assert changed.key != key
    assert changed.images[3, 0, 0, 0] == 99


def test_unusable_images_are_left_out_and_noted_each_time(files, tmp_path):
    (tmp_path / "images" / "2.png").write_bytes(b"")
    (tmp_path / "images" / "6.png").write_text("hello")
    for _ in range(2):
        intake = Intake("images")
        images, kept, *_ = decode_once(files, SIZE, intake)
        assert kept.tolist() == images[:, 0, 0, 0].tolist() == [0, 1, 3, 4, 5]
        assert intake.to_dict()["found"] == {
            "empty file": {"2.png": 1},
            "not an image": {"6.png": 1},
        }


def test_other_modes_are_counted(files, tmp_path, write_image):
    write_image(tmp_path / "images" / "1.png", (5, 5, 5), mode="L")
    write_image(tmp_path / "images" / "4.png", (5, 5, 5), mode="RGBA")
    intake = Intake("images")
    decode_once(files, SIZE, intake)
    assert intake.to_dict()["found"] == {"other mode": {"1.png (L)": 1, "4.png (RGBA)": 1}}


def test_a_grey_source_stays_grey(tmp_path, write_image):
    for name in ("a.png", "b.png"):
        write_image(tmp_path / name, (7, 7, 7), mode="L")
    intake = Intake("images")
    images, _, *_ = decode_once(Files(tmp_path, ["a.png", "b.png"]), SIZE, intake)
    assert images.shape == (2, 4, 4, 1)
    assert not intake.found


def write_greys(folder, write_image, count=9):
    names = [f"{i}.png" for i in range(count)]
    for i, name in enumerate(names):
        write_image(folder / name, (20 * i,) * 3, mode="L")
    return Files(folder, names)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK", "LA", "1"])
def test_a_picture_that_is_grey_inside_leaves_a_grey_set_grey(tmp_path, write_image, mode):
    files = write_greys(tmp_path / "images", write_image)
    Image.new("L", (12, 8), 255).convert(mode).save(files.root / "4.png", "TIFF")
    for _ in range(2):  # found, and looked up
        intake = Intake("images")
        images = decode_once(files, SIZE, intake).images
        assert images[:, 0, 0].tolist() == [[v] for v in (0, 20, 40, 60, 255, 100, 120, 140, 160)]
        assert intake.to_dict()["found"] == {"other mode": {f"4.png ({mode})": 1}}
        assert not intake.remarks


def test_one_coloured_picture_of_many_becomes_grey_and_is_named(tmp_path, write_image):
    files = write_greys(tmp_path / "images", write_image)
    write_image(files.root / "8.png", (200, 0, 0))
    intake = Intake("images")
    images = decode_once(files, SIZE, intake).images
    assert images[8].tolist() == np.full((4, 4, 1), 60).tolist()  # 0.299 · 200
    assert intake.to_dict()["found"] == {"colour among grey images": {"8.png": 1}}


@pytest.mark.parametrize(("colours", "channels"), [(4, 1), (5, 3), (8, 3)])
def test_most_pictures_decide_on_colour(tmp_path, write_image, colours, channels):
    files = write_greys(tmp_path / "images", write_image)
    for name in files.names[:colours]:
        write_image(files.root / name, (200, 0, 0))
    intake = Intake("images")
    assert decode_once(files, SIZE, intake).images.shape == (9, 4, 4, channels)
    assert intake.found.popitem()[1].total() == min(colours, 9 - colours)


def test_a_set_that_is_all_stored_in_colour_but_grey_is_grey_without_a_problem(
    tmp_path, write_image
):
    files = write_greys(tmp_path / "images", write_image)
    for name in files.names:
        Image.open(files.root / name).convert("RGB").save(files.root / name, "WEBP", quality=80)
    intake = Intake("images")
    assert decode_once(files, SIZE, intake).images.shape[3] == 1
    assert not intake.found
    (remark,) = intake.remarks
    assert remark.startswith("9 of 9 images are stored as RGB; they hold no colour")


def test_twelve_bits_stored_in_sixteen_keep_their_contrast(tmp_path):
    for i, value in enumerate((0, 255, 4080)):
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(tmp_path / f"{i}.png")
    for _ in range(2):
        intake = Intake("images")
        images = decode_once(Files(tmp_path, ["0.png", "1.png", "2.png"]), SIZE, intake).images
        assert images[:, 0, 0, 0].tolist() == [0, 16, 254]
        assert "reach from 0 to 4,080: 0 is black, 4,095 white" in intake.remarks[-1]


def test_a_dark_picture_stays_darker_than_the_others_of_its_set(tmp_path):
    for name, value in (("dark.png", 300), ("bright.tif", 65535)):
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(tmp_path / name)
    images = decode(Files(tmp_path, ["dark.png", "bright.tif"])).images
    assert images[:, 0, 0, 0].tolist() == [1, 255]


@pytest.mark.parametrize(
    ("low", "high", "shades"),
    [
        pytest.param(0.0, 1.0, [0, 255], id="unit range"),
        pytest.param(0.25, 0.5, [64, 128], id="part of the unit range"),
        pytest.param(-1.0, 0.5, [0, 191], id="around 0"),
        pytest.param(0.0, 200.0, [0, 200], id="grey levels"),
        pytest.param(-1000.0, 3000.0, [0, 255], id="Hounsfield units"),
    ],
)
def test_floating_point_images_are_scaled_by_the_range_of_their_set(tmp_path, low, high, shades):
    for name, value in (("a.tif", low), ("b.tif", high)):
        Image.fromarray(np.full((8, 8), value, np.float32)).save(tmp_path / name)
    intake = Intake("images")
    images = decode_once(Files(tmp_path, ["a.tif", "b.tif"]), SIZE, intake).images
    assert images[:, 0, 0, 0].tolist() == shades
    assert "is black" in intake.remarks[-1]


@pytest.mark.parametrize("fault", ["truncated", "not finite"])
def test_an_image_that_is_left_out_decides_nothing(tmp_path, write_image, fault):
    write_image(tmp_path / "a.png", (7, 7, 7), mode="L")
    if fault == "truncated":
        noise = Image.effect_noise((64, 64), 50).convert("RGB")
        noise.save(tmp_path / "b", "PNG")
        (tmp_path / "b").write_bytes((tmp_path / "b").read_bytes()[:900])
    else:
        Image.new("F", (8, 8), float("nan")).save(tmp_path / "b", "TIFF")
    intake = Intake("images")
    images, kept, *_ = decode_once(Files(tmp_path, ["a.png", "b"]), SIZE, intake)
    assert images.shape == (1, 4, 4, 1)
    assert kept.tolist() == [0]
    assert not intake.remarks


def test_the_first_frame_is_used_and_said(files):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime")]
    frames[0].save(files.root / "1.png", "WEBP", save_all=True, append_images=frames[1:])
    frames[0].save(files.root / "2.png", "GIF", save_all=True, append_images=frames[1:])
    intake = Intake("images")
    images = decode_once(files, SIZE, intake).images
    np.testing.assert_allclose(images[1:3, 0, 0], [(255, 0, 0)] * 2, atol=2)
    assert intake.count("several frames") == 2


def test_a_file_that_cannot_be_opened_is_left_out(files):
    (files.root / "1.png").unlink()
    (files.root / "1.png").mkdir()
    intake = Intake("images")
    assert decode_once(files, SIZE, intake).kept.tolist() == [0, 2, 3, 4, 5, 6]
    assert intake.to_dict()["found"] == {"unreadable file": {"1.png": 1}}


def test_every_picture_is_decoded_once(files, monkeypatch):
    decoded = []
    picture = Files.picture

    def counted(self, index, framing=None):
        decoded.append(index)
        return picture(self, index, framing)

    monkeypatch.setattr(Files, "picture", counted)
    decode(files)
    assert sorted(decoded) == list(range(7))


def damaged(path, how):
    content = path.read_bytes()
    damage = {"empty": b"", "no end": content[:-9], "no start": content[9:], "other": b"PK\3\4{}"}
    path.write_bytes(damage[how])


@pytest.mark.parametrize("how", ["empty", "no end", "no start", "other"])
@pytest.mark.parametrize("suffix", [".npy", ".json", ".content"])
def test_a_damaged_cache_is_decoded_again(files, cache, suffix, how):
    (files.root / "3.png").write_bytes(b"")
    first = decode(files)
    expected = np.array(first.images)
    for path in cache.glob(f"*{suffix}"):
        damaged(path, how)
    again = decode(files)
    assert again.key == first.key
    assert again.kept.tolist() == [0, 1, 2, 4, 5, 6]
    np.testing.assert_array_equal(again.images, expected)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([[0, "bad luck", "L"]], id="a problem nobody knows"),
        pytest.param([[0, "empty file", ""]], id="fewer images"),
        pytest.param([[99, "other mode", "L"]], id="a picture that is not there"),
        pytest.param(None, id="nothing"),
    ],
)
def test_notes_that_do_not_fit_are_made_again(files, cache, found):
    key = decode(files).key
    notes = {"version": caching.NOTES, "found": found, "remarks": []}
    (cache / f"{key}.json").write_text(json.dumps(notes))
    assert len(decode(files).images) == 7
    assert json.loads((cache / f"{key}.json").read_text())["found"] == []


@pytest.mark.parametrize(
    "notes",
    [
        pytest.param({"found": []}, id="version 0.1"),
        pytest.param({"version": caching.NOTES - 1, "found": [], "remarks": []}, id="other"),
    ],
)
def test_pixels_that_another_version_decoded_are_made_again(files, cache, notes):
    key = decode(files).key
    np.save(cache / f"{key}.npy", np.zeros((7, 4, 4, 3), np.uint8))
    (cache / f"{key}.json").write_text(json.dumps(notes))
    assert decode(files).images.max() == 90


def test_a_hash_that_another_version_kept_is_made_again(files, cache):
    first = decode(files)
    (known,) = cache.glob("*.content")
    known.write_text(f"{json.loads(known.read_text())['content']} 3")
    assert decode(files).key == first.key


def test_a_huge_image_is_named_though_pillow_only_warns(files, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    Image.new("RGB", (12, 12)).save(tmp_path / "images" / "0.png")
    intake = Intake("images")
    assert decode_once(files, SIZE, intake).kept.tolist() == [1, 2, 3, 4, 5, 6]
    assert intake.count("huge image") == 1


def test_nothing_usable_is_an_error(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(DataError, match=r"no usable example(.|\n)*a\.png"):
        decode(Files(tmp_path, ["a.png"]))


def test_blocks_bound_the_memory_and_report_progress(files, monkeypatch):
    monkeypatch.setattr(caching, "BLOCK", 3)
    seen = []
    images, _, *_ = decode(files, progress=seen.append)
    assert seen == [
        Status(done, 7, stage)
        for stage in ("looking up images", "decoding images")
        for done in (0, 3, 6, 7)
    ]
    assert images[:, 0, 0, 0].tolist() == list(range(7))


def test_an_interrupted_decoding_leaves_nothing_behind(files, cache, monkeypatch):
    def stop(status):
        if status.remark == "decoding images":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(files, progress=stop)
    assert {path.suffix for path in cache.iterdir()} == {".content"}
    assert len(decode(files).images) == 7


def test_the_framing_is_recorded_beside_the_pixels(files, cache):
    key = decode(files, Framing(size=4, crop=6)).key
    record = json.loads((cache / f"{key}.json").read_text())
    assert record["framing"] == {"size": 4, "crop": 6, "channels": 3, "values": None}
    assert record["filter"] == "LANCZOS"


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("IGAN_CACHE", "~/mine")
    assert cache_folder().name == "mine"
    assert "~" not in str(cache_folder())
    monkeypatch.delenv("IGAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "igan"


def test_a_folder_that_cannot_be_written_is_named(files, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match=r"see IGAN_CACHE.*Not a directory"):
        decode(files)
