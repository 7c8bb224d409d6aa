"""Where the stores of own images lie. Imports nothing else, for places that only ask whether there is a store."""

from __future__ import annotations

from pathlib import Path

MANIFEST = "manifest.json"


def folder_of(root: Path, name: str = "") -> Path:
    """Return the folder of store `name` below data folder `root`, or of all stores."""
    return root / "own" / name


def is_store(root: Path, name: str) -> bool:
    folder = folder_of(root, name)
    return bool(name) and folder.name == name and not name.startswith(".") and (folder / MANIFEST).is_file()
