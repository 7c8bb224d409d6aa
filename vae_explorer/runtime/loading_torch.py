"""Imports torch beside other imports, and spares its objects the garbage collector.

Symptom: the import of torch holds the interpreter's lock, so a window stands still; garbage collections do so later.
Cost: opening the shared libraries takes half a second, but a call by ctypes holds no lock. Collecting garbage takes a sixth of the
import. A full collection over torch, torchvision and scipy later stops the window for 110 ms.
Version: torch 2.14, Linux. On other systems the import opens the libraries.
Remove when: torch opens its libraries without the lock, and Python collects in small steps.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_LIBRARIES = "lib/libtorch.so"  # depends on nearly all others; exists on Linux


@contextlib.contextmanager
def sparing_the_collector() -> Iterator[None]:
    """Exempt what is imported in the block from garbage collection.

    Modules stay for good anyway, and a full round over them costs 110 ms.
    """
    before = len(sys.modules)
    yield
    if len(sys.modules) > before:
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries complain at exit about objects left over


def open_libraries() -> None:
    """Start a thread that opens torch's shared libraries, so that `load_torch` finds them open.

    Does nothing where the libraries have another place.
    """
    spec = importlib.util.find_spec("torch")
    libraries = Path(spec.origin).parent / _LIBRARIES if spec is not None and spec.origin else None
    if libraries is not None and libraries.is_file():
        _opening.append(threading.Thread(target=_open, args=(libraries,), name="libraries"))
        _opening[-1].start()


_opening: list[threading.Thread] = []


def _open(libraries: Path) -> None:
    loader = ctypes.CDLL(None)
    loader.dlopen.argtypes, loader.dlopen.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    loader.dlopen(os.fsencode(libraries), os.RTLD_NOW)  # a failure here fails the import too, which says why


def load_torch() -> None:
    """Import torch without collecting garbage.

    Raises `ImportError` or `OSError` if torch is broken.
    """
    for thread in _opening:
        thread.join()
    was_on = gc.isenabled()
    gc.disable()
    try:
        with sparing_the_collector():
            import torch  # noqa: F401
    finally:
        if was_on:
            gc.enable()
