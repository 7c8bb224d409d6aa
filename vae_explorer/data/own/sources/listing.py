"""Lists the picture files of a folder, and leaves out the files of the system."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vae_explorer.data.own.found import Skipped
from vae_explorer.data.own.labels import NaturalKey, natural
from vae_explorer.errors import UserError

PICTURES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".npy"),
)
_SYSTEM = ("__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information")


@dataclass(slots=True)
class Folder:
    """A folder: its own pictures, its sub-folders, and all that holds neither."""

    path: Path
    pictures: list[str] = field(default_factory=list)  # paths, in natural order
    folders: list[Folder] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # endings of files that are no pictures, in all sub-folders too
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.name

    def all_pictures(self) -> Iterator[str]:
        """Yield the pictures of the folder and of all sub-folders."""
        yield from self.pictures
        for folder in self.folders:
            yield from folder.all_pictures()

    def all_skipped(self) -> Iterator[Skipped]:
        yield from self.skipped
        for folder in self.folders:
            yield from folder.all_skipped()


def is_of_the_system(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _SYSTEM


def listed(path: Path, root: Path | None = None) -> Folder:
    """Return what lies below folder `path`. Hidden folders, system folders and loops of links are not entered.

    Raises `UserError` if the folder cannot be read; sub-folders that cannot be read are skipped.
    """
    try:
        return _listed(path, root or path, (os.path.realpath(path),))
    except OSError as error:
        raise UserError(f"cannot read the folder {path}: {error.strerror or error}; check its permissions") from error


def _listed(path: Path, root: Path, above: tuple[str, ...]) -> Folder:
    found = Folder(path)
    with os.scandir(path) as entries:
        names = sorted((entry for entry in entries if not is_of_the_system(entry.name)), key=_key)
    for entry in names:
        is_picture = entry.name.casefold().endswith(PICTURES)
        if _is_folder(entry):
            _add_folder(found, Path(entry.path), root, above, is_picture)
        elif is_picture:
            found.pictures.append(entry.path)
        else:
            found.others[os.path.splitext(entry.name)[1].casefold()] += 1
    return found


def _add_folder(found: Folder, path: Path, root: Path, above: tuple[str, ...], is_picture: bool) -> None:
    name, real = os.path.relpath(path, root), os.path.realpath(path)
    if real in above:
        found.skipped.append(Skipped(name, "is a link to a folder above it"))
        return
    try:
        below = _listed(path, root, (*above, real))
    except OSError as error:
        found.skipped.append(Skipped(name, f"cannot be read: {error.strerror or error}"))
        return
    found.others += below.others
    if any(below.all_pictures()):
        found.folders.append(below)
        return
    found.skipped += below.all_skipped()
    if is_picture:
        found.skipped.append(Skipped(name, "is a folder, not an image"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _key(entry: os.DirEntry[str]) -> tuple[NaturalKey, str]:
    return natural(entry.name), entry.name
