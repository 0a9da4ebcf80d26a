"""The tensor vocabulary. A signature that says ``Images`` says shape, range and meaning."""

from __future__ import annotations

from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

Images = Float[Tensor, "batch channels height width"]
"""Pictures in [-1, 1]."""

Pixels = UInt8[Tensor, "batch channels height width"]
"""The same pictures as stored: 0 to 255."""

Features = Float[Tensor, "batch features height width"]
"""What a network holds between its layers."""

Code = Float[Tensor, "batch columns"]
"""Attribute values as packed by ``Schema``, every column in [-1, 1], 0 where nothing is known."""

Known = Bool[Tensor, "batch columns"]
"""Which cells of a ``Code`` carry a label."""

Style = Float[Tensor, "batch style"]
"""Standard normal numbers: everything about an example that has no name."""

Scores = Float[Tensor, "batch"]
"""One number per example."""

Index = Int[Tensor, "batch"]
"""Row numbers."""
