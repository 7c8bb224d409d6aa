"""Small pieces that several panels are made of."""

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
    """A label of plain text. Where it wraps, a word of any length does."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)  # model cards are other people's words
        self.setText(text)

    def setText(self, text: str) -> None:
        self._said = message(text)
        super().setText(breakable(self._said) if self.wordWrap() else self._said)

    def text(self) -> str:
        return self._said

    def setWordWrap(self, on: bool) -> None:
        super().setWordWrap(on)
        self.setText(self._said)


def label(role: str, text: str = "", name: str = "") -> Label:
    """Make a label styled by its role: heading, title, value, muted."""
    made = Label(text)
    made.setProperty("role", role)
    made.setObjectName(name)
    return made


def name_box(name: str, room: int) -> QCheckBox:
    """Make a check box with a foreign `name` of at most `room` pixels; a longer one is whole in the tool tip."""
    box = QCheckBox()
    shown = fitted(box, name, room)
    box.setText(literal(shown))
    box.setToolTip(name if shown != name else "")
    return box


def choice_box(name: str, tip: str, choices: Iterable[tuple[object, str]] = ()) -> QComboBox:
    """Make a combo box as wide as its widest choice. `choices` holds the data and the text of each choice."""
    box = QComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for data, text in choices:
        box.addItem(text, data)
    return box


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


def remove_controls(plot: pg.PlotWidget) -> None:
    """Take pyqtgraph's own menu and buttons off a plot.

    The menu is made in any case, and would outlive the plot until the next collection of garbage.
    """
    plot.setMenuEnabled(False)
    plot.hideButtons()
    menu = plot.getPlotItem().ctrlMenu
    menu.setParent(plot, menu.windowFlags())  # a window of its own still; as a part of the plot it would be shown with it


class SpacePassThrough(Guarded, QObject):
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

    def __init__(self, role: str, name: str = "", parent: QWidget | None = None, room: int = 0) -> None:
        """With `room`, the label is as wide as its text, up to so many pixels; without, as its layout says."""
        super().__init__(" ", parent)  # as high as a line
        self.setProperty("role", role)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum if room else QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._room = room
        self._whole = self._shown = ""

    def text(self) -> str:
        """What is on screen."""
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
        """Look otherwise from now on."""
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
