"""Hides the tab bars that Qt leaves behind. GUI thread only.

Up to Qt 6.11 a QMainWindow whose tabbed docks are laid out before it is shown, or restored, makes tab bars for layouts that it then
throws away; they stay where they were, on top of the panels.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from vae_explorer.gui.runtime.guarded import Guarded

_EVENTS = frozenset({QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show})


class StrayTabs(Guarded, QObject):
    """A tab bar belongs where it begins right below a dock; every other one in sight is hidden after each change of the layout.

    One that Qt has put outside of the window is left alone: Qt shows it again at every layout, so that hiding it would never end.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.setAnimated(False)  # docks and tab bars are where they belong at once
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._sweep)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _EVENTS:
            self._soon.start()
        return False

    @Slot()
    def _sweep(self) -> None:
        docks = [dock.geometry() for dock in self._window.findChildren(QDockWidget) if dock.isVisible()]
        below = {(dock.left(), dock.bottom() + 1) for dock in docks}
        placed: set[tuple[int, int]] = set()
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        inside = [bar for bar in bars if bar.geometry().intersects(self._window.rect())]
        for bar in reversed(inside):  # of two at one place the younger one is in use
            place = (bar.x(), bar.y())
            bar.setVisible(place in below and place not in placed)
            placed.add(place)
