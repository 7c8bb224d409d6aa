"""Images that are picture files, one image a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vae_explorer.data.base import ShouldStop
from vae_explorer.data.own.found import Block, shown
from vae_explorer.data.own.pixels import read_pixels
from vae_explorer.picture_files import Unreadable


@dataclass(frozen=True, slots=True)
class Files:
    """Picture files below the folder `root`."""

    root: Path
    paths: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def part(self, start: int, stop: int) -> Files:
        return Files(self.root, self.paths[start:stop])

    def name(self, place: int) -> str:
        return shown(self.paths[place], self.root)

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Files:
        return self

    def blocks(self, background: int) -> Iterator[Block]:
        for place, path in enumerate(self.paths):
            try:
                yield place, read_pixels(path, background)[None]
            except Unreadable as error:
                yield place, error.reason
