"""One TIFF of several pages, each an image."""

from __future__ import annotations

from pathlib import Path

from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, digest_of_files
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.files import FILE, of_paths, page_notes
from vae_explorer.data.own.sources.listing import PICTURES


def matches(path: Path) -> bool:
    return path.name.casefold().endswith(PICTURES) and path.is_file()


def find(path: Path, reading: Reading) -> Found:
    """Find the pages of picture `path`."""
    files, _ = of_paths(path.parent, [str(path)], reading.pages)
    names = [files.name(place) for place in range(len(files))]
    return Found(
        "picture", files, digest_of_files([str(path)]), {FILE: names}, {FILE: ColumnKind.TEXT}, notes=page_notes(files)
    )
