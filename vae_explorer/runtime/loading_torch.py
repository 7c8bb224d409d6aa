"""Imports torch beside other imports.

Symptom: the import of torch holds the interpreter's lock, so a window stands still.
Cost: opening the shared libraries takes half a second, but a call by ctypes holds no lock.
Version: torch 2.14, Linux. On other systems the import opens the libraries.
Remove when: torch opens its libraries without the lock.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import threading
from pathlib import Path

from vae_explorer.runtime.importing import without_collecting

_LIBRARIES = "lib/libtorch.so"  # depends on nearly all others; exists on Linux


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
    with without_collecting():
        for thread in _opening:
            thread.join()
        import torch  # noqa: F401
