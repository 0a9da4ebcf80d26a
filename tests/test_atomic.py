"""Files are whole or absent, and damage to them shows."""

import os
import time

import pytest
import torch

from interpretable_gan.atomic import (
    ABANDONED,
    read_json,
    read_tensors,
    write_json,
    write_tensors,
    write_text,
)

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(1, dtype=torch.int64)}


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path):
    old, new = tmp_path / ".log.jsonl-abc", tmp_path / ".log.jsonl-def"
    for path, age in ((old, ABANDONED + 60), (new, 60)):
        path.write_text("half")
        os.utime(path, (time.time() - age,) * 2)
    write_text(tmp_path / "log.jsonl", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"log.jsonl", new.name}


def test_any_flipped_bit_of_a_file_of_tensors_shows_or_changes_nothing(tmp_path, rng):
    path = tmp_path / "weights.safetensors"
    write_tensors(path, TENSORS, {"about": "é"})
    whole = path.read_bytes()
    refused = 0
    for bit in rng.permutation(len(whole) * 8)[:300].tolist():
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            tensors, _ = read_tensors(path)
        except OSError as error:
            refused += "\n" not in str(error)
            continue
        assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert refused > 250


def test_files_of_tensors_without_a_checksum_are_read(tmp_path):
    from safetensors.torch import save_file

    save_file(TENSORS, tmp_path / "old.safetensors", metadata={"format": "1"})
    tensors, metadata = read_tensors(tmp_path / "old.safetensors")
    assert torch.equal(tensors["a"], TENSORS["a"])
    assert metadata == {"format": "1"}


def test_json_shows_that_it_is_not_what_was_written(tmp_path):
    path = tmp_path / "card.json"
    write_json(path, {"value": 0.125, "of": {"10": 1, "9": 2}})
    assert read_json(path) == {"value": 0.125, "of": {"10": 1, "9": 2}}
    path.write_text(path.read_text().replace("0.125", "0.525"))
    with pytest.raises(ValueError, match="not what was written"):
        read_json(path)
    path.write_text('{"value": 1}')
    assert read_json(path) == {"value": 1}
