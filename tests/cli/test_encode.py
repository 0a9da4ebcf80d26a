"""A folder of images becomes tables, whoever shares the work and whenever it is stopped."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from interpretable_gan.explain import parts
from interpretable_gan.training.run import Run


@pytest.fixture
def photos(world, tmp_path, monkeypatch):
    """Ten good images, three to a table, and a broken one."""
    monkeypatch.setattr(parts, "PART", 3)
    (tmp_path / "photos").mkdir()
    for number in range(10):
        image = Image.fromarray(np.asarray(world.data.images[number]))
        image.save(tmp_path / "photos" / f"{number}.png")
    (tmp_path / "photos" / "4.png").write_bytes(b"")
    return tmp_path / "photos"


def test_tables_say_what_the_model_says(photos, run, igan, world):
    done = igan("encode", run, photos, "--out", "encoded")
    assert (done.code, done.out) == (0, "encoded\n")
    assert "empty file: 1, left out (4.png)" in done.err
    table = parquet.read_table("encoded").to_pydict()
    assert table["image"] == [f"{number}.png" for number in (0, 1, 2, 3, 5, 6, 7, 8, 9)]
    model = Run.open(run).model()
    images = world.data.batch([number for number in range(10) if number != 4])[0]
    read = model.schema.read(model.read_code(images))
    for name in model.schema.names:
        if model.schema[name].kind == "categorical":
            assert table[f"reading.{name}"] == list(read[name])
        else:
            np.testing.assert_allclose(table[f"reading.{name}"], read[name], rtol=1e-5)
    parts = [np.array(each) for name, each in table.items() if name.startswith("contribution.")]
    sums = np.array(table["bias"]) + np.sum(parts, axis=0)
    np.testing.assert_allclose(sums, table["score"], rtol=1e-4, atol=1e-5)
    assert len(parts) == len(model.schema.names) + 1


def test_shares_together_are_the_whole_and_nothing_is_done_twice(photos, run, igan):
    igan("encode", run, photos, "--out", "whole")
    for share in ("2/2", "1/2"):
        assert igan("encode", run, photos, "--out", "shared", "--shard", share).code == 0
    (photos.parent / "shared" / "part-00002-of-00004.parquet").unlink()  # never finished
    kept = photos.parent / "shared" / "part-00000-of-00004.parquet"
    before = kept.stat().st_mtime_ns
    again = igan("encode", run, photos, "--out", "shared")
    assert "4 of 4 tables, 3 of which were there" in again.err
    assert kept.stat().st_mtime_ns == before
    whole, shared = (parquet.read_table(folder) for folder in ("whole", "shared"))
    assert whole.equals(shared)


def test_tables_of_other_images_are_not_taken_for_these(photos, run, igan):
    igan("encode", run, photos, "--out", "encoded")
    Image.new("RGB", (16, 16)).save(photos / "0.png")
    refused = igan("encode", run, photos, "--out", "encoded")
    assert refused.code == 1
    assert "was made of other images or by another model" in refused.err
    assert igan("encode", run, photos, "--out", "encoded", "--force").code == 0


@pytest.mark.parametrize("share", ["0/2", "3/2", "half", "1/0"])
def test_a_share_that_is_none_is_named(photos, run, igan, share):
    refused = igan("encode", run, photos, "--shard", share)
    assert (refused.code, "is no share" in refused.err) == (2, True)
