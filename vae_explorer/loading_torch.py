"""torch in memory, as soon as can be."""

from __future__ import annotations

import gc


def load_torch() -> None:
    """Import torch. Raises `ImportError` or `OSError` where it is broken.

    The half million objects that it makes stay for good. Looking through them over and over for garbage takes a sixth of the time of
    the import, and each time later on holds up the window for 50 ms; so they are not looked at.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        import torch  # noqa: F401

        gc.freeze()
    finally:
        if was_on:
            gc.enable()
