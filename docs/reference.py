"""The reference, one page per package: every name in its ``PUBLIC`` map, from its docstring."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import interpretable_gan

ROOT = interpretable_gan.__name__
FIELD = re.compile(r"(…?\w+(?:, …?\w+)*): (.*)")
LITERAL = re.compile(r"(``.*?``)")


def write_pages(folder: Path) -> None:
    """Write one reStructuredText page per package with public names into ``folder``.

    A name that two packages offer is described with the package that lies deeper.
    """
    folder.mkdir(exist_ok=True)
    described: set[str] = set()
    for package in sorted(packages(), key=lambda package: -package.__name__.count(".")):
        text = page(package, described)
        path = folder / f"{package.__name__}.rst"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def packages() -> list[ModuleType]:
    """The package itself and every package below it that has a ``PUBLIC`` map."""
    found = pkgutil.walk_packages(interpretable_gan.__path__, f"{ROOT}.")
    names = [ROOT, *(each.name for each in found if each.ispkg)]
    return [module for module in map(import_module, names) if hasattr(module, "PUBLIC")]


def page(package: ModuleType, described: set[str]) -> str:
    """What a package is for, how to import from it, and its names in the order of the map."""
    name = package.__name__
    lines = [name, "=" * len(name), "", inspect.getdoc(package) or "", ""]
    links, entries = [], []
    for public, module in package.PUBLIC.items():
        home = f"{name}.{module}"
        thing = getattr(import_module(home), public)
        full = f"{getattr(thing, '__module__', None) or home}.{public}"
        links.append(f":py:obj:`{public} <{full}>`")
        if full not in described:
            described.add(full)
            entries += [f".. auto{kind_of(thing)}:: {full}", *options(thing), ""]
    return "\n".join([*lines, " · ".join(links), "", *entries]) + "\n"


def kind_of(thing: object) -> str:
    """The word that follows ``auto`` in Sphinx's directive."""
    if inspect.isclass(thing):
        return "exception" if issubclass(thing, BaseException) else "class"
    return "function" if callable(thing) else "data"


def options(thing: object) -> list[str]:
    """A class shows its members, but for those that scikit-learn gives every estimator."""
    if not inspect.isclass(thing):
        return []
    given = [name for name in vars(thing) if re.fullmatch(r"set_\w+_request", name)]
    hidden = [f"   :exclude-members: {', '.join(given)}"] if given else []
    return ["   :members:", *hidden, "   :show-inheritance:"]


def listed(docstring: list[str]) -> list[str]:
    """A class's docstring with its fields (``name: what it is``, one below the other) as a list."""
    lines: list[str] = []
    in_fields = False
    for line, before in zip(docstring, ["", *docstring], strict=False):
        field = FIELD.fullmatch(line)
        in_fields = bool(line) and (in_fields or (field is not None and not before))
        if in_fields:
            line = f"* **{field[1]}**: {field[2]}" if field else f"  {line.strip()}"
        lines.append(line)
    return lines


def plain_bars(line: str) -> str:
    """Bars outside literals escaped, as in |x|: Sphinx takes what they enclose for a variable."""
    parts = LITERAL.split(line)
    return "".join(part if part.startswith("``") else part.replace("|", r"\|") for part in parts)
