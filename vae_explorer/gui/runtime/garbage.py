"""Collects Python's cyclic garbage on the GUI thread alone.

Symptom: Python collects on the thread that makes the next object. Widgets, items and timers of a closed window lie in cycles. Qt's
objects must be deleted on their own thread: elsewhere, their timers and events outlive them, and the program crashes.
Cost: one look each 200 ms, a few microseconds.
Version: PySide6 6.11, Python 3.11.
Remove when: PySide6 hands objects of other threads to `deleteLater`.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_LOOK = 200  # milliseconds between looks


class GarbageCollector(QObject):
    """Collects while it lives. Then Python's own collector runs again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self.destroyed.connect(lambda: gc.enable())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK)

    def look(self) -> None:
        """Collect the oldest generation that is due by Python's thresholds."""
        due = [count > threshold > 0 for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
