"""Images that are picture files: one image a file or a page, or all pages of a file as channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import ShouldStop
from vae_explorer.data.own.found import Block, shown
from vae_explorer.data.own.pixels import grey_plane, read_pixels
from vae_explorer.data.own.reading import MOST_CHANNELS, Pages
from vae_explorer.picture_files import Unreadable, opened, pages_of, reading

FILE = "file"  # the label column of names
_PAGED = (".tif", ".tiff")
_BLOCK = 1 << 22  # bytes of a block of several images
Plane = tuple[str, int]  # a file, and the number of its page


@dataclass(frozen=True, slots=True)
class Files:
    """Picture files below the folder `root`. Each image is a page, or several pages as channels."""

    root: Path
    planes: tuple[tuple[Plane, ...], ...]  # of each image; one plane keeps its own channels
    paged: frozenset[str] = frozenset()  # files of several images

    def __len__(self) -> int:
        return len(self.planes)

    def part(self, start: int, stop: int) -> Files:
        return Files(self.root, self.planes[start:stop], self.paged)

    def name(self, place: int) -> str:
        path, page = self.planes[place][0]
        return shown(path, self.root) + (f", page {page + 1}" if path in self.paged else "")

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Files:
        return self

    def blocks(self, background: int) -> Iterator[Block]:
        alike: list[NDArray[Any]] = []
        for place, planes in enumerate(self.planes):
            image = _image_or_reason(planes, background)
            if alike and not _joins(image, alike):
                yield place - len(alike), np.stack(alike)
                alike = []
            if isinstance(image, str):
                yield place, image
            else:
                alike.append(image)
        if alike:
            yield len(self) - len(alike), np.stack(alike)


def of_paths(root: Path, paths: Sequence[str], pages: Pages) -> tuple[Files, list[int]]:
    """Return the images of `paths`, and for each image the place of its file in `paths`."""
    planes: list[tuple[Plane, ...]] = []
    places: list[int] = []
    paged = set()
    for place, path in enumerate(paths):
        count = _pages_in(path) if pages is not Pages.FIRST else 1
        numbers = [(path, page) for page in range(count)]
        planes += [tuple(numbers)] if pages is Pages.CHANNELS else [(each,) for each in numbers]
        places += [place] * (1 if pages is Pages.CHANNELS else count)
        if count > 1 and pages is Pages.IMAGES:
            paged.add(path)
    return Files(root, tuple(planes), frozenset(paged)), places


def page_notes(files: Files) -> tuple[str, ...]:
    """Return a sentence if pages are images of their own."""
    if not files.paged:
        return ()
    count = len(files.paged)
    return (
        f"{count:,} {'TIFF has' if count == 1 else 'TIFFs have'} several pages, each of which is an image. Change this with --pages.",
    )


def _pages_in(path: str) -> int:
    """Return the number of pages of a TIFF, 1 for other files and files that cannot be read."""
    if not path.casefold().endswith(_PAGED):
        return 1
    try:
        with reading(path), opened(path) as image:
            return pages_of(image)
    except Unreadable:  # its reason is found again when it is read
        return 1


def _image_or_reason(planes: Sequence[Plane], background: int) -> NDArray[Any] | str:
    try:
        return _read(planes, background)
    except Unreadable as error:
        return error.reason


def _joins(image: NDArray[Any] | str, alike: Sequence[NDArray[Any]]) -> bool:
    """Tell whether an image can lie in one block with the images `alike`."""
    if isinstance(image, str) or (image.shape, image.dtype) != (alike[0].shape, alike[0].dtype):
        return False
    return (len(alike) + 1) * image.nbytes <= _BLOCK


def _read(planes: Sequence[Plane], background: int) -> NDArray[Any]:
    """Return an image (h, w, c). Raises `Unreadable`, also if the planes have different sizes."""
    path, page = planes[0]
    if len(planes) == 1:
        return read_pixels(path, background, page)
    if len(planes) > MOST_CHANNELS:
        raise Unreadable(path, f"has {len(planes)} channels; at most {MOST_CHANNELS} are possible")
    channels = [grey_plane(read_pixels(each, background, page), each) for each, page in planes]
    sizes = {channel.shape for channel in channels}
    if len(sizes) > 1:
        said = " and ".join(sorted(f"{height}×{width}" for height, width in sizes))
        raise Unreadable(path, f"has channels of different sizes, {said}")
    return np.stack(channels, axis=-1)
