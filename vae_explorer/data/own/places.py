"""Where the stores of own images lie. Imports nothing else, for places that only ask whether there is a store."""

from __future__ import annotations

import os
from pathlib import Path

MANIFEST = "manifest.json"
OWN = "own/"  # before the name of a store where another data set has this name


def folder_of(root: Path, name: str = "") -> Path:
    """Return the folder of store `name` below data folder `root`, or of all stores."""
    return root / "own" / name


def bare_name(name: str) -> str:
    """Return the name of the store that a person asks for by `name`."""
    return name.removeprefix(OWN)


def is_store(root: Path, name: str) -> bool:
    folder = folder_of(root, name)
    has_its_name = bool(name) and folder.name == name and not name.startswith(".")
    return has_its_name and os.path.isfile(folder / MANIFEST)  # unlike `Path.is_file`, false for a name that is too long
