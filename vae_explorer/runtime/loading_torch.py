"""torch in memory, as soon as can be."""

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

_LIBRARIES = "lib/libtorch.so"  # which brings nearly all others; it is there on Linux


@contextlib.contextmanager
def sparing_the_collector() -> Iterator[None]:
    """What is imported meanwhile stays for good, so from then on it is not looked through for garbage.

    With torch, torchvision and scipy in memory the collector's full round else holds up the window for 110 ms.
    """
    before = len(sys.modules)
    yield
    if len(sys.modules) > before:
        gc.freeze()
        atexit.register(gc.unfreeze)  # the end of the process is when it must all go; libraries complain of what is left


def open_libraries() -> None:
    """Have a thread open torch's shared libraries, so that `load_torch` need not, where they can be opened so.

    It takes half a second, in which an import holds the interpreter's lock, and a window stands still; a call by ctypes does not.
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
    loader.dlopen(os.fsencode(libraries), os.RTLD_NOW)  # where it fails, so does the import, and says why


def load_torch() -> None:
    """Import torch. Raises `ImportError` or `OSError` where it is broken.

    The half million objects that it makes stay for good. Looking through them over and over for garbage takes a sixth of the time of
    the import.
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
