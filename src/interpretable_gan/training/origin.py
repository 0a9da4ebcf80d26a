"""Which data a run learns from, so that it never goes on with other data."""

from __future__ import annotations

from typing import Any

from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.errors import RunError
from interpretable_gan.training.checkpoint import STATE, load_moment
from interpretable_gan.training.run import Run


def origin(data: Dataset) -> dict[str, Any]:
    """What training sees of a data set, as plain values: its name, a checksum of its images and
    labels, how many it learns from, and a checksum of which ones these are and of their labels. Of
    a stream it goes by the shards alone, be some of them damaged since.
    """
    if data.stream is not None:
        checksums = dict.fromkeys(("checksum", "training_labels"), data.stream.index.checksum)
        return {"data": data.name, "training_images": data.training_count, **checksums}
    rows = data.rows("train")
    return {
        "data": data.name,
        "checksum": data.checksum,
        "training_images": len(rows),
        "training_labels": checksum(rows, data.codes[rows], data.known[rows]),
    }


def refuse_other_data(run: Run, data: Dataset) -> None:
    """A run goes on as if it had never stopped only with the data it began with.

    Raises:
        RunError: the data set has another schema, or other images, labels or training rows.
    """
    if run.schema.with_discovered(0) != data.schema.with_discovered(0):
        raise RunError(f"{run.path} was trained on another schema than {data.name!r}.")
    if not (run.path / STATE).exists():
        return
    before, now = load_moment(run.path / STATE).data, origin(data)
    if all(before[key] == now[key] for key in now if key != "data"):  # the name may change
        return
    count, counted = now["training_images"], before["training_images"]
    change = (
        f"had {counted:,} training images, and {data.name!r} now has {count:,}"
        if count != counted
        else "had other images, labels or splits then"
    )
    raise RunError(
        f"{run.path} cannot go on with other data: {before['data']!r} {change}. Restore the "
        "data, or train a new run."
    )
