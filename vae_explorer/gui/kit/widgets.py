"""Small widgets that several panels use."""

from __future__ import annotations

from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vae_explorer.foreign import message
from vae_explorer.gui.kit.plain import breakable, fitted, literal
from vae_explorer.gui.runtime.guarded import Guarded


class Label(QLabel):
    """A label of plain text. A wrapped label wraps long words too."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)  # model cards hold foreign text
        self.setText(text)

    def setText(self, text: str) -> None:
        self._text = message(text)
        super().setText(breakable(self._text) if self.wordWrap() else self._text)

    def text(self) -> str:
        return self._text

    def setWordWrap(self, on: bool) -> None:
        super().setWordWrap(on)
        self.setText(self._text)


def label(role: str, text: str = "", name: str = "") -> Label:
    made = Label(text)
    made.setProperty("role", role)
    made.setObjectName(name)
    return made


def name_box(name: str, room: int) -> QCheckBox:
    """Make a check box with a foreign name within `room` pixels, else in its tool tip."""
    box = QCheckBox()
    shown = fitted(box, name, room)
    box.setText(literal(shown))
    box.setToolTip(name if shown != name else "")
    return box


def choice_box(name: str, tip: str, choices: Iterable[tuple[object, str]] = ()) -> QComboBox:
    """Make a combo box as wide as its widest choice. `choices` holds (data, text)."""
    box = QComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for data, text in choices:
        box.addItem(text, data)
    return box


def restyle(widget: QWidget, name: str, value: object) -> None:
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def card() -> tuple[QFrame, QVBoxLayout]:
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(8)
    return frame, layout


def remove_controls(plot: pg.PlotWidget) -> None:
    """Remove pyqtgraph's menu and buttons from a plot.

    pyqtgraph 0.14 always makes the menu, which would outlive the plot until the next garbage collection.
    """
    plot.setMenuEnabled(False)
    plot.hideButtons()
    menu = plot.getPlotItem().ctrlMenu
    menu.setParent(plot, menu.windowFlags())  # still a window, or it would show inside the plot


class SpacePassThrough(Guarded, QObject):
    """An event filter: Space plays the path even if a number or choice has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class ElidedLabel(Guarded, QLabel):
    """A one-line label. A text that does not fit ends in …, and is the tool tip.

    A new text lays nothing out. QLabel would lay out the whole window, at each move of the mouse longer than a decoding.
    """

    def __init__(self, role: str, name: str = "", parent: QWidget | None = None, room: int = 0) -> None:
        """With `room`, the label is as wide as its text, up to `room` pixels."""
        super().__init__(" ", parent)  # one line high
        self.setProperty("role", role)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum if room else QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._room = room
        self._whole = self._shown = ""

    def text(self) -> str:
        return self._shown

    def set_text(self, text: str) -> None:
        text = message(text)
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            if self._room:
                self.updateGeometry()
            self._elide()

    def set_role(self, role: str) -> None:
        if role != self.property("role"):
            restyle(self, "role", role)
            self._elide()

    def sizeHint(self) -> QSize:
        if not self._room:
            return super().sizeHint()
        self.ensurePolished()
        wanted = self.fontMetrics().horizontalAdvance(self._whole) + 2 + self.width() - self.contentsRect().width()
        return QSize(min(wanted, self._room), super().sizeHint().height())

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
        line = self._whole.replace("\n", " ")
        self._shown = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        self.setToolTip(self._whole if self._shown != self._whole else "")
        self.update()
