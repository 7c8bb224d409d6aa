"""Python's cyclic garbage is collected on the GUI thread alone.

Left to itself the collector runs on whichever thread makes the next object. Items, timers and widgets of a closed window are in cycles,
and Qt's objects must go on the thread that they live on: elsewhere their timers and events outlive them, and the program crashes.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_LOOK = 200  # milliseconds between two looks


class GarbageCollector(QObject):
    """Looks from time to time, by the collector's own counts, for as long as it lives; then Python collects by itself again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self.destroyed.connect(lambda: gc.enable())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK)

    def look(self) -> None:
        """Collect the oldest generation that is due. On the GUI thread."""
        due = [count > threshold > 0 for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
