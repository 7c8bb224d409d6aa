"""Whether somebody is at work with the window: what trains beside it then leaves a core free."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

IDLE_AFTER = 1500  # milliseconds without a sign of life


class Activity(QObject):
    """Busy from the first `mark_busy` on, until there was none for IDLE_AFTER milliseconds."""

    changed = Signal(bool)  # busy

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IDLE_AFTER)
        self._timer.timeout.connect(self._rest)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    @Slot()
    def mark_busy(self) -> None:
        """Something moves: the cursor, a path, an animation, the map."""
        was_busy = self._timer.isActive()
        self._timer.start()
        if not was_busy:
            self.changed.emit(True)

    @Slot()
    def _rest(self) -> None:
        self.changed.emit(False)
