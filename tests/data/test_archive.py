"""Arrays of an npz file: whole or named as damaged, and large ones left on the disk."""

from __future__ import annotations

import tempfile
import tracemalloc
import zipfile

import numpy as np
import pytest

from interpretable_gan.data.archive import Archive
from interpretable_gan.errors import DataError

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "things.npz"


@pytest.fixture
def write(path):
    """Save arrays as an npz file, compressed by a method."""

    def save(method="stored", **arrays):
        with zipfile.ZipFile(path, "w", METHODS[method]) as file:
            for name, array in arrays.items():
                with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array)

    return save


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.arange(60, dtype=np.uint8).reshape(5, 4, 3), id="rows first"),
        pytest.param(np.asfortranarray(np.arange(12.0).reshape(3, 4)), id="columns first"),
        pytest.param(np.array(["red", "ä"]), id="texts"),
    ],
)
def test_an_array_is_the_same_read_and_mapped(path, write, method, array):
    write(method, before=np.zeros(3), it=array)
    archive = Archive(path)
    assert archive.headers["it"][:3] == (array.shape, not array.flags.c_contiguous, array.dtype)
    np.testing.assert_array_equal(archive["it"], array)
    np.testing.assert_array_equal(archive.map("it"), array)
    with pytest.raises(ValueError, match="read-only"):
        archive.map("it")[0] = array[1]


@pytest.mark.parametrize("method", ["stored", "deflated"])
def test_a_mapped_array_is_not_in_memory(path, write, method):
    large = np.zeros((64, 2**18), np.uint8)
    large[-1] = 7
    write(method, large=large)
    tracemalloc.start()
    archive = Archive(path)
    assert archive.map("large")[-1].max() == 7
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < large.nbytes / 4


def test_a_compressed_array_is_unpacked_once_and_leaves_no_file(path, write, cache, monkeypatch):
    write("deflated", it=np.arange(5))
    archive = Archive(path)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")  # often memory, so never asked for room
    first = archive.map("it")
    monkeypatch.setattr(Archive, "_map", lambda *_: pytest.fail("unpacked again"))
    assert archive.map("it") is first
    assert not list(cache.iterdir())


@pytest.mark.parametrize("use", [Archive.__getitem__, Archive.map])
@pytest.mark.parametrize("method", METHODS)
def test_a_damaged_array_is_named_before_it_is_used(path, write, rng, method, use):
    write(method, sound=np.arange(5), broken=rng.integers(0, 256, 5000, np.uint8))
    data = bytearray(path.read_bytes())
    data[-1000:-900] = bytes(100)
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"things\.npz: array 'broken' cannot be read: .*damaged"):
        use(Archive(path), "broken")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "cannot be read as npz: File is not a zip file", id="empty"),
        pytest.param(b"PK\3\4 and no more", "cannot be read as npz", id="cut short"),
        pytest.param(b"\x93NUMPY\1\0", "cannot be read as npz", id="a renamed npy"),
    ],
)
def test_what_is_no_npz_is_refused(path, content, message):
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        Archive(path)


@pytest.mark.parametrize("content", [b"", b"hello world", b"\x93NUMPY\1\0\xff\xff{"])
def test_a_member_that_is_no_array_is_named(path, content):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("hat.npy", content)
    with pytest.raises(DataError, match="array 'hat' cannot be read"):
        Archive(path)


def test_an_array_with_fewer_values_than_its_header_says_is_named(path, write):
    write(hat=np.arange(60))
    with zipfile.ZipFile(path) as file:
        content = file.read("hat.npy")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("hat.npy", content[:-100])
    with pytest.raises(DataError, match="'hat' cannot be read: it has 508 bytes instead of 608"):
        Archive(path)


def test_an_end_that_comes_without_a_word_is_told(path, write, monkeypatch):
    def end(*_):
        raise EOFError  # as zipfile does

    write(hat=np.arange(60))
    monkeypatch.setattr(zipfile.ZipExtFile, "read", end)
    with pytest.raises(DataError, match="'hat' cannot be read: it ends too early"):
        Archive(path)


def test_other_members_are_no_arrays(path, write):
    write(hat=np.arange(3))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("README.txt", "by the photographer")
    assert Archive(path).headers.keys() == {"hat"}


def test_an_array_that_unfolds_without_end_is_refused_before_it_is_unpacked(
    path, write, monkeypatch
):
    monkeypatch.setattr("interpretable_gan.data.archive.SPARE", 1_000)
    write("deflated", images=np.zeros(2_000_000, np.uint8))
    with pytest.raises(DataError, match="'images' unfolds to more than 500 times its size"):
        Archive(path)
