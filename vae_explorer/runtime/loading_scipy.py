"""scipy in memory, by one thread at a time."""

from __future__ import annotations

import threading

_LOCK, _LOADED = threading.Lock(), threading.Event()


def load_scipy() -> None:
    """Import all parts of scipy that are used; to be called before one of them is imported where it is needed.

    They are slow to import, and the window opens without them. Two threads that import different parts at once may each be given
    modules that the other has not finished, and fail: the parts import one another.
    """
    if _LOADED.is_set():
        return
    with _LOCK:
        import scipy.ndimage
        import scipy.sparse.csgraph
        import scipy.spatial
        import scipy.special  # noqa: F401

        _LOADED.set()
