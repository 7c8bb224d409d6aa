"""A CSV or TSV table: a column names picture files, the other columns are labels."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from vae_explorer.codes import Split
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, Skipped, digest_of_files, shown
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.csv_text import Table, read_table
from vae_explorer.data.own.sources.files import FILE, of_paths, page_notes
from vae_explorer.data.own.sources.listing import PICTURES, is_of_the_system, listed
from vae_explorer.data.own.sources.splits import splits_of
from vae_explorer.errors import UserError

_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
_IN_FOLDERS = _ENDINGS[:3]  # a .txt file in a folder of pictures is a note
_SPLIT_NAMES = ("split", "set", "subset", "partition")
_ENOUGH = 0.5  # share of a folder's rows that name pictures, for the table to be taken


def matches(path: Path) -> bool:
    """Tell whether `path` is a table, or a folder with one table whose rows name pictures of the folder."""
    if path.is_dir():
        return _table_of(path) is not None
    return path.name.casefold().endswith(_ENDINGS) and path.is_file()


def find(path: Path, reading: Reading) -> Found:
    """Find the pictures that the rows of a table name.

    Rows without a file and files without a row are skipped. Raises `UserError` if no column names pictures.
    """
    path = (_table_of(path) or path) if path.is_dir() else path
    table, pictures = read_table(path), _Pictures(path.parent)
    column = _file_column(table, pictures, path, reading)
    paths = [pictures.find(text) for text in table.columns[column]]
    kept = [row for row, each in enumerate(paths) if each is not None]
    named = [each for each in paths if each is not None]
    files, places = of_paths(path.parent, named, reading.pages)
    rows = [kept[place] for place in places]
    splits, split_column = _splits(table, rows, reading)
    labels = {name: [texts[row] for row in rows] for name, texts in table.columns.items() if name not in (column, split_column)}
    labels[_free(FILE, labels)] = [files.name(place) for place in range(len(files))]
    return Found(
        "table",
        files,
        digest_of_files([str(path), *named]),
        labels,
        {_free(FILE, table.columns): ColumnKind.TEXT},
        splits=splits,
        skipped=(*_rows_without_file(table, column, paths, path), *_files_without_row(pictures, named, path)),
        notes=(f"Column {column} of {path.name} names the files.", *page_notes(files)),
    )


class _Pictures:
    """The pictures of a folder by their paths, names and names without endings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.all = list(listed(folder).all_pictures())
        self._known: dict[str, list[str]] = defaultdict(list)
        for path in self.all:
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            name = os.path.basename(path)
            for key in dict.fromkeys((relative, name, os.path.splitext(relative)[0], os.path.splitext(name)[0])):
                self._known[key].append(path)

    def find(self, text: str) -> str | None:
        """Return the picture that `text` names, None if there is none or several; a full path may lie anywhere."""
        text = text.strip()
        bare = text.replace("\\", "/").removeprefix("./")
        for key in (bare, bare.rpartition("/")[2]):
            found = self._known.get(key, ())
            if len(found) == 1:
                return found[0]
        full = os.path.join(self._folder, os.path.expanduser(text))
        return full if text.casefold().endswith(PICTURES) and os.path.isfile(full) else None


def _table_of(folder: Path) -> Path | None:
    """Return the one table of a folder whose rows name its pictures, None without such a table."""
    try:
        tables = [each for each in sorted(folder.iterdir()) if each.name.casefold().endswith(_IN_FOLDERS)]
        tables = [each for each in tables if not is_of_the_system(each.name) and each.is_file()]
        if len(tables) != 1:
            return None
        table, pictures = read_table(tables[0]), _Pictures(folder)
    except (UserError, OSError):
        return None
    most = max((_named(texts, pictures) for texts in table.columns.values()), default=0)
    return tables[0] if len(table) and most >= _ENOUGH * len(table) else None


def _file_column(table: Table, pictures: _Pictures, path: Path, reading: Reading) -> str:
    """Return the column that names most pictures. Raises `UserError` if none names any."""
    if reading.file_column is not None:
        if reading.file_column not in table.columns:
            raise UserError(f"{path} has no column {reading.file_column!r}; known: {', '.join(table.columns)}")
        return reading.file_column
    counts = {name: _named(texts, pictures) for name, texts in table.columns.items()}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best]:
        raise UserError(f"no column of {path} names pictures in {path.parent}; known: {', '.join(table.columns)}")
    return best


def _named(texts: Sequence[str], pictures: _Pictures) -> int:
    return sum(pictures.find(text) is not None for text in texts)


def _splits(table: Table, rows: Sequence[int], reading: Reading) -> tuple[list[Split] | None, str | None]:
    """Return the splits that a column names, and that column. Raises `UserError` if the wished column names none."""
    wanted = reading.split_column
    for name, texts in table.columns.items():
        if name != wanted and (wanted is not None or name.casefold() not in _SPLIT_NAMES):
            continue
        splits = splits_of(texts[row] for row in rows)
        if splits:
            return [splits[texts[row]] for row in rows], name
    if wanted is not None:
        raise UserError(f"column {wanted!r} does not say train or test in every row; name another column")
    return None, None


def _rows_without_file(table: Table, column: str, paths: Sequence[str | None], path: Path) -> list[Skipped]:
    return [
        Skipped(f"{path.name}, line {line}", f"names {text!r}, which is no picture" if text else "names no file")
        for line, text, each in zip(table.lines, table.columns[column], paths, strict=True)
        if each is None
    ]


def _files_without_row(pictures: _Pictures, named: Sequence[str], path: Path) -> list[Skipped]:
    known = set(named)
    return [Skipped(shown(each, path.parent), f"has no row in {path.name}") for each in pictures.all if each not in known]


def _free(name: str, taken: dict[str, list[str]]) -> str:
    while name in taken:
        name += " name"
    return name
