"""Downloads one file from its mirrors: over TLS, with known size and SHA-256, never partly."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any

from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file

SECONDS_TO_CONNECT = 8.0  # for all mirrors together
_STALL = 8.0  # seconds without a byte
GRACE, _SLOWEST = 20.0, 2_000.0  # seconds of grace; then a mirror must average so many bytes a second
_CHUNK = 1 << 16
_LOOK = 0.1  # seconds between two checks for cancelling
_SECURE = "https://"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a data set as its publisher made it. A mirror must send exactly this file."""

    name: str
    size: int  # bytes
    sha256: str  # hexadecimal, of the whole file

    def is_in(self, path: Path) -> bool:
        """Tell whether `path` holds this file. A file of another size is not read.

        Raises `OSError`.
        """
        if path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while piece := file.read(_CHUNK):
                digest.update(piece)
        return digest.hexdigest() == self.sha256


def download(remote: RemoteFile, addresses: list[str], target: Path, fetching: Fetching) -> None:
    """Fetch `remote` into `target` from the first address that sends exactly that file.

    Addresses without TLS are skipped, also after a redirect. Raises `Cancelled` at once, or `UserError` within about
    SECONDS_TO_CONNECT without a network.
    """
    deadline = time.monotonic() + SECONDS_TO_CONNECT
    failures = []
    for place, address in enumerate(addresses):
        patience = (deadline - time.monotonic()) / (len(addresses) - place)
        line = _Line(address, remote.size)
        try:
            _receive(line, max(patience, 0.5), target, remote, fetching)
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


class _TlsAlone(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        _check_secure(newurl, "the mirror redirects to an address without TLS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_secure(address: str, complaint: str = "the address has no TLS") -> None:
    if not address.lower().startswith(_SECURE):
        raise ValueError(complaint)


class _Line:
    """A download on its own thread, since name lookups and slow reads cannot be interrupted."""

    def __init__(self, address: str, size: int) -> None:
        self._address, self._size = address, size
        self._news: queue.Queue[Any] = queue.Queue(maxsize=64)
        self._over = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="download").start()

    def next(self, patience: float, fetching: Fetching) -> Any:
        """Return the next news: None once the mirror answers, then pieces, the last piece empty.

        Raises `Cancelled`, the network's error, or `HTTPException` after `patience` seconds.
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
            _check_secure(self._address)
            with urllib.request.build_opener(_TlsAlone).open(self._address, timeout=_STALL) as response:
                announced = response.headers.get("Content-Length")
                if announced is not None and int(announced) != self._size:
                    raise ValueError(f"the mirror announces {int(announced):,} bytes, but the file has {self._size:,}")
                left, heard = self._size, self._tell(None)
                while heard and (piece := response.read1(min(_CHUNK, left + 1))):  # a surplus byte ends the download
                    left -= len(piece)
                    if left < 0:
                        raise ValueError(f"the mirror sends more than the {self._size:,} bytes of the file")
                    heard = self._tell(piece)
                self._tell(b"")
        except (OSError, HTTPException, ValueError) as error:
            self._tell(error)

    def _tell(self, news: Any) -> bool:
        """Pass on news, and tell whether anybody still listens."""
        while not self._over.is_set():
            try:
                self._news.put(news, timeout=_LOOK)
            except queue.Full:
                continue
            return True
        return False


def _receive(line: _Line, patience: float, target: Path, remote: RemoteFile, fetching: Fetching) -> None:
    digest = hashlib.sha256()
    line.next(patience, fetching)
    done, begun = 0, time.monotonic()
    with atomic_file(target) as file:
        while piece := line.next(_STALL, fetching):
            file.write(piece)
            digest.update(piece)
            done += len(piece)
            if done < _SLOWEST * (time.monotonic() - begun - GRACE):
                raise ValueError(f"the mirror sends fewer than {_SLOWEST:,.0f} bytes a second")
            fetching.progress(target.name, done, remote.size)
        if done < remote.size:
            raise ValueError(f"the mirror sent {done:,} of {remote.size:,} bytes")
        if digest.hexdigest() != remote.sha256:
            raise ValueError("the downloaded file has another SHA-256")
