"""Signals that ask the program to end: the first in good order, the next at once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

_ASKING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_ECHO = 1.0  # seconds; `timeout` and service managers send SIGTERM to a process and again to its group


@contextlib.contextmanager
def ending_on_signals(end: Callable[[int], None], again: Callable[[int], None]) -> Iterator[None]:
    """Call `end` on the first of SIGINT, SIGTERM and SIGHUP, and `again` on a later signal.

    Main thread only. A later SIGHUP does not count, since a closing terminal sends several. An ignored SIGHUP stays ignored
    (`nohup`).
    """
    first: list[float] = []

    def handle(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if not first:
            first.append(now)
            end(number)
        elif number == signal.SIGINT or (number == signal.SIGTERM and now - first[0] > _ECHO):
            again(number)

    ignored = {number for number in _ASKING[2:] if signal.getsignal(number) == signal.SIG_IGN}
    before = {number: signal.signal(number, handle) for number in _ASKING if number not in ignored}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


def die(number: int) -> None:
    """End this process at once, as the signal's default action does."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
