"""Prepares the images of a source once: reads them into a store below the data folder, whole or not at all."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Split
from vae_explorer.data.base import Progress, ShouldStop, never, no_progress
from vae_explorer.data.columns import Columns, Texts
from vae_explorer.data.own.checksums import checksum
from vae_explorer.data.own.found import Found, Skipped
from vae_explorer.data.own.labels import columns_of
from vae_explorer.data.own.manifest import ColumnCard, Manifest, Source
from vae_explorer.data.own.passes import Outcome, Passes
from vae_explorer.data.own.places import MANIFEST, folder_of
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.split import Splits, given_splits, split_images
from vae_explorer.data.own.stopping import check_stop
from vae_explorer.data.own.store import IMAGES, SKIPPED, Store, column_files, find_store
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file
from vae_explorer.folders import atomic_folder

_ALL = "all-images.npy"  # as they are read, with gaps where images cannot be read
_COPIED = 1 << 24  # bytes copied at once
Rows = NDArray[np.int64]


def prepare(
    found: Found,
    reading: Reading,
    path: str,
    name: str,
    root: Path,
    progress: Progress = no_progress,
    should_stop: ShouldStop = never,
    apart: bool = False,
) -> Store:
    """Read the images of source `path` into a new store `name` below data folder `root`.

    `progress` gets ("images", images done, images in all). With `apart`, only other processes read the files.

    Raises `UserError` if no store comes of it, `Cancelled` and `CannotWrite`; the data folder then stays as it was.
    """
    if not len(found.images):
        raise no_images(path, found)
    with atomic_folder(folder_of(root, name)) as folder:
        _Preparation(found, reading, folder, apart).run(path, name, progress, should_stop)
    store = find_store(root, name)
    assert store is not None
    return store


def no_images(path: str, found: Found) -> UserError:
    reason = f"{found.skipped[0].name} {found.skipped[0].reason}" if found.skipped else "name a folder or file with images"
    return UserError(f"{path} holds no images; {reason}")


class _Preparation:
    """Fills the folder of one store."""

    def __init__(self, found: Found, reading: Reading, folder: Path, apart: bool) -> None:
        self._found, self._reading, self._folder, self._apart = found, reading, folder, apart

    def run(self, path: str, name: str, progress: Progress, should_stop: ShouldStop) -> None:
        everything = np.arange(len(self._found.images))
        order, columns, splits = self._arranged(everything)
        rows = np.empty_like(order)
        rows[order] = everything
        images = self._found.images.unpacked(self._folder, should_stop)
        unpacked = os.listdir(self._folder)
        passes = Passes(replace(self._found, images=images), self._reading, self._folder / _ALL, rows, self._apart)
        outcome = passes.run(progress, should_stop)
        for each in unpacked:
            os.remove(self._folder / each)
        if outcome.faults:
            kept = np.setdiff1d(everything, np.fromiter(outcome.faults, np.int64))
            order, columns, splits = self._arranged(kept)
            self._copy_rows(rows[order], should_stop)
        else:
            os.rename(self._folder / _ALL, self._folder / IMAGES)
        skipped = self._write_skipped(outcome.faults)
        checksums = self._write_columns(columns) | {IMAGES: checksum(self._folder / IMAGES, should_stop)}
        sizes = (int((splits == Split.TRAIN).sum()), int((splits == Split.TEST).sum()))
        self._write_manifest(path, name, outcome, columns, sizes, skipped, checksums)

    def _arranged(self, kept: Rows) -> tuple[Rows, Columns, Splits]:
        """Return the places of images `kept` in the order of the store, their labels in that order, and their splits.

        The splits are in the order of `kept`.
        """
        labels = {name: [texts[place] for place in kept] for name, texts in self._found.labels.items()}
        columns = columns_of(
            labels, self._found.kinds, self._found.class_name, self._reading.class_column, dict(self._reading.kinds)
        )
        splits = self._splits(kept, columns)
        order = np.argsort(splits, kind="stable")
        return kept[order], columns.rows(order), splits

    def _splits(self, kept: Rows, columns: Columns) -> Splits:
        given = self._found.splits
        if given is not None and self._reading.test_share is None:
            return given_splits([given[place] for place in kept])
        classes = columns.the_class
        numbers = None if classes is None else np.asarray(classes.values)
        return split_images(numbers, len(kept), self._reading.test_share, self._reading.seed)

    def _copy_rows(self, rows: Rows, should_stop: ShouldStop) -> None:
        """Copy `rows` of the file of all images, in that order, and remove that file."""
        source = np.lib.format.open_memmap(self._folder / _ALL, mode="r")
        with (self._folder / IMAGES).open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), *source.shape[1:])}
            np.lib.format.write_array_header_1_0(file, header)
            at_once = max(1, _COPIED // source[0].size)
            for start in range(0, len(rows), at_once):
                check_stop(should_stop)
                file.write(source[rows[start : start + at_once]].data)
        del source
        os.remove(self._folder / _ALL)

    def _write_skipped(self, faults: Mapping[int, str]) -> int:
        skipped = [*self._found.skipped, *(Skipped(self._found.images.name(place), faults[place]) for place in sorted(faults))]
        write_skipped(self._folder / SKIPPED, skipped)
        return len(skipped)

    def _write_columns(self, columns: Columns) -> dict[str, str]:
        """Write the values of each column, and return the checksums of the files."""
        checksums = {}
        for place, column in enumerate(columns):
            values = column.values
            arrays: tuple[NDArray[Any], ...] = (values.letters, values.ends) if isinstance(values, Texts) else (values,)
            for name, array in zip(column_files(place, column.kind), arrays, strict=True):
                np.save(self._folder / name, array, allow_pickle=False)
                checksums[name] = checksum(self._folder / name)
        return checksums

    def _write_manifest(
        self,
        path: str,
        name: str,
        outcome: Outcome,
        columns: Columns,
        sizes: tuple[int, int],
        skipped: int,
        checksums: Mapping[str, str],
    ) -> None:
        manifest = Manifest(
            name=name,
            shape=outcome.plan.shape,
            channels=self._found.channels if len(self._found.channels) == outcome.plan.channels else (),
            sizes=sizes,
            columns=tuple(ColumnCard.of(column) for column in columns),
            class_name=columns.class_name,
            source=Source(path, self._found.kind, self._found.digest),
            reading=self._reading,
            notes=(*self._found.notes, *outcome.notes),
            skipped=skipped,
            checksums=checksums,
            created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        )
        (self._folder / MANIFEST).write_text(json.dumps(manifest.to_json()), "utf-8")


def write_skipped(path: Path, skipped: Sequence[Skipped]) -> None:
    """Write skipped files and rows with their reasons as a CSV table. Raises `CannotWrite`."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["file", "reason"])
    table.writerows((each.name, each.reason) for each in skipped)
    with atomic_file(path) as file:
        file.write(text.getvalue().encode("utf-8", "surrogateescape"))
