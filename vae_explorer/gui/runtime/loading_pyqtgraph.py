"""Imports pyqtgraph without CUDA's bindings.

Symptom: for a widget that this program does not use, pyqtgraph imports the bindings that come along with torch.
Cost: 60 ms of the start.
Version: pyqtgraph 0.14, cuda-bindings 13.
Remove when: pyqtgraph imports the bindings where it uses them.
"""

from __future__ import annotations

import sys

_BINDINGS = "cuda.bindings"


def load_pyqtgraph() -> None:
    """Import pyqtgraph. Qt must be imported before, or pyqtgraph looks for PyQt6."""
    if _BINDINGS in sys.modules:
        return
    sys.modules[_BINDINGS] = None  # type: ignore[assignment]
    try:
        import pyqtgraph  # noqa: F401
    finally:
        del sys.modules[_BINDINGS]
