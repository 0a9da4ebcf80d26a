"""A model in which asking for an attribute in full takes a constant shift of z along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.atomic import read_tensors, write_tensors
from interpretable_gan.errors import RunError, SchemaError
from interpretable_gan.models.base import Model
from interpretable_gan.models.wrapper import Wrapper
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Style

FILE = "shifts.safetensors"
"""Where a run keeps its shifts."""

FORMAT = 1
"""Version of that file."""


@runtime_checkable
class Steerable(Model, Protocol):
    """A model that draws from z = (code, style) and knows how strongly labels enter codes."""

    @property
    def typical(self) -> float:
        """Greatest strength, 0 to 1, at which a label enters a code; 1 where labels say all."""
        ...

    def render(self, code: Code, style: Style) -> Tensor:
        """What `draw` draws, with gradients and before values are clamped to their range."""
        ...


@dataclass(frozen=True, eq=False)
class Shifts:
    """How far z = (code, style) moves when a named column is asked for in full.

    Args:
        on, off: the shift when a column is asked to be +1, and −1; 0 for columns that are not
            steered.
        typical: labels enter codes at most at this strength, see `Steered`.
        budget: most that an edit may change other attributes, in units of what a fresh style does.
        readers: checksum of the readers that the shifts were fitted with.
        steered: the attributes that have a shift.

    Raises:
        RunError: the two do not fit together.
    """

    on: Float[Tensor, "named z"]
    off: Float[Tensor, "named z"]
    typical: float
    budget: float
    readers: str
    steered: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.on.ndim != 2 or self.on.shape != self.off.shape:
            raise RunError(
                f"shifts of {tuple(self.on.shape)} when on and {tuple(self.off.shape)} when off do "
                "not fit together: steer the run again."
            )

    def to(self, device: torch.device | str) -> Shifts:
        """The same shifts on another device."""
        return replace(self, on=self.on.to(device), off=self.off.to(device))

    def finite(self) -> Shifts:
        """The same shifts, if all are numbers.

        Raises:
            RunError: some are not.
        """
        if not (self.on.isfinite().all() and self.off.isfinite().all()):
            raise RunError("shifts are NaN or infinite in places: steer the run again.")
        return self

    def tensors(self) -> dict[str, Tensor]:
        """What a safetensors file holds; the rest is its metadata."""
        return {"on": self.on.cpu().contiguous(), "off": self.off.cpu().contiguous()}

    def metadata(self) -> dict[str, str]:
        """All that is not a tensor, for the header of a safetensors file."""
        about = {
            "typical": self.typical,
            "budget": self.budget,
            "readers": self.readers,
            "steered": self.steered,
        }
        return {"format": str(FORMAT), "shifts": json.dumps(about)}

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Shifts:
        """The shifts that `tensors` and `metadata` describe.

        Raises:
            RunError: an unknown format, or something is missing or damaged.
        """
        if (version := metadata.get("format")) != str(FORMAT):
            raise RunError(
                f"shifts of format {version}, but this version reads format {FORMAT}: "
                "steer the run again."
            )
        try:
            about = json.loads(metadata["shifts"])
            shifts = cls(
                on=tensors["on"],
                off=tensors["off"],
                typical=float(about["typical"]),
                budget=float(about["budget"]),
                readers=str(about["readers"]),
                steered=tuple(about["steered"]),
            )
            return shifts.finite()
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise RunError(f"shifts are damaged ({error!r}): steer the run again.") from None


def save_shifts(path: Path, shifts: Shifts) -> None:
    """Write shifts as safetensors, whole or not at all.

    Raises:
        RunError: they are not finite.
    """
    write_tensors(path, shifts.finite().tensors(), shifts.metadata())


def load_shifts(path: Path) -> Shifts:
    """Read what `save_shifts` wrote.

    Raises:
        RunError: no such file, or a damaged one.
    """
    if not path.is_file():
        raise RunError(f"{path.parent} is not steered: igan steer {path.parent} SOURCE")
    try:
        return Shifts.of(*read_tensors(path))
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error}): steer the run again.") from None
    except RunError as error:
        raise RunError(f"{path}: {error}") from None


class Steered(Wrapper):
    """A model like any other, which draws from a shifted z = (code s, style)::

        z + Σ_k h(s_k) · d[k, side of s_k]        h(s) = max(0, |s| − typical) / (1 − typical)

    h is 0 for codes of real images, which labels enter at most at strength ``typical``, and 1 for
    ±1, what is asked in full; of continuous columns, whose values are no claims, it is always 0.
    The shift does not depend on the image: each column remains one additive term in z.

    Everything but drawing is the inner model's: what it offers beyond `Model` is passed through.

    Args:
        model: which draws.
        shifts: fitted to it.

    Raises:
        RunError: shifts of another schema, width of styles or ``typical``.
    """

    model: Steerable

    def __init__(self, model: Steerable, shifts: Shifts) -> None:
        self.model, self.shifts = model, shifts.to(model.device)
        schema = model.schema
        fitting = (schema.named_columns, schema.columns + model.styles(1).shape[1])
        if (*shifts.on.shape, shifts.typical) != (*fitting, model.typical):
            raise RunError(
                f"shifts {tuple(shifts.on.shape)} with typical {shifts.typical:g} do not fit this "
                f"model, which needs {fitting} with {model.typical:g}: they belong to another run."
            )
        claims = [float(a.kind != "continuous") for a in schema.named for _ in range(a.width)]
        self._claims = torch.tensor(claims, device=model.device)  # (named,)

    @property
    def name(self) -> str:
        """The inner model's name, and that it is steered."""
        return f"{self.model.name}, steered"

    @property
    def schema(self) -> Schema:
        """The attributes it speaks in."""
        return self.model.schema

    @property
    def typical(self) -> float:
        """Labels enter codes at most at this strength."""
        return self.shifts.typical

    def to(self, device: torch.device | str) -> Steered:
        """The same model on another device."""
        return Steered(self.model.to(device), self.shifts)  # type: ignore[arg-type]

    def draw(self, code: Code, style: Style) -> Tensor:
        """Examples ``(n, …)`` of the shifted codes and styles."""
        return self.model.draw(*self.shifted(code, style))

    def render(self, code: Code, style: Style) -> Tensor:
        """What `draw` draws, with gradients and before values are clamped to their range."""
        return self.model.render(*self.shifted(code, style))

    def shifted(self, code: Code, style: Style) -> tuple[Code, Style]:
        """Codes and styles with the shifts of what is asked in full.

        Raises:
            SchemaError: codes or styles of another width, or not as many of both.
        """
        columns, width = self.schema.columns, self.shifts.on.shape[1] - self.schema.columns
        if code.shape != (len(style), columns) or style.shape != (len(code), width):
            raise SchemaError(
                f"codes {tuple(code.shape)} and styles {tuple(style.shape)} make no examples: give "
                f"(batch, {columns}) and (batch, {width}), as many of both."
            )
        code, style = code.to(self.device), style.to(self.device)
        asked = self._asked(code[:, : len(self.shifts.on)])
        shift = asked.clamp(min=0) @ self.shifts.on + (-asked).clamp(min=0) @ self.shifts.off
        return code + shift[:, :columns], style + shift[:, columns:]

    def z_moves(self, columns: slice) -> Float[Tensor, "moves z"]:
        """How z moves when each of these code columns is set to +1 and, in the second half, to −1:
        the column itself, and its shift. ``(2 · columns, z)``."""
        named, z = self.shifts.on.shape
        own = torch.eye(z, device=self.device)[: self.schema.columns][columns]
        full = torch.eye(self.schema.columns, named, device=self.device)[columns]
        full = self._asked(full)
        return torch.cat([own + full @ self.shifts.on, full @ self.shifts.off - own])

    def _asked(self, named: Float[Tensor, "batch named"]) -> Float[Tensor, "batch named"]:
        """±h: how much of a shift is asked for, and on which side."""
        if self.typical == 1:  # labels say all, and nothing can be asked beyond them
            return torch.zeros_like(named)
        beyond = (named.abs() - self.typical).clamp(min=0) / (1 - self.typical)
        return self._claims * named.sign() * beyond
