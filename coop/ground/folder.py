"""Kinds of things, one file each, found by their folder: nothing has to be remembered anywhere else. Pure."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def modules_in(package: str) -> list[ModuleType]:
    """The modules of a package, by name; those whose name begins with an underscore are no kinds."""
    folder = import_module(package).__path__
    names = sorted(found.name for found in iter_modules(folder) if not found.name.startswith("_"))
    return [import_module(f"{package}.{name}") for name in names]
