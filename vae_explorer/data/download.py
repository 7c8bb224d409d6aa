"""One file from one of its mirrors: with progress, cancellable, verified, and never half a file."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file

SECONDS_TO_CONNECT = 8.0  # for all mirrors together
_STALL = 8.0  # seconds without a byte
_CHUNK = 1 << 16
_LOOK = 0.1  # seconds between two looks whether it has been cancelled


def download(addresses: list[str], target: Path, md5: str, fetching: Fetching) -> None:
    """Fetch `target` from the first of `addresses` that answers and has the right checksum.

    Raises `Cancelled` at once, or `UserError` within about SECONDS_TO_CONNECT where there is no network.
    """
    deadline = time.monotonic() + SECONDS_TO_CONNECT
    failures = []
    for place, address in enumerate(addresses):
        patience = (deadline - time.monotonic()) / (len(addresses) - place)
        line = _Line(address)
        try:
            _receive(line, max(patience, 0.5), target, md5, fetching)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{address.split('/')[2]}: {getattr(error, 'reason', None) or error}")
        else:
            return
        finally:
            line.hang_up()
    raise UserError(
        f"cannot download {target.name} ({'; '.join(failures)}); check the network, "
        f"or put the file into {target.parent}, or train on 'digits', which needs no download"
    )


class _Line:
    """A download on a thread of its own: neither a name lookup nor a slow read can be broken off, but nobody has to wait for them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._news: queue.Queue[Any] = queue.Queue(maxsize=64)
        self._over = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="download").start()

    def next(self, patience: float, fetching: Fetching) -> Any:
        """What comes next: the size in all (0 where unknown), then pieces, the last one empty.

        Raises `Cancelled` as soon as that is asked for, and what the network raised, or `HTTPException` after `patience` seconds.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if fetching.should_stop():
                raise Cancelled("the download was cancelled; nothing was kept")
            try:
                news = self._news.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if isinstance(news, Exception):
                raise HTTPException(str(getattr(news, "reason", None) or news)) from news
            return news
        raise HTTPException("no answer")

    def hang_up(self) -> None:
        self._over.set()

    def _run(self) -> None:
        try:
            with urllib.request.urlopen(self._address, timeout=_STALL) as response:
                heard = self._tell(int(response.headers.get("Content-Length") or 0))
                while heard and (piece := response.read1(_CHUNK)):
                    heard = self._tell(piece)
                self._tell(b"")
        except (OSError, HTTPException, ValueError) as error:
            self._tell(error)

    def _tell(self, news: Any) -> bool:
        """Whether anybody still listens."""
        while not self._over.is_set():
            try:
                self._news.put(news, timeout=_LOOK)
            except queue.Full:
                continue
            return True
        return False


def _receive(line: _Line, patience: float, target: Path, md5: str, fetching: Fetching) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    total, done = line.next(patience, fetching), 0
    with atomic_file(target) as file:
        while piece := line.next(_STALL, fetching):
            file.write(piece)
            digest.update(piece)
            done += len(piece)
            fetching.progress(target.name, done, total)
        if digest.hexdigest() != md5:
            raise ValueError("what arrived has another checksum")
