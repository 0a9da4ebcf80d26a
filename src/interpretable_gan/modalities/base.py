"""What kind of thing an example is: the only code that knows pixels or column types."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Modality(Protocol):
    """Images of one size, tables of one set of columns, and so on."""

    def check(self, examples: Any) -> Tensor:
        """The examples as the networks want them; the one gate for bad input.

        Raises:
            DataError: what was wrong, and the likely fix.
        """
        ...

    def show(self, examples: Tensor) -> Any:
        """Examples as people look at them: a picture, a data frame."""
        ...
