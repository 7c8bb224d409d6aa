"""The panels around the map: where they are docked and how large they are."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_PLACES = {
    "modelDock": ("MODEL", _LEFT),
    "decoderDock": ("DECODER", _RIGHT),
    "inspectorDock": ("INSPECTED CODE", _RIGHT),
    "trainingDock": ("TRAINING", _LEFT),
    "pathDock": ("PATH", _BOTTOM),
}
_SIDE_WIDTH, _DECODER_WIDTH = 232, 308
_ALL_THERE_IS = 10_000  # pixels


_SCROLLING = (
    "pathDock",
    "inspectorDock",
    "decoderDock",
    "trainingDock",
)  # so that the window may be smaller than they would like


class Docks:
    """The docks by name, in the order of `_PLACES`."""

    def __init__(self, window: QMainWindow, panels: dict[str, QWidget]) -> None:
        """`panels`: dock name -> what it holds. The training panel waits for the first training."""
        self._window = window
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._docks = {name: self._add(name, panels[name]) for name in _PLACES}
        self._size()
        self.show_training(False)
        self._initial = window.saveState()

    def all(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def show_training(self, visible: bool) -> None:
        self._docks["trainingDock"].setVisible(visible)

    def reset(self, training: bool) -> None:
        """Every panel back in its place; with `training` that one is shown too."""
        self._window.restoreState(self._initial)
        self._size()
        self.show_training(training)

    def _size(self) -> None:
        """The columns' widths; in the right one the decoded image takes what height the inspector leaves."""
        model, decoder, inspector = (self._docks[name] for name in ("modelDock", "decoderDock", "inspectorDock"))
        self._window.resizeDocks([model, decoder], [_SIDE_WIDTH, _DECODER_WIDTH], Qt.Orientation.Horizontal)
        self._window.resizeDocks([decoder, inspector], [_ALL_THERE_IS, 1], Qt.Orientation.Vertical)

    def _add(self, name: str, panel: QWidget) -> QDockWidget:
        title, area = _PLACES[name]
        dock = QDockWidget(QCoreApplication.translate("Docks", title), self._window)
        dock.setObjectName(name)
        dock.setWidget(_scrolling(panel) if name in _SCROLLING else panel)
        self._window.addDockWidget(area, dock)
        return dock


def _scrolling(panel: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(panel)
    return area
