"""Adds a person's images as a data set, unless they are there already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from vae_explorer.data.base import Progress, ShouldStop, never, no_progress
from vae_explorer.data.own.finding import find
from vae_explorer.data.own.found import Found
from vae_explorer.data.own.places import folder_of
from vae_explorer.data.own.prepare import prepare
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import Store, find_store
from vae_explorer.data.sources import DATASETS, own_name
from vae_explorer.errors import UserError
from vae_explorer.foreign import file_stem

MOST_LETTERS = 60  # of a name


@dataclass(frozen=True, slots=True)
class Added:
    """A store, and whether it was made now."""

    store: Store
    is_new: bool

    @property
    def name(self) -> str:
        """The name by which the data set is asked for."""
        return own_name(self.store)


def add(
    path: str | os.PathLike[str],
    reading: Reading,
    root: Path,
    name: str = "",
    progress: Progress = no_progress,
    should_stop: ShouldStop = never,
    apart: bool = False,
) -> Added:
    """Return the store of the images at `path`, made now unless they were read in this way before.

    With `apart`, only other processes read the files, and a Python file is refused. Without, it is run.

    Without a `name`, the store gets the name of the file or folder, or NAME-2, NAME-3, … if that holds other images. Raises
    `UserError` if `name` is taken by other images, or nothing can be read; `Cancelled`; `CannotWrite`.
    """
    source = os.path.abspath(os.path.expanduser(path))
    found = find(source, reading, apart)
    for wish in [_checked(name)] if name else _wishes(source):
        store = find_store(root, wish)
        if store is not None and _holds(store, source, found, reading):
            return Added(store, is_new=False)
        if store is None and wish not in DATASETS and not folder_of(root, wish).exists():
            return Added(prepare(found, reading, source, wish, root, progress, should_stop, apart), is_new=True)
    raise UserError(
        f"the name {name} is taken by other images; choose another --name, or remove them with 'data remove {name}'"
    )


def _holds(store: Store, source: str, found: Found, reading: Reading) -> bool:
    held = store.manifest
    return (held.source.path, held.source.digest, held.reading) == (source, found.digest, reading)


def _wishes(source: str) -> Iterator[str]:
    stem = file_stem(Path(source).stem if os.path.isfile(source) else Path(source).name)
    return (stem if number == 1 else f"{stem}-{number}" for number in count(1))


def _checked(name: str) -> str:
    if name != file_stem(name) or len(name) > MOST_LETTERS:
        raise UserError(
            f"{name!r} cannot be the name of a data set; choose at most {MOST_LETTERS} letters, digits, points and dashes"
        )
    if name in DATASETS:
        raise UserError(f"the name {name} is taken by a data set of the program; choose another --name")
    return name
