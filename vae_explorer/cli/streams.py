"""Handles dead standard streams: a closed pipe or terminal, a full disk."""

from __future__ import annotations

import contextlib
import os
import sys


def silence_dead_streams() -> None:
    """Redirect a dead stream to nowhere; otherwise Python fails on its buffer again at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
