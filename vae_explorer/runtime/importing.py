"""Spares imported objects the garbage collector.

Symptom: imports make so many objects that Python collects again and again, and none of the objects is garbage.
Cost: a sixth of the import of torch, and 50 ms until the window paints its first map. A full collection over torch, torchvision and
scipy later stops the window for 110 ms.
Version: Python 3.11.
Remove when: Python collects in small steps.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import sys
import threading
from collections.abc import Iterator

_blocks: list[int] = []  # the threads that are in `without_collecting`


@contextlib.contextmanager
def sparing_the_collector() -> Iterator[None]:
    """Exempt what is imported in the block from garbage collection. Modules stay for good anyway."""
    before = len(sys.modules)
    yield
    if len(sys.modules) > before:
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries complain at exit about objects left over


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Collect nothing in the block, which imports, and exempt its imports from later collections."""
    was_on = gc.isenabled()
    gc.disable()
    _blocks.append(threading.get_ident())
    try:
        with sparing_the_collector():
            yield
    finally:
        _blocks.remove(threading.get_ident())
        if was_on:
            gc.enable()


def may_collect() -> bool:
    """Return whether no thread is in `without_collecting`."""
    return not _blocks
