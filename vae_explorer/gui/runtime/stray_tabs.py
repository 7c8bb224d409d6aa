"""Hides the tab bars that Qt leaves on top of the panels. GUI thread only.

Symptom: a QMainWindow that is laid out before it is shown makes tab bars for layouts that it drops. `restoreState` does so too.
Without this module, five stray tab bars lie on the panels of a new window.
Cost: 0.8 ms after a change of the layout, and 3 ms once the layout was restored.
Version: Qt 6.11.
Remove when: every visible tab bar of a new and of a restored window lies below a dock.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from vae_explorer.gui.runtime.guarded import Guarded

_EVENTS = frozenset({QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show})


class StrayTabs(Guarded, QObject):
    """Hides tab bars that do not begin right below a dock, after each change of the layout.

    Tab bars outside the window stay: Qt shows them again at every layout, so hiding them would never end.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.setAnimated(False)  # an animation would delay the places of docks and tab bars
        self._sweep_timer = QTimer(self)
        self._sweep_timer.setSingleShot(True)
        self._sweep_timer.setInterval(0)
        self._sweep_timer.timeout.connect(self._sweep)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _EVENTS:
            self._sweep_timer.start()
        return False

    @Slot()
    def _sweep(self) -> None:
        docks = [dock.geometry() for dock in self._window.findChildren(QDockWidget) if dock.isVisible()]
        below = {(dock.left(), dock.bottom() + 1) for dock in docks}
        placed: set[tuple[int, int]] = set()
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        inside = [bar for bar in bars if bar.geometry().intersects(self._window.rect())]
        for bar in reversed(inside):  # of two tab bars at one place, Qt uses the newer
            place = (bar.x(), bar.y())
            bar.setVisible(place in below and place not in placed)
            placed.add(place)
