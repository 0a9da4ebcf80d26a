"""Portraits: drawn faces whose attributes are known exactly, at any size and in any number.

>>> from interpretable_gan.data import portraits
>>> data = portraits.dataset(size=32, count=10, seed=0)
>>> data.images.shape, data.schema.names[:3]
((10, 32, 32, 3), ('smiling', 'mouth_open', 'lipstick'))

Files: ``attributes`` (what has a name), ``sampling`` (who is drawn), ``sitter`` (their measures),
``canvas`` (soft-edged painting), ``face`` (the layers of a face), ``rendering`` (the data set).
"""

from __future__ import annotations

from interpretable_gan.data.portraits.attributes import schema
from interpretable_gan.data.portraits.rendering import dataset, draw
from interpretable_gan.data.portraits.sampling import sample_codes, sample_styles
from interpretable_gan.data.portraits.sitter import STYLE

__all__ = ["STYLE", "dataset", "draw", "sample_codes", "sample_styles", "schema"]
