"""The training child: a process of its own that runs `main()`.

It loads what training needs and waits. Then it reads one (TrainConfig, data_dir) from standard input, after it any number of whole
numbers, each the number of threads to go on with, and writes events to standard output. The end of its input is the order to stop,
so that it also ends where the program that started it is no more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from typing import BinaryIO

from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.loading_torch import load_torch
from vae_explorer.training.events import Failed
from vae_explorer.training.frames import read_frame, write_frame

_NICE = 10  # the window, which needs little of the processor but that at once, comes first


class _Orders:
    """What the program has said since the config, read on a thread of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ended = False
        self._threads = self._obeyed = 0
        threading.Thread(target=self._read, daemon=True, name="orders").start()

    def should_stop(self) -> bool:
        """Asked by the training thread before every batch, which is also when it takes another number of threads."""
        if self._threads != self._obeyed:
            import torch

            self._obeyed = self._threads
            torch.set_num_threads(self._obeyed)
        return self._ended

    def _read(self) -> None:
        while (threads := read_frame(self._stream)) is not None:
            self._threads = threads
        self._ended = True


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to the whole group; the program that started this one decides
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not run into the events
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    _warm_up()
    message = read_frame(orders)
    if message is None:
        return
    config, data_dir = message
    try:
        _train(events, config, data_dir, _Orders(orders))
    except BrokenPipeError:
        sys.exit(1)


def _warm_up() -> None:
    """What is slow the first time is done while nobody waits for it. What fails here fails again, and is said, in the training."""
    with contextlib.suppress(Exception):
        load_torch()
        from vae_explorer.training.loop import warm_up

        warm_up()


def _train(events: BinaryIO, config: object, data_dir: str | None, orders: _Orders) -> None:
    try:
        from vae_explorer.training.config import TrainConfig
        from vae_explorer.training.loop import train

        assert isinstance(config, TrainConfig)
        for event in train(config, data_dir, orders.should_stop, snapshots=True):
            write_frame(events, event)
    except BrokenPipeError:
        raise
    except UserError as error:
        write_frame(events, Failed(str(error), cancelled=isinstance(error, Cancelled)))
    except Exception as error:  # noqa: BLE001 (the process's edge)
        write_frame(events, Failed(f"training failed: {type(error).__name__}: {error}", traceback.format_exc()))


if __name__ == "__main__":
    main()
