"""Keeps the unpacked arrays of a source, so that many previews unpack it once."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

from vae_explorer.data.base import ShouldStop
from vae_explorer.data.own.found import Found, Images

MOST = 1 << 31  # bytes; the folder of temporary files may lie in memory


class Unpacked:
    """Holds the arrays of the newest source in a temporary folder. The folder goes with the last reference to this object.

    Arrays of more than `most` bytes in all stay for one block of `opened` alone.
    """

    def __init__(self, most: int = MOST) -> None:
        self._folder, self._most, self._digest = Path(tempfile.mkdtemp(prefix="vae-explorer-")), most, ""
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @contextlib.contextmanager
    def opened(self, found: Found, should_stop: ShouldStop) -> Iterator[Images]:
        """Give the images of `found` in plain files, unpacked now unless the files are here and the source has not changed.

        Raises `UserError`, `OSError` and `Cancelled`.
        """
        if found.digest != self._digest:
            self._empty()
            self._digest = found.digest
        try:
            yield found.images.unpacked(self._folder, should_stop)
        finally:
            if sum(path.stat().st_size for path in self._folder.iterdir()) > self._most:
                self._empty()

    def _empty(self) -> None:
        for path in self._folder.iterdir():
            path.unlink()
