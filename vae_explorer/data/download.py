"""One file from one of its mirrors: with progress, cancellable, verified, and never half a file."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
import urllib.error
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


def download(addresses: list[str], target: Path, md5: str, fetching: Fetching) -> None:
    """Fetch `target` from the first of `addresses` that answers and has the right checksum.

    Raises `Cancelled`, or `UserError` within about SECONDS_TO_CONNECT where there is no network.
    """
    deadline = time.monotonic() + SECONDS_TO_CONNECT
    failures = []
    for place, address in enumerate(addresses):
        patience = (deadline - time.monotonic()) / (len(addresses) - place)
        try:
            response = _open(address, max(patience, 0.5), fetching)
            _receive(response, target, md5, fetching)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{address.split('/')[2]}: {getattr(error, 'reason', None) or error}")
        else:
            return
    raise UserError(
        f"cannot download {target.name} ({'; '.join(failures)}); check the network, "
        f"or put the file into {target.parent}, or train on 'digits', which needs no download"
    )


def _open(address: str, patience: float, fetching: Fetching) -> Any:
    """The open response. A name lookup has no time limit of its own, so the waiting is done beside it."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urllib.request.urlopen(address, timeout=_STALL))
        except urllib.error.HTTPError as error:
            error.close()  # it is an open response as well
            answers.put(error)
        except (OSError, HTTPException, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="download-connect").start()
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        _check(fetching)
        try:
            answer = answers.get(timeout=min(left, 0.1))
        except queue.Empty:
            continue
        if isinstance(answer, Exception):
            raise answer
        return answer
    raise TimeoutError("no answer")


def _receive(response: Any, target: Path, md5: str, fetching: Fetching) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    total = int(response.headers.get("Content-Length") or 0)
    done = 0
    with response, atomic_file(target) as file:
        while chunk := _read(response):
            _check(fetching)
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            fetching.progress(target.name, done, total)
        if digest.hexdigest() != md5:
            raise ValueError("what arrived has another checksum")


def _read(response: Any) -> bytes:
    """The next bytes. A dead line raises `HTTPException`, so that it is told from a full disk."""
    try:
        data: bytes = response.read(_CHUNK)
    except OSError as error:
        raise HTTPException(f"the connection broke: {error}") from error
    return data


def _check(fetching: Fetching) -> None:
    if fetching.should_stop():
        raise Cancelled("the download was cancelled; nothing was kept")
