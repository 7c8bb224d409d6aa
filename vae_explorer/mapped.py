"""Arrays that lie in a file and may exceed memory.

A process holds the pages it reads until it releases them.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_mapped(array: NDArray[Any]) -> bool:
    """Tell whether `array` is a `numpy.memmap`, or a view of one."""
    return _mapping(array) is not None


def release(array: NDArray[Any]) -> None:
    """Give back the memory of pages read from a mapped array. Other arrays are left alone."""
    mapping = _mapping(array)
    if mapping is not None and hasattr(mapping, "madvise"):  # Windows trims by itself
        mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
