"""Which of our metrics, with which parameters and fields, answers each golden key."""

from __future__ import annotations

from golden_case import Family
from golden_representations import REPRESENTATIONS

FAMILIES: dict[str, Family] = {
    "representations": REPRESENTATIONS,
}
