"""Imports scipy late, and in one thread at a time.

Symptom: the parts of scipy import one another. Two threads that import different parts at once may get unfinished modules, and fail.
Cost: the import takes 0.9 seconds on two cores, and the window opens without scipy.
Version: scipy 1.17, Python 3.11.
Remove when: scipy imports its parts lazily by itself, and safely under threads.
"""

from __future__ import annotations

import threading

_LOCK, _LOADED = threading.Lock(), threading.Event()


def load_scipy() -> None:
    """Import every part of scipy that the program uses.

    Call this before importing a part in a function.
    """
    if _LOADED.is_set():
        return
    with _LOCK:
        import scipy.ndimage
        import scipy.sparse.csgraph
        import scipy.spatial
        import scipy.special  # noqa: F401

        _LOADED.set()
