"""Checksums of large files, computed by all processors."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.data.own.stopping import check_stop
from vae_explorer.machine import processors

_PIECE = 1 << 24  # bytes


def checksum(path: Path, should_stop: ShouldStop = never) -> str:
    """Return the SHA-256 of the SHA-256 of each 16 MiB of a file, as hexadecimal digits.

    A plain SHA-256 would use one processor. Raises `Cancelled` once `should_stop` is true.
    """
    starts = range(0, max(os.path.getsize(path), 1), _PIECE)
    with ThreadPoolExecutor(min(processors(), len(starts))) as threads:
        pieces = threads.map(lambda start: _piece(path, start, should_stop), starts)
        return hashlib.sha256(b"".join(pieces)).hexdigest()


def _piece(path: Path, start: int, should_stop: ShouldStop) -> bytes:
    check_stop(should_stop)
    with path.open("rb") as file:
        file.seek(start)
        return hashlib.sha256(file.read(_PIECE)).digest()
