"""The panels around the map: where they are docked and how large they are."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

from vae_explorer.gui.stray_tabs import StrayTabs

_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_PLACES = {
    "modelDock": ("MODEL", _LEFT),
    "decoderDock": ("DECODER", _RIGHT),
    "inspectorDock": ("INSPECTED CODE", _RIGHT),
    "evidenceDock": ("EVIDENCE", _RIGHT),
    "drawDock": ("DRAW", _RIGHT),
    "trainingDock": ("TRAINING", _LEFT),
    "healthDock": ("HEALTH", _LEFT),
    "pathDock": ("PATH", _BOTTOM),
    "equationDock": ("EQUATION", _BOTTOM),
    "samplesDock": ("SAMPLES", _BOTTOM),
    "extremesDock": ("BEST AND WORST", _BOTTOM),
}
_TABS = (  # that share a place; the first one lies on top
    ("healthDock", "trainingDock"),
    ("pathDock", "equationDock", "samplesDock", "extremesDock"),
    ("inspectorDock", "evidenceDock", "drawDock"),
)
_SCROLLING = {  # so that the window may be smaller than they would like
    "modelDock": Qt.Orientation.Vertical,
    "inspectorDock": Qt.Orientation.Vertical,
    "healthDock": Qt.Orientation.Vertical,
    "evidenceDock": Qt.Orientation.Vertical,
    "drawDock": Qt.Orientation.Vertical,
    "pathDock": Qt.Orientation.Horizontal,
    "equationDock": Qt.Orientation.Horizontal,
    "samplesDock": Qt.Orientation.Horizontal,
    "extremesDock": Qt.Orientation.Horizontal,
}
_SIDE_WIDTH, _DECODER_WIDTH = 232, 308
_UNDER_THE_IMAGE = 130  # pixels of words, and the dock's title
_LEAST = 100  # pixels of a panel: less and nothing on it can be read
_SCROLL_BAR = 10
_WIDE, _NARROW = 600, 470  # pixels of a pane with room for a column beside the map, and for two panels side by side
_HEALTH_SHARE = 0.215  # of the left column, for what lies under the model
_IMAGE_SHARE = 0.58  # of that column, at least, for the decoder
_ROW_SHARE = 0.36  # of a narrow pane's height, for what lies under the map


class Docks:
    """The docks by name, in the order of `_PLACES`."""

    def __init__(self, window: QMainWindow, panels: dict[str, QWidget]) -> None:
        """`panels`: dock name -> what it holds. The training panel waits for the first training."""
        self._window = window
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._docks = {name: self._add(name, panels[name]) for name in _PLACES}
        self._stray_tabs = StrayTabs(window)
        for first, *others in _TABS:
            for name in others:
                window.tabifyDockWidget(self._docks[first], self._docks[name])
            self._docks[first].raise_()
        self.size()
        self.show_training(False)
        self._initial = window.saveState()

    def dock(self, name: str) -> QDockWidget:
        return self._docks[name]

    def all(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def show(self, name: str, visible: bool) -> None:
        self._docks[name].setVisible(visible)
        if visible:
            self._docks[name].raise_()
        if name == "modelDock":
            self._window.resizeDocks([self._docks[name]], [_SIDE_WIDTH], Qt.Orientation.Horizontal)

    def show_training(self, visible: bool) -> None:
        self._docks["trainingDock"].setVisible(visible)
        if visible:
            self._docks["trainingDock"].raise_()

    def reset(self, training: bool) -> None:
        """Every panel back in its place; with `training` that one is shown too."""
        self._window.restoreState(self._initial)
        self.size()
        self.show_training(training)

    def size(self) -> None:
        """The columns' widths; in the right one the decoded image is as large as the inspector and the column let it be."""
        model, decoder, inspector = (self._docks[name] for name in ("modelDock", "decoderDock", "inspectorDock"))
        self._window.resizeDocks([model, decoder], [_SIDE_WIDTH, _DECODER_WIDTH], Qt.Orientation.Horizontal)
        height = inspector.sizeHint().height()
        column = self._window.height()
        below = round(_HEALTH_SHARE * column)
        self._window.resizeDocks([model, self._docks["healthDock"]], [column - below, below], Qt.Orientation.Vertical)
        image = max(min(column - height, _DECODER_WIDTH + _UNDER_THE_IMAGE), 1)
        self._window.resizeDocks([decoder, inspector], [image, column - image], Qt.Orientation.Vertical)

    def arrange(self, pane: QSize) -> None:
        """For a map beside others, in a pane of this size: decoder and inspector at its right, where it is narrow below it."""
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)
        for name in ("modelDock", "trainingDock", "healthDock", "pathDock"):
            self._window.addDockWidget(_PLACES[name][1], self._docks[name])
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        self._window.setCorner(Qt.Corner.BottomRightCorner, _BOTTOM)
        wide = pane.width() >= _WIDE
        self._window.addDockWidget(_RIGHT if wide else _BOTTOM, decoder)
        if not wide:
            self._window.splitDockWidget(decoder, path, Qt.Orientation.Vertical)
        self._window.splitDockWidget(decoder, inspector, Qt.Orientation.Vertical if wide else Qt.Orientation.Horizontal)
        self._window.addDockWidget(_BOTTOM, self._docks["samplesDock"])
        self._window.tabifyDockWidget(path, self._docks["samplesDock"])
        for dock in (decoder, inspector, path):
            dock.show()
        inspector.setVisible(pane.width() >= _NARROW)

    def size_arranged(self, pane: QSize) -> None:
        """The panels' sizes after `arrange`, once the map has the room that it asked for."""
        (self._size_column if pane.width() >= _WIDE else self._size_row)(pane)

    def _size_column(self, pane: QSize) -> None:
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        self._window.resizeDocks([path], [1], Qt.Orientation.Vertical)
        self._window.resizeDocks([decoder], [min(_DECODER_WIDTH, pane.width() // 2)], Qt.Orientation.Horizontal)
        column = pane.height() - path.minimumSizeHint().height()
        image = max(column - inspector.sizeHint().height(), round(_IMAGE_SHARE * column))
        self._window.resizeDocks([decoder, inspector], [image, column - image], Qt.Orientation.Vertical)

    def _size_row(self, pane: QSize) -> None:
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        self._window.resizeDocks([decoder, path], [round(_ROW_SHARE * pane.height()), 1], Qt.Orientation.Vertical)
        self._window.resizeDocks([decoder, inspector], [pane.width(), 1], Qt.Orientation.Horizontal)

    def _add(self, name: str, panel: QWidget) -> QDockWidget:
        title, area = _PLACES[name]
        dock = QDockWidget(QCoreApplication.translate("Docks", title), self._window)
        dock.setObjectName(name)
        dock.setWidget(_Scrolling(panel, _SCROLLING[name]) if name in _SCROLLING else panel)
        dock.toggleViewAction().triggered.connect(lambda shown: dock.raise_() if shown else None)  # before others of its place
        self._window.addDockWidget(area, dock)
        return dock


class _Scrolling(QScrollArea):
    """Wants as much room as its panel does, and makes do with less in one direction."""

    def __init__(self, panel: QWidget, direction: Qt.Orientation) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        least = panel.minimumSizeHint()
        if direction == Qt.Orientation.Horizontal:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setMinimumSize(_LEAST, least.height() + _SCROLL_BAR)
        else:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setMinimumSize(least.width() + _SCROLL_BAR, _LEAST)
        self.setWidget(panel)
        self._panel = panel

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint().expandedTo(self.minimumSize())
