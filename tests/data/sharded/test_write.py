"""Shards hold what the data set held, and are written once."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.sharded.write import write_shards
from interpretable_gan.errors import DataError
from interpretable_gan.schema.schema import Schema


@pytest.mark.parametrize("kind", ["tar", "parquet"])
def test_a_data_set_comes_back_as_it_was(drawn, tmp_path, kind):
    groups = np.empty(60, np.int64)
    groups[np.concatenate(list(drawn.splits.values()))] = np.arange(60) // 2  # pairs of one split
    drawn = replace(drawn, groups=groups)
    write_shards(drawn, tmp_path, rows=8, kind=kind)
    found = open_dataset(tmp_path, size=8)
    assert found.schema.to_dict() == drawn.schema.to_dict()
    rows = {pixels.tobytes(): row for row, pixels in enumerate(drawn.images)}
    order = np.array([rows[pixels.tobytes()] for pixels in found.images])
    np.testing.assert_array_equal(found.codes, drawn.codes[order])
    np.testing.assert_array_equal(found.known, drawn.known[order])
    assert len(set(zip(found.groups.tolist(), groups[order].tolist(), strict=True))) == 30
    for split, mine in found.splits.items():
        assert sorted(order[mine]) == sorted(drawn.rows(split))


def test_what_is_there_is_not_made_again(drawn, written, tmp_path):
    folder = shutil.copytree(written / "tar", tmp_path / "again")
    (folder / "shards.json").unlink()  # the last that is written
    (folder / "train-00003-of-00006.tar").unlink()
    times = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.tar")}
    write_shards(drawn, folder, rows=8)
    assert times.items() <= {p.name: p.stat().st_mtime_ns for p in folder.glob("*.tar")}.items()
    for path in (written / "tar").iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()


def test_shards_of_other_images_are_not_replaced(drawn, shards):
    other = replace(drawn, checksum="other")
    with pytest.raises(DataError, match="made of other images"):
        write_shards(other, shards, rows=8)
    write_shards(other, shards, rows=8, force=True)


def test_a_group_and_an_attribute_of_that_name_are_refused(drawn, tmp_path):
    told = drawn.schema.to_dict()
    told["attributes"][0]["name"] = "group"
    schema = Schema(**told)
    with pytest.raises(DataError, match="another name"):
        write_shards(replace(drawn, schema=schema, groups=np.arange(60)), tmp_path, rows=8)
