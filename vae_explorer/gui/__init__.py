"""All of Qt. Views are passive, Session owns the state, workers do what takes time."""

import sys

import PySide6.QtCore  # noqa: F401 (first, as pyqtgraph takes the Qt that is there, or else looks for PyQt6)

if "cuda.bindings" not in sys.modules:
    # For a widget that is not used here pyqtgraph looks for CUDA's own bindings, which come along with torch: a sixteenth of a second.
    sys.modules["cuda.bindings"] = None  # type: ignore[assignment]
    try:
        import pyqtgraph  # noqa: F401
    finally:
        del sys.modules["cuda.bindings"]
