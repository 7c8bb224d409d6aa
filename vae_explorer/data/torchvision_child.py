"""The downloading child process, which runs `main()`.

Standard input brings one (class, arguments of each part, folder). Standard output gets (file, bytes done, bytes in all) for
progress, then the reason of a failure, or "". The end of the input ends the child at once.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import urllib.request
from http.client import HTTPResponse
from typing import Any, BinaryIO

from vae_explorer.frames import read_frame, write_frame

_STALL = 8.0  # seconds without a byte
_OFTEN = 0.1  # seconds between two reports
_OF_THE_TERMINAL = ("SIGINT", "SIGTERM", "SIGHUP")  # the program, which gets them too, ends its child


def main() -> None:
    for name in _OF_THE_TERMINAL:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    orders, news = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # keeps the prints of libraries out of the news
    order = read_frame(orders)
    threading.Thread(target=_end_with_the_program, args=(orders,), daemon=True).start()
    if order is not None:
        kind, parts, folder = order
        write_frame(news, _failure(kind, parts, folder, news))


def _end_with_the_program(orders: BinaryIO) -> None:
    orders.read(1)
    os._exit(0)  # waits for no import or download


def _failure(kind: str, parts: list[dict[str, Any]], folder: str, news: BinaryIO) -> str:
    """Download, check and read each part. Return why that failed, "" if it did not."""
    try:
        socket.setdefaulttimeout(_STALL)  # torchvision sets none
        urllib.request.install_opener(urllib.request.build_opener(_Counting(news)))
        from torchvision import datasets

        for part in parts:
            getattr(datasets, kind)(folder, download=True, **part)
    except Exception as error:  # noqa: BLE001 (the process's edge; the program says it)
        return " ".join(str(error).split()) or type(error).__name__
    return ""


class _Counting(urllib.request.BaseHandler):
    """Reports how much of each answer has been read."""

    def __init__(self, news: BinaryIO) -> None:
        self._news = news

    def http_response(self, request: urllib.request.Request, response: HTTPResponse) -> HTTPResponse:
        name, total, read = request.full_url.rpartition("/")[2], response.length or 0, response.read
        done, told = 0, 0.0

        def counted(amt: int | None = None) -> bytes:
            nonlocal done, told
            piece = read(amt)
            done += len(piece)
            if done == total or time.monotonic() - told > _OFTEN:
                told = time.monotonic()
                write_frame(self._news, (name, done, total))
            return piece

        response.read = counted  # type: ignore[method-assign]
        return response

    https_response = http_response
