"""The training child process, which runs `main()`.

Standard input brings one (TrainConfig, data_dir), then whole numbers: a number of threads, or STOP. Events go to standard
output. The end of the input ends the child at once. The child writes only data sets, atomically.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import traceback
from queue import SimpleQueue
from typing import BinaryIO

from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.frames import read_frame, write_frame
from vae_explorer.runtime.loading_torch import load_torch
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import STOP, Failed

_NICE = 10  # the window needs little of the processor, but without delay
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_OF_THE_PROGRAM = ("SIGINT", "SIGTERM", "SIGHUP")  # a terminal sends them to the child too; the program ends its child


class Orders:
    """Orders from the program, read on a thread of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._configs: SimpleQueue[tuple[object, str | None]] = SimpleQueue()
        self._stopped = False
        self._threads = self._obeyed = 0
        threading.Thread(target=self._read, daemon=True, name="orders").start()

    def wait_for_config(self) -> tuple[object, str | None]:
        """Return the (TrainConfig, data_dir) to train with."""
        return self._configs.get()

    def should_stop(self) -> bool:
        """Tell whether to stop, before each batch; also sets the number of threads."""
        if self._threads != self._obeyed:
            import torch

            self._obeyed = self._threads
            torch.set_num_threads(self._obeyed)
        return self._stopped

    def _read(self) -> None:
        while (order := read_frame(self._stream)) is not None:
            if order == STOP:
                self._stopped = True
            elif isinstance(order, int):
                self._threads = order
            else:
                self._configs.put(order)
        os._exit(0)  # waits for no thread, import or evaluation


def main() -> None:
    for name in _OF_THE_PROGRAM:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _end_with_the_program()
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # keeps the prints of libraries out of the events
    orders = Orders(os.fdopen(os.dup(0), "rb", buffering=0))
    if hasattr(os, "nice"):
        os.nice(_NICE)
    _warm_up()
    config, data_dir = orders.wait_for_config()
    try:
        _train(events, config, data_dir, orders)
    except BrokenPipeError:
        sys.exit(1)


def _end_with_the_program() -> None:
    """Let Linux end this process with its parent, even while an import holds the lock."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _warm_up() -> None:
    """Do the slow first-time work early. A failure shows again in the training."""
    with contextlib.suppress(Exception):
        load_torch()
        from vae_explorer.training.loop import warm_up

        warm_up()


def _train(events: BinaryIO, config: object, data_dir: str | None, orders: Orders) -> None:
    try:
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
