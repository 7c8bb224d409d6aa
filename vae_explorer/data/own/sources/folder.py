"""A folder of pictures: its sub-folders are the classes; train and test folders are the split."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vae_explorer.codes import Split
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, digest_of_files
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.files import FILE, of_paths, page_notes
from vae_explorer.data.own.sources.listing import Folder, listed
from vae_explorer.data.own.sources.splits import splits_of

CLASS = "class"  # name of a label column


def matches(path: Path) -> bool:
    return path.is_dir()


def find(path: Path, reading: Reading) -> Found:
    """Find the pictures below folder `path`.

    A folder that holds one folder alone stands for that folder, as after unpacking an archive. Pictures beside class folders
    have no class.
    """
    folder = listed(path)
    while len(folder.folders) == 1 and not folder.pictures:
        folder.folders[0].skipped += folder.skipped
        folder.folders[0].others = folder.others
        folder = folder.folders[0]
    rows = list(_in_splits(folder) or _in_classes(folder))
    paths = [path for path, _, _ in rows]
    files, places = of_paths(path, paths, reading.pages)
    rows = [rows[place] for place in places]
    labels = {CLASS: [name for _, name, _ in rows]} if any(name for _, name, _ in rows) else {}
    return Found(
        "folder",
        files,
        digest_of_files(paths),
        labels | {FILE: [files.name(place) for place in range(len(files))]},
        {CLASS: ColumnKind.CATEGORICAL, FILE: ColumnKind.TEXT},
        CLASS if labels else None,
        [split for _, _, split in rows if split is not None] or None,
        tuple(folder.all_skipped()),
        (*_notes(folder), *page_notes(files)),
    )


Row = tuple[str, str, Split | None]  # path, class or "", split


def _in_classes(folder: Folder, split: Split | None = None) -> Iterator[Row]:
    yield from ((path, "", split) for path in folder.pictures)
    for below in folder.folders:
        yield from ((path, below.name, split) for path in below.all_pictures())


def _in_splits(folder: Folder) -> list[Row]:
    """Return the rows of train and test folders, none if the folders have other names."""
    splits = {} if folder.pictures else splits_of(below.name for below in folder.folders)
    return [row for below in folder.folders for row in _in_classes(below, splits[below.name])] if splits else []


def _notes(folder: Folder) -> tuple[str, ...]:
    if not folder.others:
        return ()
    count = folder.others.total()
    endings = ", ".join(f"{ending or 'none'} ({times:,})" for ending, times in folder.others.most_common(3))
    return (f"{count:,} {'file is' if count == 1 else 'files are'} left out: no picture by the ending ({endings}).",)
