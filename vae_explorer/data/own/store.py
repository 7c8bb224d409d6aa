"""Opens, lists and removes stores: folders `own/NAME` in the data folder, with images mapped from a file.

Rows are training images, then test images.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import UNKNOWN, Labels
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.data.columns import Column, ColumnKind, Columns, Texts, Values
from vae_explorer.data.own.checksums import checksum
from vae_explorer.data.own.found import Skipped
from vae_explorer.data.own.manifest import ColumnCard, Manifest, read_manifest
from vae_explorer.data.own.places import folder_of, is_store
from vae_explorer.errors import UserError
from vae_explorer.folders import remove_folder
from vae_explorer.foreign import short
from vae_explorer.shapes import image_shape

IMAGES, SKIPPED = "images.npy", "skipped.csv"


@dataclass(frozen=True, slots=True)
class Store:
    """A prepared data set on the disk."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_of_program(self) -> bool:
        """Return whether the program prepared the store for the data set of its own table that has the name."""
        return self.manifest.source.kind == self.name

    @property
    def spec(self) -> DatasetSpec:
        """Return the line that the table of data sets would have."""
        held = self.manifest
        return DatasetSpec(self.name, "", image_shape(held.shape), self._classes, held.sizes, f"from {held.source.path}")

    @property
    def _classes(self) -> tuple[str, ...]:
        """Return the names of the classes, () for a set without classes."""
        card = self._class_card
        if card is None:
            return ()
        return (*card.names, UNKNOWN) if card.missing else card.names

    @property
    def _class_card(self) -> ColumnCard | None:
        return next((card for card in self.manifest.columns if card.name == self.manifest.class_name), None)

    def dataset(self) -> Dataset:
        """Return the images, mapped from their file, and the labels. Raises `UserError` if a file is damaged."""
        images, columns = self._array(IMAGES), self.columns()
        train, test = self.manifest.sizes
        if images.shape != (train + test, *self.manifest.shape) or images.dtype != np.uint8:
            raise self._damaged(IMAGES)
        labels = self._labels(columns.the_class, train + test)
        parts = (ImageSet(images[rows], labels[rows]) for rows in (slice(train), slice(train, None)))
        return Dataset(*parts, columns=columns, channels=self.manifest.channels)

    def columns(self) -> Columns:
        """Return the labels, mapped from their files. Raises `UserError` if a file is damaged."""
        columns = []
        for place, card in enumerate(self.manifest.columns):
            arrays = [self._array(name) for name in column_files(place, card.kind)]
            values: Values = Texts(*arrays) if card.kind is ColumnKind.TEXT else arrays[0]
            if len(values) != sum(self.manifest.sizes):
                raise self._damaged(column_files(place, card.kind)[-1])
            columns.append(Column(card.name, card.kind, values, card.names, card.unit))
        return Columns(tuple(columns), self.manifest.class_name)

    def skipped(self) -> list[Skipped]:
        """Return the files and rows that gave no image. Raises `UserError` if their list is damaged."""
        try:
            with (self.folder / SKIPPED).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                return [Skipped(*row) for row in csv.reader(file)][1:]
        except (OSError, csv.Error, TypeError) as error:
            raise self._damaged(SKIPPED) from error

    def check(self) -> None:
        """Compare every file with its checksum. Raises `UserError` that names the first damaged file."""
        for name, expected in self.manifest.checksums.items():
            try:
                found = checksum(self.folder / name)
            except OSError:
                found = ""
            if found != expected:
                raise self._damaged(name)

    def _labels(self, column: Column | None, images: int) -> Labels:
        """Return class numbers (n,); zeros without classes."""
        if column is None:
            return np.zeros(images, np.uint8)
        try:
            return column.labels
        except UserError as error:
            raise self._damaged(f"column {column.name}") from error

    def _array(self, name: str) -> NDArray[Any]:
        try:
            return np.lib.format.open_memmap(self.folder / name, mode="r")
        except (OSError, ValueError) as error:
            raise self._damaged(name) from error

    def _damaged(self, what: str) -> UserError:
        return UserError(
            f"the data set {self.name} is damaged ({self.folder / what}); "
            f"remove it with 'data remove {self.name}' and add it again from {self.manifest.source.path}"
        )


def column_files(place: int, kind: ColumnKind) -> tuple[str, ...]:
    """Return the names of the files that hold column number `place`."""
    if kind is ColumnKind.TEXT:
        return f"column-{place}-letters.npy", f"column-{place}-ends.npy"
    return (f"column-{place}.npy",)


def find_store(root: Path, name: str) -> Store | None:
    """Return the store `name`, None if there is none. Raises `UserError` if it is damaged."""
    folder = folder_of(root, name)
    return Store(folder, read_manifest(folder)) if is_store(root, name) else None


def stores(root: Path) -> Iterator[Store]:
    """Yield all stores by name. Damaged stores are left out."""
    with contextlib.suppress(OSError):
        for folder in sorted(folder_of(root).iterdir()):
            with contextlib.suppress(UserError):
                store = find_store(root, folder.name)
                if store is not None:
                    yield store


def remove_store(root: Path, name: str) -> None:
    """Remove store `name`, also a damaged store. Raises `UserError` if there is none, or the disk refuses."""
    folder = folder_of(root, name)
    if not name or folder.name != name or name.startswith(".") or not folder.is_dir():
        known = ", ".join(store.name for store in stores(root)) or "none"
        raise UserError(f"there is no data set of your own called {short(name)!r}; known: {known}")
    try:
        remove_folder(folder)
    except OSError as error:
        raise UserError(f"cannot remove {folder}: {error.strerror or error}; check its permissions") from error
