"""The reading child process, which runs `main()`: jobs on standard input, answers on standard output.

The end of the input ends the child.
"""

from __future__ import annotations

import os
import signal

from vae_explorer.data.own.jobs import Job, do
from vae_explorer.frames import read_frame, write_frame

READY = "ready"
_NICE = 5  # a window beside the children stays smooth
_OF_THE_TERMINAL = ("SIGINT", "SIGTERM", "SIGHUP")  # the program, which gets them too, ends its children


def main() -> None:
    for name in _OF_THE_TERMINAL:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # keeps the prints of libraries out of the answers
    try:
        write_frame(answers, READY)
        while (job := read_frame(orders)) is not None:
            assert isinstance(job, Job)
            write_frame(answers, _answer(job))
    except BrokenPipeError:
        os._exit(1)


def _answer(job: Job) -> object:
    try:
        return do(job)
    except Exception as error:  # noqa: BLE001 (the process's edge; the program raises it)
        return error
