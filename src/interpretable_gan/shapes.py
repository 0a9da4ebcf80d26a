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

Reshaped = Float[Tensor, "batch features_out height_out width_out"]
"""Features behind a layer that changed their number or their places."""

Code = Float[Tensor, "batch columns"]
"""Attribute values as packed by ``Schema``, every column in [-1, 1], 0 where nothing is known."""

NamedCode = Float[Tensor, "batch named"]
"""The named columns of a ``Code``, for which there are labels."""

Known = Bool[Tensor, "batch named"]
"""Which cells of a ``NamedCode`` carry a label."""

Style = Float[Tensor, "batch style"]
"""Normal numbers: everything about an example that has no name."""

Scores = Float[Tensor, " batch"]
"""One number per example."""

Index = Int[Tensor, " batch"]
"""Row numbers."""
