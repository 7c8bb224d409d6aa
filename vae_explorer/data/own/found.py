"""The images of a source before they are read, and those that cannot be read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from vae_explorer.codes import Split
from vae_explorer.data.base import ShouldStop
from vae_explorer.data.columns import ColumnKind

Block = tuple[int, "NDArray[Any] | str"]  # (place of its first image, pixels (k, h, w, c)), or (place of one image, reason)


class Images(Protocol):
    """Images that can be read in parts by several processes."""

    def __len__(self) -> int: ...

    def part(self, start: int, stop: int) -> Images:
        """Return images `start` to `stop`; the answer travels to another process."""

    def name(self, place: int) -> str:
        """Return what a person calls image `place`."""

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Images:
        """Return the same images in files that can be read at any place, unpacked into `folder` where archives hold them."""

    def blocks(self, background: int) -> Iterator[Block]:
        """Read all images in order, as raw numbers; a reason stands for an image that cannot be read."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row that gives no image, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds. `labels` and `splits` have an entry for each image."""

    kind: str
    images: Images
    digest: str  # changes with every change of the source
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)  # of the labels whose kind the source knows
    class_name: str | None = None  # the label that the source itself calls the class
    splits: Sequence[Split] | None = None
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()  # names of the channels, where the source names them
    arrays: bool = False  # whether channels and ranges of the images are meant as they are


def digest_of_files(paths: Sequence[str]) -> str:
    """Return a checksum of names, sizes and times of files; it reads no contents."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            found = os.stat(path)
            state = f"{found.st_size} {found.st_mtime_ns}"
        except OSError:
            state = "gone"
        digest.update(os.fsencode(path) + f"\0{state}\0".encode())
    return digest.hexdigest()


def shown(path: str, root: Path) -> str:
    """Return `path` as a person reads it: relative to the source."""
    start = os.path.join(root, "")
    if path.startswith(start):
        return os.path.normpath(path[len(start) :])  # a tenth of the time of `relpath`
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else path
