"""torch in memory, as soon as can be."""

from __future__ import annotations

import atexit
import contextlib
import gc
import sys
from collections.abc import Iterator


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


def load_torch() -> None:
    """Import torch. Raises `ImportError` or `OSError` where it is broken.

    The half million objects that it makes stay for good. Looking through them over and over for garbage takes a sixth of the time of
    the import.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        with sparing_the_collector():
            import torch  # noqa: F401
    finally:
        if was_on:
            gc.enable()
