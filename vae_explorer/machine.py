"""What the machine has: its memory. Knows neither torch nor Qt."""

from __future__ import annotations

import os
from pathlib import Path

_CONTAINER = Path("/sys/fs/cgroup/memory.max")  # of a container on Linux; "max" where it has no limit of its own


def memory() -> int | None:
    """The bytes of memory that this process may use at most; None where the system does not tell."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    try:
        return min(found, int(_CONTAINER.read_text()))
    except (OSError, ValueError):
        return found
