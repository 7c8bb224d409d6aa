"""Docks the panels around the map, and sizes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QCoreApplication, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

from vae_explorer.gui.features.feature import Feature
from vae_explorer.gui.features.table import with_panels
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.gui.runtime.stray_tabs import StrayTabs

_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_SIDE_WIDTH, _DECODER_WIDTH = 232, 308
_UNDER_THE_IMAGE = 130  # pixels of text and of the dock's title
_LEAST = 100  # pixels of a readable panel
_SCROLL_BAR = 10
_WIDE, _NARROW = 600, 470  # pixels of a pane with room for a column beside the map, or for two panels side by side
_HEALTH_SHARE = 0.215  # of the left column, for the panels under the model
_BESIDE = 240  # pixels of the decoder beside the inspector
_IMAGE_SHARE = 0.36  # of the right column, at least, for the decoder
_TRAINING_SHARE = 0.4  # of the left column, for the curves
_ROW_SHARE = 0.4  # of a narrow pane's height, for the panels under the map


def is_narrow(pane: QSize) -> bool:
    """Return whether the panels lie below the map, since they do not fit beside it."""
    return pane.width() < _WIDE


@dataclass(frozen=True)
class KeptLayout(Kept):
    state: str  # `QMainWindow.saveState` as hexadecimal digits


class Docks:
    """The docks by name, in the order of the features."""

    kept_as = "layout"

    def __init__(self, window: QMainWindow, panels: Mapping[str, QWidget]) -> None:
        """`panels` maps features to panels. The first training shows the training panel."""
        self._window = window
        self._training_begun = self._training_runs = False
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._features = {feature.dock: feature for feature in with_panels()}
        self._docks = {name: self._add(feature, panels[feature.name]) for name, feature in self._features.items()}
        self._stray_tabs = StrayTabs(window)
        for feature in with_panels():
            if feature.tab_of:
                window.tabifyDockWidget(self._docks[f"{feature.tab_of}Dock"], self._docks[feature.dock])
        for first in {feature.tab_of: None for feature in with_panels() if feature.tab_of}:
            self._docks[f"{first}Dock"].raise_()
        self.size()
        self.show_training(False)
        self._offered = {name: False for name, feature in self._features.items() if not feature.offered}
        self._closed: set[str] = set()  # panels that a person has closed before they were withdrawn
        for name in self._offered:
            self._docks[name].toggleViewAction().setVisible(False)
        self.withdraw()
        self._initial = window.saveState()

    def dock(self, name: str) -> QDockWidget:
        return self._docks[name]

    def all(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def show(self, name: str, visible: bool) -> None:
        """Show or hide a panel. A panel that is not offered stays hidden."""
        visible = visible and self.is_offered(name)
        self._docks[name].setVisible(visible)
        if visible:
            self._docks[name].raise_()
        if name == "modelDock":
            self._window.resizeDocks([self._docks[name]], [_SIDE_WIDTH], Qt.Orientation.Horizontal)

    def is_offered(self, name: str) -> bool:
        """Return whether the model has the panel."""
        return self._offered.get(name, True)

    def offer(self, name: str, offered: bool) -> None:
        """Show a panel that only some models have, with its menu entry, or withdraw both. A closed panel stays closed."""
        if offered == self._offered[name]:
            return
        dock, self._offered[name] = self._docks[name], offered
        if not offered and dock.isHidden():
            self._closed.add(name)
        elif not offered:
            self._closed.discard(name)
        dock.toggleViewAction().setVisible(offered)
        dock.setVisible(offered and name not in self._closed)

    def withdraw(self) -> None:
        """Hide the panels that are not offered. A stored layout may show them."""
        for name, offered in self._offered.items():
            if not offered:
                self._docks[name].hide()

    def note_training(self, begun: bool, running: bool) -> None:
        """Remember whether a run has begun and whether it goes on. The next layout follows."""
        self._training_begun, self._training_runs = begun, running

    def show_run(self) -> None:
        """Show the training panel while a run goes on, and hide it otherwise."""
        self.show_training(self._training_runs)

    def show_training(self, visible: bool) -> None:
        model, training = self._docks["modelDock"], self._docks["trainingDock"]
        was_hidden = training.isHidden()
        training.setVisible(visible)
        if not visible:
            if not was_hidden:
                self._size_left()
            return
        training.raise_()
        if was_hidden and self._window.dockWidgetArea(training) == _LEFT:  # elsewhere in a comparison
            curves = round(_TRAINING_SHARE * self._window.height())
            self._window.resizeDocks([model, training], [self._window.height() - curves, curves], Qt.Orientation.Vertical)

    def kept(self) -> KeptLayout:
        return KeptLayout(bytes(self._window.saveState().data()).hex())

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptLayout)
        self._window.restoreState(QByteArray(bytes.fromhex(kept.state)))
        self.withdraw()
        if self._training_runs:
            self.show_training(True)

    def reset(self) -> None:
        """Put every panel back. The training panel shows once a run has begun."""
        self._window.restoreState(self._initial)
        self._closed.clear()
        for name, offered in self._offered.items():
            self._docks[name].setVisible(offered)
        self.size()
        self.show_training(self._training_begun)

    def size(self) -> None:
        model, decoder, inspector = (self._docks[name] for name in ("modelDock", "decoderDock", "inspectorDock"))
        self._window.resizeDocks([model, decoder], [_SIDE_WIDTH, _DECODER_WIDTH], Qt.Orientation.Horizontal)
        height = inspector.sizeHint().height()
        self._size_left()
        column = self._window.height()
        image = max(min(column - height, _DECODER_WIDTH + _UNDER_THE_IMAGE), 1)
        self._window.resizeDocks([decoder, inspector], [image, column - image], Qt.Orientation.Vertical)

    def _size_left(self) -> None:
        """Size the left column without training. Qt would give that room to the lowest panel."""
        column = self._window.height()
        below = round(_HEALTH_SHARE * column)
        docks = [self._docks["modelDock"], self._docks["healthDock"]]
        self._window.resizeDocks(docks, [column - below, below], Qt.Orientation.Vertical)

    def arrange(self, pane: QSize) -> None:
        """Put decoder and inspector right of a map in this pane, or below in a narrow pane."""
        self.make_path_low(True)
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)
        for name in ("modelDock", "healthDock", "pathDock"):
            self._window.addDockWidget(self._area(self._features[name]), self._docks[name])
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        self._window.setCorner(Qt.Corner.BottomRightCorner, _BOTTOM)
        wide = not is_narrow(pane)
        self._window.addDockWidget(_RIGHT if wide else _BOTTOM, decoder)
        if not wide:
            self._window.splitDockWidget(decoder, path, Qt.Orientation.Vertical)
        self._window.splitDockWidget(decoder, inspector, Qt.Orientation.Vertical if wide else Qt.Orientation.Horizontal)
        for name, feature in self._features.items():
            if feature.tab_of and name != "trainingDock":
                self._window.addDockWidget(self._area(feature), self._docks[name])
                self._window.tabifyDockWidget(self._docks[f"{feature.tab_of}Dock"], self._docks[name])
        for dock in (decoder, inspector, path):
            dock.show()
        inspector.setVisible(pane.width() >= _NARROW)
        self.withdraw()
        self._arrange_training(pane)

    def _arrange_training(self, pane: QSize) -> None:
        """Give training a column if the map keeps its room, else a tab."""
        training = self._docks["trainingDock"]
        if pane.width() >= _WIDE + _SIDE_WIDTH:
            self._window.addDockWidget(_LEFT, training)
        else:
            self._window.tabifyDockWidget(self._docks["inspectorDock" if pane.width() >= _NARROW else "pathDock"], training)

    def make_path_low(self, low: bool) -> None:
        """Let the path panel shrink to its film strip, or restore its first least size."""
        panel = self._docks["pathDock"].widget()
        assert isinstance(panel, _Scrolling)
        if low:
            panel.measure()
        else:
            panel.setMinimumSize(panel.first_least)

    def size_arranged(self, pane: QSize) -> None:
        """Size the panels after `arrange`, once the map has its room."""
        (self._size_row if is_narrow(pane) else self._size_column)(pane)

    def _size_column(self, pane: QSize) -> None:
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        self._window.resizeDocks([path], [1], Qt.Orientation.Vertical)
        self._window.resizeDocks([decoder], [min(_DECODER_WIDTH, pane.width() // 2)], Qt.Orientation.Horizontal)
        column = pane.height() - path.minimumSizeHint().height()
        image = max(column - inspector.sizeHint().height(), round(_IMAGE_SHARE * column))
        self._window.resizeDocks([decoder, inspector], [image, column - image], Qt.Orientation.Vertical)

    def _size_row(self, pane: QSize) -> None:
        decoder, inspector, path = (self._docks[name] for name in ("decoderDock", "inspectorDock", "pathDock"))
        row = min(round(_ROW_SHARE * pane.height()), inspector.sizeHint().height()) if pane.width() >= _NARROW else 1
        self._window.resizeDocks([decoder, path], [row, 1], Qt.Orientation.Vertical)
        self._window.resizeDocks([decoder, inspector], [_BESIDE, pane.width() - _BESIDE], Qt.Orientation.Horizontal)

    def _add(self, feature: Feature, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(QCoreApplication.translate("Docks", feature.title), self._window)
        dock.setObjectName(feature.dock)
        if feature.scrolls is None:
            dock.setWidget(panel)
        else:
            scrolling = _Scrolling(panel, feature.scrolls, feature.wraps)
            dock.visibilityChanged.connect(scrolling.set_in_front)
            dock.setWidget(scrolling)
        dock.toggleViewAction().triggered.connect(lambda shown: dock.raise_() if shown else None)  # before its tabs
        self._window.addDockWidget(self._area(feature), dock)
        return dock

    @staticmethod
    def _area(feature: Feature) -> Qt.DockWidgetArea:
        assert feature.area is not None
        return feature.area.value


class _Scrolling(Guarded, QScrollArea):
    """Takes the room of its panel, and scrolls in one direction."""

    def __init__(self, panel: QWidget, direction: Qt.Orientation, wraps: bool) -> None:
        """With `wraps`, a narrower panel is higher."""
        super().__init__()
        self._wraps, self._in_front = wraps, False
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._panel, self._direction = panel, direction
        if direction == Qt.Orientation.Horizontal:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        else:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(panel)
        self.measure()
        self.first_least = self.minimumSize()

    def measure(self) -> None:
        least = self._panel.minimumSizeHint()
        if self._direction == Qt.Orientation.Horizontal:
            self.setMinimumSize(_LEAST, least.height() + _SCROLL_BAR)
        else:
            self.setMinimumSize(least.width() + _SCROLL_BAR, _LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_wrapped()

    @Slot(bool)
    def set_in_front(self, in_front: bool) -> None:
        """Note whether the dock is seen: Qt does not hide docks behind tabs."""
        self._in_front = in_front
        self._fit_wrapped()

    def _fit_wrapped(self) -> None:
        """Take the height of the wrapped panel at its width, if the panel is in front.

        Qt 6.11 restores docks behind tabs 100 pixels wide. A panel would wrap there, and heighten every tab.
        """
        if self._wraps:
            least = self._panel.minimumSizeHint().height()  # of an unwrapped panel
            wrapped = self._panel.heightForWidth(self._panel.width()) if self._in_front else 0
            self.setMinimumHeight(max(wrapped, least) + _SCROLL_BAR)

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint().expandedTo(self.minimumSize())
