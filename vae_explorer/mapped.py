"""Arrays that lie in a file and may be larger than memory. A process pays for the pages that it has read until it gives them back."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_mapped(array: NDArray[Any]) -> bool:
    """Whether `array` is a `numpy.memmap`, or a part of one that was not copied."""
    return _mapping(array) is not None


def release(array: NDArray[Any]) -> None:
    """Give the memory of what was read from a mapped array back; the system may keep it as its cache. Others are left alone."""
    mapping = _mapping(array)
    if mapping is not None and hasattr(mapping, "madvise"):  # Windows trims by itself
        mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
