"""Kinds of things, one file each, found by their folder: nothing has to be remembered anywhere else. Pure."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def found_in(package: str, name: str) -> dict[str, Any]:
    """{file name: what is called `name` in it} for every module of a package; those that begin with an underscore are no kinds."""
    folder = import_module(package).__path__
    kinds = sorted(found.name for found in iter_modules(folder) if not found.name.startswith("_"))
    return {kind: getattr(import_module(f"{package}.{kind}"), name) for kind in kinds}
