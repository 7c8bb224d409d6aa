"""Lets all threads of the window take memory from one arena of the C library.

Symptom: each thread gets an arena of its own, and keeps what it has freed. Opening and closing comparisons widens all of them.
Cost: 80 comparisons leave the window 360 MiB larger; with one arena they leave 180 MiB, nearly all of it by the first ten. Frames
of the window beside a training came no later in one pair of runs.
Version: glibc 2.36, torch 2.14. Other C libraries have no arenas.
Remove when: glibc gives the free pages of every arena back.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_ARENA_MAX = -8  # <malloc.h>


def share_arena() -> None:
    """Keep later threads from getting arenas of their own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
