"""Small pieces that several panels are made of."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vae_explorer.gui.guarded import Guarded


def label(role: str, text: str = "", name: str = "") -> QLabel:
    """A label styled by its role: heading, title, value, muted."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)  # model cards are other people's words
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Give a property that the style goes by another value."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def card() -> tuple[QFrame, QVBoxLayout]:
    """A rounded frame and the layout inside it."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(8)
    return frame, layout


def without_controls(plot: pg.PlotWidget) -> None:
    """Take pyqtgraph's own menu and buttons off a plot.

    The menu is made in any case, and would outlive the plot until the next collection of garbage.
    """
    plot.setMenuEnabled(False)
    plot.hideButtons()
    menu = plot.getPlotItem().ctrlMenu
    menu.setParent(plot, menu.windowFlags())  # a window of its own still; as a part of the plot it would be shown with it


class SpaceLetThrough(Guarded, QObject):
    """For what it is installed on: Space plays the path, also where a number or a choice has the focus, which have no use for it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class ElidedLabel(Guarded, QLabel):
    """A one-line label that ends in … where there is no room; the whole text is its tool tip.

    Another text never moves what lies around it: QLabel's own way lays the whole window out anew, which at each move of the mouse
    takes longer than decoding.
    """

    def __init__(self, role: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(" ", parent)  # as high as a line
        self.setProperty("role", role)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = self._shown = ""

    def text(self) -> str:
        """What is on screen."""
        return self._shown

    def set_text(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._elide()

    def set_role(self, role: str) -> None:
        """Look otherwise from now on."""
        if role != self.property("role"):
            restyle(self, "role", role)
            self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.alignment() | Qt.AlignmentFlag.AlignVCenter
        role = self.foregroundRole()
        self.style().drawItemText(painter, self.contentsRect(), line, self.palette(), self.isEnabled(), self._shown, role)
        painter.end()

    def _elide(self) -> None:
        self._shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self._whole if self._shown != self._whole else "")
        self.update()
