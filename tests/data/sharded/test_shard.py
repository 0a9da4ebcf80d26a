"""Shards are read whatever wrote them, and what only an attack has is refused."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.sharded import shard
from interpretable_gan.data.sharded.index import read_index
from interpretable_gan.data.sharded.shard import read_shard
from interpretable_gan.data.sharded.source import holds_shards
from interpretable_gan.data.sharded.store import Damaged, Store
from interpretable_gan.errors import DataError


def picture(shade=0, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (12, 8), (shade, 90, 90)).save(file, kind)
    return file.getvalue()


def packed(*members):
    """A tar file of names with their bytes, or of whole members."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def of_kind(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def sparse():
    """A sparse file, whose header claims four gigabytes."""
    info = tarfile.TarInfo("a.png")
    info.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.name": "a.png",
        "GNU.sparse.size": str(2**32),
        "GNU.sparse.map": "0,0",
    }
    return info


def test_the_layout_of_webdataset_is_read():
    content = packed(
        ("faces/1.jpg", picture(10, "JPEG")),
        ("faces/1.json", json.dumps({"hat": 1, "age": 30}).encode()),
        ("faces/2.JPG", picture(20, "JPEG")),
        ("faces/2.cls", b"7\n"),
        ("faces/2.txt", b"a caption"),
    )
    found = read_shard("train-0.tar", content)
    assert list(found.keys) == ["faces/1", "faces/2"]
    assert found.table == {"hat": [1, None], "age": [30, None], "label": [None, "7"]}
    assert found.image(1) == picture(20, "JPEG")


def test_tables_of_hugging_face_are_read(tmp_path):
    images = [{"bytes": picture(shade), "path": f"{shade}.png"} for shade in (1, 2)]
    parquet.write_table(pyarrow.table({"image": images, "hat": [0, 1]}), tmp_path / "a.parquet")
    found = read_shard("a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert (found.image(1), found.table) == (picture(2), {"hat": [0, 1]})
    assert holds_shards(tmp_path)


ATTACKS = {
    "a symbolic link": [(of_kind("a.png", tarfile.SYMTYPE, "/etc/passwd"), b"")],
    "a hard link": [(of_kind("a.png", tarfile.LNKTYPE, "b.png"), b"")],
    "a device": [(of_kind("a.png", tarfile.CHRTYPE), b"")],
    "a path that leads out": [("../a.png", picture())],
    "an absolute path": [("/a.png", picture())],
    "a sparse file": [(sparse(), b"")],
    "labels without end": [("a.json", b" " * (shard.MOST_LABELS + 1))],
    "labels that are no object": [("a.json", b"[1]")],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_only_an_attack_has_is_refused(attack):
    with pytest.raises(Damaged, match=r"holds|has labels"):
        read_shard("a.tar", packed(*ATTACKS[attack]))


def test_a_table_that_unpacks_to_very_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(shard, "MOST", 2**20)
    table = pyarrow.table({"image": [bytes(2**12)] * 4_000})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 2**16
    with pytest.raises(Damaged, match="two gigabytes"):
        read_shard("a.parquet", (tmp_path / "a.parquet").read_bytes())


@pytest.mark.parametrize("name", ["a.tar", "a.parquet"])
def test_no_flipped_or_lost_byte_ends_in_a_traceback(name, written, rng):
    path = written / name.split(".")[1] / f"test-00000-of-00001.{name.split('.')[1]}"
    whole = path.read_bytes()
    for _ in range(60):
        content = bytearray(whole[: rng.integers(len(whole)) if rng.random() < 0.5 else None])
        for place in rng.integers(0, max(len(content), 1), 3):
            content[place : place + 1] = rng.bytes(1)
        try:
            found = read_shard(name, bytes(content))
        except Damaged:
            continue
        assert len(found) <= 2 * len(whole)


def test_shards_from_elsewhere_are_a_data_set_and_a_stream_once_counted(tmp_path, cache):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for part, count in (("train", 30), ("val", 10), ("test", 10)):
        members = [
            member
            for number in range(count)
            for member in (
                (f"{number:03d}.png", picture(4 * number)),
                (f"{number:03d}.cls", str(number % 2).encode()),
            )
        ]
        (folder / f"{part}-0.tar").write_bytes(packed(*members))
    (folder / "test-1.tar").write_bytes(b"no tar")
    plain = open_dataset(folder, size=8)
    assert {name: len(rows) for name, rows in plain.splits.items()} == {
        "train": 30,
        "validation": 10,
        "test": 10,
    }
    assert (plain.schema.names, plain.stream) == (("label",), None)
    assert "damaged shard: 1, left out (test-1.tar cannot be read" in str(plain.report)
    intake = Intake("elsewhere")
    read_index(Store(str(folder)), intake).save(Store(str(folder)))
    assert intake.count("damaged shard") == 1
    counted = open_dataset(folder, size=8)
    for split in plain.splits:
        mine, others = (each.images[each.rows(split)] for each in (counted, plain))
        np.testing.assert_array_equal(mine, others)
    assert counted.stream.count == 30


def test_shards_without_a_split_in_their_names_cannot_be_counted(tmp_path):
    (tmp_path / "a.tar").write_bytes(packed(("1.png", picture())))
    with pytest.raises(DataError, match=r"the name of a\.tar says no split"):
        read_index(Store(str(tmp_path)), Intake(""))
