"""Images that are rows of an array in a file."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import math
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import ShouldStop
from vae_explorer.data.own.found import Block, Images
from vae_explorer.data.own.layout import Layout
from vae_explorer.data.own.reading import Axes
from vae_explorer.data.own.stopping import check_stop
from vae_explorer.errors import UserError
from vae_explorer.mapped import release

AT_ONCE, _COPIED = 1 << 22, 1 << 24  # bytes of images read at once, and of a file copied at once


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An array in a file: its own, or a part of an archive. `start` counts bytes of the unpacked file."""

    name: str  # for a person
    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool = False
    start: int = 0
    member: str | None = None  # of a zip archive; "" for a file that gzip packed

    @property
    def size(self) -> int:
        """Return the bytes of all numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    def mapped(self) -> NDArray[Any]:
        """Return the array of an unpacked file, mapped to memory."""
        order = "F" if self.fortran else "C"
        return np.memmap(self.path, self.dtype, "r", self.start, self.shape, order)  # type: ignore[call-overload, no-any-return]

    def loaded(self) -> NDArray[Any]:
        """Return a small array in memory. Raises `OSError` or `ValueError` if the file is damaged."""
        with self._opened() as file:
            file.read(self.start)
            data = file.read(self.size)
        array = np.frombuffer(data, self.dtype)
        return array.reshape(self.shape, order="F" if self.fortran else "C")

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> ArrayFile:
        """Return the array in a plain file: in `folder` if an archive holds it, copied unless `folder` holds it already.

        Raises `UserError`, `OSError` and `Cancelled`.
        """
        if self.member is None:
            return self
        target = folder / ("unpacked-" + hashlib.sha256(os.fsencode(f"{self.path}\0{self.member}")).hexdigest())
        if not target.exists():
            part = target.with_suffix(".part")
            self._copy(part, should_stop)
            part.rename(target)
        return replace(self, path=str(target), member=None)

    def _copy(self, target: Path, should_stop: ShouldStop) -> None:
        if self.start + self.size > shutil.disk_usage(target.parent).free:
            where = target.parent.parent
            raise UserError(f"{self.name} needs {self.size:,} bytes when unpacked, which the disk of {where} has not")
        try:
            with self._opened() as packed, target.open("wb") as file:
                left = self.start + self.size
                while left and (piece := packed.read(min(_COPIED, left))):
                    check_stop(should_stop)
                    file.write(piece)
                    left -= len(piece)
        except (zipfile.BadZipFile, EOFError, ValueError) as error:
            raise UserError(f"{self.path} is damaged ({error}); fetch or save it again") from error
        if left:
            raise UserError(f"{self.name} ends {left:,} bytes too early; fetch or save it again")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with contextlib.ExitStack() as stack:
            if self.member is None:
                yield stack.enter_context(open(self.path, "rb"))
            elif not self.member:
                yield cast(IO[bytes], stack.enter_context(gzip.open(self.path)))
            else:
                yield stack.enter_context(stack.enter_context(zipfile.ZipFile(self.path)).open(self.member))


@dataclass(frozen=True, slots=True)
class Rows:
    """Images `start` to `stop` of an array."""

    array: ArrayFile
    layout: Layout
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def part(self, start: int, stop: int) -> Rows:
        return replace(self, start=self.start + start, stop=self.start + stop)

    def name(self, place: int) -> str:
        return f"{self.array.name}, image {self.start + place}"

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Rows:
        return replace(self, array=self.array.unpacked(folder, should_stop))

    def blocks(self, background: int) -> Iterator[Block]:
        mapped, native = self.array.mapped(), self.array.dtype.newbyteorder("=")
        at_once = max(1, AT_ONCE // (self.array.size // len(mapped)))
        for start in range(self.start, self.stop, at_once):
            block = np.array(mapped[start : min(start + at_once, self.stop)], native, order="C")
            release(mapped)
            yield start - self.start, _channels_last(block.reshape(-1, *self.layout.shape[1:]), self.layout.axes)


def _channels_last(block: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Return images (k, …) as (k, h, w, c)."""
    if axes is Axes.NHW:
        return block[..., None]
    return np.ascontiguousarray(np.moveaxis(block, 1, -1)) if axes is Axes.NCHW else block


@dataclass(frozen=True, slots=True)
class Joined:
    """Images of several arrays, one array after another."""

    parts: tuple[Images, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def part(self, start: int, stop: int) -> Joined:
        parts, first = [], 0
        for each in self.parts:
            low, high = max(start - first, 0), min(stop - first, len(each))
            if low < high:
                parts.append(each.part(low, high))
            first += len(each)
        return Joined(tuple(parts))

    def name(self, place: int) -> str:
        for each in self.parts:
            if place < len(each):
                return each.name(place)
            place -= len(each)
        raise IndexError(place)

    def unpacked(self, folder: Path, should_stop: ShouldStop) -> Joined:
        return Joined(tuple(each.unpacked(folder, should_stop) for each in self.parts))

    def blocks(self, background: int) -> Iterator[Block]:
        first = 0
        for each in self.parts:
            yield from ((first + place, block) for place, block in each.blocks(background))
            first += len(each)


def joined(parts: Sequence[Images]) -> Images:
    return parts[0] if len(parts) == 1 else Joined(tuple(parts))
