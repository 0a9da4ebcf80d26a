"""The attributes a model speaks in. Only this module knows whose columns are whose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import Field, model_validator

from interpretable_gan.atomic import write_text
from interpretable_gan.errors import SchemaError, UnknownAttributeError, did_you_mean
from interpretable_gan.schema.attribute import Attribute, Checked, Parsed
from interpretable_gan.schema.augmentation import Augmentation, allowed_augmentations
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.yaml_text import yaml_values

CodeT = TypeVar("CodeT", bound=Any)
"""A numpy array or a torch tensor, ``(batch, columns)``; what comes in also goes out."""


def _derived(fields: dict[str, Any]) -> tuple[Augmentation, ...]:
    return allowed_augmentations(fields.get("attributes", ()))


class Schema(Checked):
    """The attributes a model speaks in, in order: named ones first, then discovered ones, then
    those that it was taught after training.

    ``target`` may name the one attribute that is to be predicted or explained, and ``wanted`` the
    value of it that people wish for, such as ``good`` of a credit risk.
    ``augmentations`` are those that change no named attribute; where they are not listed,
    they follow from the attributes' words (``allowed_augmentations``). ``roles`` name columns
    that are no attributes, where that is not clear.

    Methods that take a code accept numpy arrays and torch tensors, ``(batch, columns)`` or the
    leading ``(batch, named_columns)``, and return the same kind.

    >>> hair = Attribute(name="hair", kind="categorical", levels=("black", "blond"))
    >>> faces = Schema(name="faces", attributes=(Attribute(name="smiling"), hair))
    >>> code, known = faces.pack({"smiling": [1, 0], "hair": ["blond", None]})
    >>> code.tolist()
    [[1.0, -1.0, 1.0], [-1.0, 0.0, 0.0]]
    >>> faces.read(faces.replace(code, {"hair": "black"}))["hair"].tolist()
    ['black', 'black']

    Raises:
        SchemaError: doubled names, an unknown target, an attribute that contradicts itself.
    """

    name: str
    attributes: tuple[Attribute, ...] = Field(min_length=1)
    target: str | None = None
    wanted: str | None = None
    augmentations: tuple[Augmentation, ...] = Field(default_factory=_derived)
    roles: Roles = Roles()

    @model_validator(mode="after")
    def _names_are_unique_and_in_order(self) -> Schema:
        if doubled := [name for name in self.names if self.names.count(name) > 1]:
            raise ValueError(f"attribute {doubled[0]!r} is listed twice; rename or remove one")
        aliases = [attribute.alias for attribute in self.attributes if attribute.alias]
        if doubled := [name for name in aliases if [*self.names, *aliases].count(name) > 1]:
            raise ValueError(f"{doubled[0]!r} is an alias and another attribute's; choose another")
        sources = [attribute.source for attribute in self.attributes]
        if sources != sorted(sources, key=["named", "discovered", "taught"].index):
            raise ValueError(
                "discovered attributes come after the named ones, taught ones last; reorder them"
            )
        named = [attribute.name for attribute in self.named]
        if self.target is not None and self.target not in named:
            hint = did_you_mean(self.target, named)
            raise ValueError(f"target {self.target!r} is not a named attribute.{hint}")
        if self.wanted is not None:
            if self.target is None:
                raise ValueError(f"{self.wanted!r} is wanted, but of no target; name the target")
            self.aim(self.target, self.wanted)
        return self

    def aim(self, target: str, wanted: str | None = None) -> tuple[str, str]:
        """A target and the value of it that is wanted, as the schema writes both. Where none is
        named that is the last level, the word for on, or '' of a number.

        Raises:
            UnknownAttributeError: there is no such attribute.
            SchemaError: it has no such value, or so many that one must be named.
        """
        attribute = self[target]
        values = attribute.values
        if attribute.kind == "continuous":
            if wanted is not None:
                raise SchemaError(f"{target!r} is a number; name no value of it, such as {wanted}.")
            return attribute.name, ""
        if wanted is None:
            if len(values) > 2:
                raise SchemaError(
                    f"{target!r} has {len(values)} levels; name the one to be told from all "
                    f"others, such as {target}={values[0]}."
                )
            return attribute.name, values[-1]
        if wanted not in values:
            hint = did_you_mean(wanted, values)
            raise SchemaError(f"{target!r} is never {wanted!r}.{hint} It has: {', '.join(values)}.")
        return attribute.name, wanted

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every attribute's name, in order."""
        return tuple(attribute.name for attribute in self.attributes)

    @cached_property
    def named(self) -> tuple[Attribute, ...]:
        """The attributes for which labels exist."""
        return tuple(a for a in self.attributes if a.source == "named")

    @cached_property
    def discovered(self) -> tuple[Attribute, ...]:
        """The attributes that training finds."""
        return tuple(a for a in self.attributes if a.source == "discovered")

    @cached_property
    def trained(self) -> Schema:
        """The same schema without what was taught after training."""
        return self._of(tuple(a for a in self.attributes if a.source != "taught"))

    @cached_property
    def columns(self) -> int:
        """Width of a whole code."""
        return sum(attribute.width for attribute in self.attributes)

    @cached_property
    def named_columns(self) -> int:
        """Width of the named part, which comes first."""
        return sum(attribute.width for attribute in self.named)

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Attribute name → its columns."""
        ends = np.cumsum([attribute.width for attribute in self.attributes]).tolist()
        return {
            attribute.name: slice(end - attribute.width, end)
            for attribute, end in zip(self.attributes, ends, strict=True)
        }

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Group → names of its attributes, in order; '' holds those without a group."""
        groups: dict[str, tuple[str, ...]] = {}
        for attribute in self.attributes:
            groups[attribute.group] = (*groups.get(attribute.group, ()), attribute.name)
        return groups

    @cached_property
    def _by_name(self) -> dict[str, Attribute]:
        aliases = {attribute.alias: attribute for attribute in self.attributes if attribute.alias}
        return aliases | {attribute.name: attribute for attribute in self.attributes}

    def __getitem__(self, name: str) -> Attribute:
        """The attribute of that name or alias."""
        if attribute := self._by_name.get(name):
            return attribute
        raise self._unknown(name, self.attributes)

    def _unknown(self, name: str, attributes: Sequence[Attribute]) -> UnknownAttributeError:
        """What to raise on a name that is none of ``attributes``."""
        known, discovered = (
            [each.name for each in attributes if (each.source == "discovered") == found]
            for found in (False, True)
        )
        return UnknownAttributeError(name, known=known, schema=self.name, discovered=discovered)

    def pack(self, table: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Labels as a code and a mask, both ``(rows, named_columns)``.

        Missing labels, and attributes the table does not mention, are 0 and not known.

        Raises:
            UnknownAttributeError: the table has a column that the schema does not.
            SchemaError: a label is none that its attribute has, or columns differ in length.
        """
        named = {attribute.name: attribute for attribute in self.named}
        if unknown := [name for name in table if name not in named]:
            raise self._unknown(unknown[0], self.named)
        parsed = {name: named[name].parse(values) for name, values in table.items()}
        for name, (_, _, unreadable) in parsed.items():
            if unreadable.any():
                row = int(unreadable.argmax())
                value = table[name][row]
                raise SchemaError(
                    f"row {row}: attribute {name!r} cannot be {value!r}. "
                    f"{self[name].accepts(value)}"
                )
        return self.join(parsed)

    def join(self, parsed: Mapping[str, Parsed]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Code and mask, both ``(rows, named_columns)``, of attributes parsed one by one."""
        lengths = {name: len(part.known) for name, part in parsed.items()}
        if len(set(lengths.values())) > 1:
            raise SchemaError(f"columns of different lengths: {lengths}. Give one label per row.")
        shape = (max(lengths.values(), default=0), self.named_columns)
        code, known = np.zeros(shape, np.float32), np.zeros(shape, bool)
        for name, part in parsed.items():
            code[:, self.slices[name]] = part.columns
            known[:, self.slices[name]] = part.known[:, None]
        return code, known

    def unpack(self, code: CodeT) -> dict[str, CodeT]:
        """Split a code into one ``(batch, width)`` part per attribute."""
        attributes = self._present(code)
        return {a.name: code[:, self.slices[a.name]] for a in attributes}

    def replace(self, code: CodeT, changes: Mapping[str, Any]) -> CodeT:
        """A copy of ``code`` in which only the named attributes changed.

        An attribute may go by its alias. A change is one natural value for all rows (``1``,
        ``"blond"``, ``35``), a sequence with one per row, or ``(batch, width)`` columns as
        ``unpack`` returns them.

        Raises:
            UnknownAttributeError: a name that the schema, or this code, does not have.
            SchemaError: a value that the attribute cannot take.
        """
        present = self._present(code)
        changed = code.copy() if isinstance(code, np.ndarray) else code.clone()
        for name, value in changes.items():
            attribute = self._by_name.get(name)
            if attribute is None or attribute not in present:
                raise self._unknown(name, present)
            columns = _columns(attribute, value, len(code))
            changed[:, self.slices[attribute.name]] = _like(code, columns)
        return changed

    def read(self, code: CodeT) -> dict[str, NDArray[Any]]:
        """Natural values by name, each ``(batch,)``.

        binary: probability of being on, 0 to 1; categorical: the strongest level's name;
        continuous: a number in the attribute's unit.
        """
        values = code if isinstance(code, np.ndarray) else code.detach().float().cpu().numpy()
        return {name: self[name].decode(part) for name, part in self.unpack(values).items()}

    def with_discovered(self, count: int) -> Schema:
        """The same named attributes with ``count`` discovered ones, d00, d01, …, behind them."""
        found = tuple(
            Attribute(name=f"d{i:02d}", kind="continuous", range=(-1, 1), source="discovered")
            for i in range(count)
        )
        return self._of(self.named + found)

    def with_taught(self, words: Sequence[Attribute]) -> Schema:
        """The same attributes with ``words`` behind them.

        Raises:
            SchemaError: a word has the name of an attribute.
        """
        return self._of((*self.attributes, *words))

    def with_target(self, name: str) -> Schema:
        """The same attributes, of which the named one is the target.

        Raises:
            UnknownAttributeError: there is none of that name.
        """
        return Schema(**self.to_dict() | {"target": self[name].name, "wanted": None})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for YAML and JSON; fields that say nothing are left out."""
        fields = self.model_dump(mode="json", exclude_defaults=True)
        for plain, attribute in zip(fields["attributes"], self.attributes, strict=True):
            plain["kind"] = attribute.kind
        return fields | {"augmentations": list(self.augmentations)}

    def save(self, path: Path | str) -> None:
        """Write ``.yaml``, ``.yml`` or ``.json``, whole or not at all."""
        path = Path(path)
        if _is_json(path):
            text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"
        else:
            text = yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True, width=100)
        write_text(path, text)

    @classmethod
    def load(cls, path: Path | str) -> Schema:
        """Read what ``save`` wrote, or a file written by hand.

        Raises:
            SchemaError: no such file, not YAML or JSON, or nonsense in it; names the file.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SchemaError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError as error:
            raise SchemaError(f"{path} cannot be read as a schema: {error}.") from None
        return cls.parse(text, path)

    @classmethod
    def parse(cls, text: str, path: Path | str) -> Schema:
        """Read the text of a file, which errors call ``path``.

        Raises:
            SchemaError: as `load`.
        """
        try:
            fields = json.loads(text) if _is_json(Path(path)) else yaml_values(text)
        except SchemaError:
            raise
        except Exception as error:  # PyYAML raises whatever a wrong tag makes it
            raise SchemaError(f"{path} cannot be read as a schema: {error}.") from None
        if not isinstance(fields, dict):
            raise SchemaError(f"{path} holds no schema: it needs 'name' and 'attributes'.")
        try:
            return cls(**fields)
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from None
        except TypeError:
            raise SchemaError(
                f"{path}: a field's name is no text, but a number or yes/no."
            ) from None

    def _of(self, attributes: tuple[Attribute, ...]) -> Schema:
        """All else as it is."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Schema(**fields | {"attributes": attributes})

    def _present(self, code: Any) -> tuple[Attribute, ...]:
        """The attributes whose columns a code has: all, or the named ones."""
        for attributes, width in (
            (self.attributes, self.columns),
            (self.named, self.named_columns),
        ):
            if code.ndim == 2 and code.shape[1] == width:
                return attributes
        raise SchemaError(
            f"schema {self.name!r} has codes of {self.columns} columns ({self.named_columns} "
            f"named), but got shape {tuple(code.shape)}."
        )


def _is_json(path: Path) -> bool:
    if path.suffix not in {".yaml", ".yml", ".json"}:
        raise SchemaError(f"{path}: a schema file ends in .yaml, .yml or .json.")
    return path.suffix == ".json"


def _columns(attribute: Attribute, value: Any, batch: int) -> Any:
    """A change as ``(batch or 1, width)`` columns."""
    if getattr(value, "ndim", 0) == 2:
        if value.shape != (batch, attribute.width):
            raise SchemaError(
                f"attribute {attribute.name!r} needs columns of shape {(batch, attribute.width)}, "
                f"but got {tuple(value.shape)}."
            )
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return attribute.encode(value)[None]
    if len(value) != batch:
        raise SchemaError(
            f"attribute {attribute.name!r} got {len(value)} values for {batch} rows; "
            "give one value for all, or one per row."
        )
    return np.stack([attribute.encode(item) for item in value])


def _like(code: Any, columns: Any) -> Any:
    """Columns in the array library, type and device of ``code``."""
    if isinstance(code, np.ndarray):
        return np.asarray(columns, code.dtype)
    import torch

    return torch.as_tensor(columns, dtype=code.dtype, device=code.device)
