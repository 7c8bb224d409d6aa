"""The training child: a process of its own that runs `main()`.

Reads one (TrainConfig, data_dir) from standard input and writes events to standard output. The end of its input is the order to
stop, so that it also ends where the program that started it is no more.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import BinaryIO

from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.training.events import Failed
from vae_explorer.training.frames import read_frame, write_frame


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to the whole group; the program that started this one decides
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not run into the events
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    message = read_frame(orders)
    if message is None:
        return
    config, data_dir = message
    stop = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(orders, stop), daemon=True, name="orders").start()
    try:
        _train(events, config, data_dir, stop)
    except BrokenPipeError:
        sys.exit(1)


def _train(events: BinaryIO, config: object, data_dir: str | None, stop: threading.Event) -> None:
    try:
        from vae_explorer.training.config import TrainConfig
        from vae_explorer.training.loop import train

        assert isinstance(config, TrainConfig)
        for event in train(config, data_dir, stop.is_set, snapshots=True):
            write_frame(events, event)
    except BrokenPipeError:
        raise
    except UserError as error:
        write_frame(events, Failed(str(error), cancelled=isinstance(error, Cancelled)))
    except Exception as error:  # noqa: BLE001 (the process's edge)
        write_frame(events, Failed(f"training failed: {type(error).__name__}: {error}", traceback.format_exc()))


def _wait_for_the_end(orders: BinaryIO, stop: threading.Event) -> None:
    while orders.read(1):
        pass
    stop.set()


if __name__ == "__main__":
    main()
