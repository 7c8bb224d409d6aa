"""A person's Python file, which is run. It defines `load(fetching)`, which returns a `Dataset`, as loaders of the table do.

`CLASSES` may name the classes. `fetching.root` is the folder of the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Split
from vae_explorer.data.base import Dataset, Fetching, ShouldStop
from vae_explorer.data.check import as_array, check_dataset
from vae_explorer.data.columns import MISSING, Column, ColumnKind
from vae_explorer.data.loaders import called
from vae_explorer.data.own.found import Block, Found
from vae_explorer.data.own.layout import layout_of
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.rows import AT_ONCE, joined
from vae_explorer.errors import UserError
from vae_explorer.mapped import release

_CLASS = "class"
_MODULE = "vae_explorer_own_images"  # in `sys.modules` while the file runs


def matches(path: Path) -> bool:
    return path.suffix.casefold() == ".py" and path.is_file()


def find(path: Path, reading: Reading) -> Found:
    """Run the file, and find the images that it returns.

    Raises `UserError` that gives the file's line and its error, or says what is wrong with its images.
    """
    dataset, names = _run(path, reading)
    parts = (dataset.train, dataset.test)
    labels = {_CLASS: [names[label] for part in parts for label in part.labels.tolist()]} if names else {}
    columns = {f"{each.name} [{each.unit}]" if each.unit else each.name: each for each in dataset.columns}
    texts = labels | {name: _texts(column) for name, column in columns.items()}
    kinds = {name: column.kind for name, column in columns.items()}
    return Found(
        "program",
        joined(
            [Held(f"{kind} image", 0, np.asarray(part.images)) for kind, part in zip(("training", "test"), parts, strict=True)]
        ),
        _digest(dataset, texts),
        texts,
        {_CLASS: ColumnKind.CATEGORICAL} | kinds,
        dataset.columns.class_name or (_CLASS if labels else None),
        [split for split, part in zip(Split, parts, strict=True) for _ in range(len(part))],
        channels=dataset.channels,
        arrays=True,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Images in memory, or mapped to it."""

    kind: str
    first: int  # number of the first image
    images: NDArray[np.uint8]  # (n, h, w, c)

    def __len__(self) -> int:
        return len(self.images)

    def part(self, start: int, stop: int) -> Held:
        return Held(self.kind, self.first + start, self.images[start:stop])

    def name(self, place: int) -> str:
        return f"{self.kind} {self.first + place}"

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Held:
        return self

    def blocks(self, background: int) -> Iterator[Block]:
        at_once = max(1, AT_ONCE // self.images[0].size)
        for start in range(0, len(self), at_once):
            yield start, np.array(self.images[start : start + at_once])
            release(self.images)


def _run(path: Path, reading: Reading) -> tuple[Dataset, tuple[str, ...]]:
    """Return the checked data set that the file returns, and the names of its classes; () without classes."""
    module = ModuleType(_MODULE)
    module.__file__ = str(path)

    def load(fetching: Fetching) -> Any:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
        if not callable(getattr(module, "load", None)):
            raise UserError(f"{path} defines no function load(fetching); see 'Images of a Python file' in the guide")
        return module.load(fetching)

    with _running(module, path.parent):
        dataset = called(load, path.stem, str(path), path.name, Fetching(path.parent))
    given = _given_classes(module, path)
    what = f"the training images of {path.stem}"
    layout, _ = layout_of(as_array(dataset.train.images, what).shape, what, reading.layout)
    count = len(given) or _count(dataset, path)
    checked = check_dataset(path.stem, dataset, layout.image, count)
    return checked, given or (tuple(map(str, range(count))) if count > 1 else ())


def _given_classes(module: ModuleType, path: Path) -> tuple[str, ...]:
    given = getattr(module, "CLASSES", ())
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UserError(f"CLASSES of {path} is no list of names; give a list such as ['cat', 'dog']")
    return tuple(map(str, given))


@contextlib.contextmanager
def _running(module: ModuleType, folder: Path) -> Iterator[None]:
    """Let a file import its neighbours, and print to standard error; nothing is written beside the file."""
    writes_none = sys.dont_write_bytecode
    sys.modules[_MODULE], sys.dont_write_bytecode = module, True
    sys.path.insert(0, str(folder))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.dont_write_bytecode = writes_none
        del sys.modules[_MODULE]
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


def _count(dataset: Dataset, path: Path) -> int:
    """Return the number of classes, by the highest label or the width of one-hot rows."""
    labels = [as_array(part.labels, f"the labels of {path.stem}") for part in (dataset.train, dataset.test)]
    if any(each.dtype.kind not in "buif" for each in labels):
        raise UserError(
            f"the labels of {path.stem} are no numbers; give numbers from 0, zeros without classes, and name them in CLASSES"
        )
    if labels[0].ndim == 2 and labels[0].shape[1] > 1:
        return int(labels[0].shape[1])
    highest = max(float(each.max(initial=0)) for each in labels)
    return max(int(highest) + 1, 1) if np.isfinite(highest) else 1


def _texts(column: Column) -> list[str]:
    if column.kind is ColumnKind.TEXT:
        return list(column.values)
    if column.kind is ColumnKind.CONTINUOUS:
        return ["" if np.isnan(number) else repr(float(number)) for number in np.asarray(column.values)]
    return ["" if place == MISSING else column.names[place] for place in np.asarray(column.values)]


def _digest(dataset: Dataset, texts: dict[str, list[str]]) -> str:
    """Return a checksum of images, labels and names of channels, since the file may read anything."""
    digest = hashlib.sha256(repr([*sorted(texts.items()), *dataset.channels]).encode())
    for part in (dataset.train, dataset.test):
        for _, block in Held("", 0, np.asarray(part.images)).blocks(0):
            digest.update(f"{np.shape(block)}".encode() + np.ascontiguousarray(block).data)
    return digest.hexdigest()
