"""Finds out the machine's memory and processors. Knows neither torch nor Qt."""

from __future__ import annotations

import os
from pathlib import Path

_CONTAINER = Path("/sys/fs/cgroup/memory.max")  # limit of a Linux container, or "max" for none


def memory() -> int | None:
    """Return the bytes of memory that this process may use; None if the system does not tell."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    try:
        return min(found, int(_CONTAINER.read_text()))
    except (OSError, ValueError):
        return found


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
