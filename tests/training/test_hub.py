"""A model from wherever it lies; `tests/explorer/test_hub.py` has the way there and back."""

import pytest

from interpretable_gan import from_pretrained
from interpretable_gan.errors import RunError


@pytest.mark.parametrize("name", ["nobody/nothing", "no such folder"])
def test_what_cannot_be_had_is_told_in_one_sentence(name, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(RunError, match="neither a folder nor a repository"):
        from_pretrained(name)
