"""The application's style: Fusion, and rules for kinds of widgets. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QProxyStyle,
    QScrollBar,
    QTabBar,
    QWidget,
)

from vae_explorer.gui.kit.plain import TIP_ABOVE, tip_text
from vae_explorer.gui.runtime.guarded import Guarded

TAKES_WHEEL = (QAbstractSpinBox, QComboBox, QAbstractSlider, QTabBar)
_TIP = "QTipLabel"  # class of Qt's tool tips
_TIP_EVENTS = frozenset({QEvent.Type.Show, QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Paint})
_WIDEST, _AROUND = 480, 12  # pixels: of a tool tip, and beside its text
_GAP = 3  # pixels between a tool tip and its widget


class Style(Guarded, QProxyStyle):
    def __init__(self) -> None:
        super().__init__("Fusion")
        self._wheel, self._tips = WheelGuard(self), TipRule(self)

    def polish(self, thing: object) -> None:
        super().polish(thing)  # type: ignore[call-overload]
        if isinstance(thing, TAKES_WHEEL) and not isinstance(thing, QScrollBar):
            self._wheel.guard(thing)
        elif isinstance(thing, QLabel):
            if thing.textFormat() == Qt.TextFormat.AutoText:  # Qt would guess rich text, and load its links
                thing.setTextFormat(Qt.TextFormat.PlainText)
            if thing.inherits(_TIP):
                thing.installEventFilter(self._tips)


class WheelGuard(Guarded, QObject):
    """Lets a person scroll past boxes, sliders and tab bars without focus."""

    def guard(self, widget: QWidget) -> None:
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()  # passes the event to the parent
            return True
        return False


class TipRule(Guarded, QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TIP_EVENTS and isinstance(watched, QLabel):
            text = tip_text(watched.text())
            if text != watched.text() or watched.width() > _WIDEST:
                _wrap(watched, text)
            self._move(watched)
        return False

    def _move(self, tip: QLabel) -> None:
        owner = _owner_at(QCursor.pos())
        if owner is None:
            return
        place = _beside_entry(tip, owner) if isinstance(owner, QMenu) else _beside_widget(tip, owner)
        if place is not None and place != tip.pos():
            tip.move(place)


def _wrap(tip: QLabel, text: str) -> None:
    tip.setText(text)
    tip.setWordWrap(True)
    longest = max(tip.fontMetrics().horizontalAdvance(line) for line in text.split("\n"))
    width = min(longest + 2 * (tip.margin() + tip.frameWidth() + tip.indent()) + _AROUND, _WIDEST)
    tip.resize(width, tip.heightForWidth(width))


def beside(size: QSize, keep_free: QRect, at: QPoint, screen: QRect, sides: str) -> QPoint | None:
    """Return the corner of a rectangle beside `keep_free`, at the first of `sides` with room.

    `sides` holds first letters of below, above, right and left. The rectangle begins at `at`, within the screen.
    """
    left = min(max(at.x(), screen.left()), max(screen.right() - size.width() + 1, screen.left()))
    top = min(max(at.y(), screen.top()), max(screen.bottom() - size.height() + 1, screen.top()))
    places = {
        "b": QPoint(left, keep_free.bottom() + _GAP),
        "a": QPoint(left, keep_free.top() - size.height() - _GAP),
        "r": QPoint(keep_free.right() + _GAP, top),
        "l": QPoint(keep_free.left() - size.width() - _GAP, top),
    }
    return next((places[side] for side in sides if screen.contains(QRect(places[side], size))), None)


def _owner_at(point: QPoint) -> QWidget | None:
    widget = QApplication.widgetAt(point)
    while widget is not None and not widget.toolTip() and not isinstance(widget, QMenu):
        widget = widget.parentWidget()
    return widget


def _beside_entry(tip: QLabel, menu: QMenu) -> QPoint | None:
    """Return a place beside the whole menu, since the next entry lies below."""
    entry = menu.actionGeometry(menu.actionAt(menu.mapFromGlobal(QCursor.pos())))
    frame = QRect(menu.mapToGlobal(QPoint()), menu.size())
    return beside(tip.size(), frame, menu.mapToGlobal(entry.topLeft()), menu.screen().availableGeometry(), "rl")


def _beside_widget(tip: QLabel, owner: QWidget) -> QPoint | None:
    frame = QRect(owner.mapToGlobal(QPoint()), owner.size())
    if not owner.property(TIP_ABOVE) and not frame.intersects(tip.geometry()):
        return None
    sides = "abrl" if owner.property(TIP_ABOVE) else "barl"
    return beside(tip.size(), frame, QPoint(tip.x(), frame.top()), owner.screen().availableGeometry(), sides)
