"""Tells whether a person uses the window. A training run then leaves a core free."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

IDLE_AFTER = 1500  # milliseconds


class Activity(QObject):
    """Is busy until no `mark_busy` has come for IDLE_AFTER milliseconds."""

    changed = Signal(bool)  # busy

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IDLE_AFTER)
        self._timer.timeout.connect(self._on_idle)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    @Slot()
    def mark_busy(self) -> None:
        was_busy = self._timer.isActive()
        self._timer.start()
        if not was_busy:
            self.changed.emit(True)

    @Slot()
    def _on_idle(self) -> None:
        self.changed.emit(False)
