"""The button that chooses the colour of the pen. GUI thread only."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from vae_explorer.gui.kit.theme import rgb

_SWATCH = 14  # pixels
Brush = tuple[int, ...]  # (C,) 0 to 255


class BrushButton(QToolButton):
    """Shows the pen's colour, and a menu of colours for it."""

    chosen = Signal(object)  # Brush

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw.colour")
        self.setToolTip(self.tr("Choose the colour of the pen"))
        self.setAccessibleName(self.toolTip())
        self.setProperty("role", "tool")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setMenu(self._make_menu())
        self._show(QColor(Qt.GlobalColor.white))

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for title, name in (
            (self.tr("White"), "#ffffff"),
            (self.tr("Red"), "#ff0000"),
            (self.tr("Orange"), "#ff8000"),
            (self.tr("Yellow"), "#ffff00"),
            (self.tr("Green"), "#00c000"),
            (self.tr("Cyan"), "#00ffff"),
            (self.tr("Blue"), "#0000ff"),
            (self.tr("Violet"), "#8000ff"),
            (self.tr("Pink"), "#ff60c0"),
            (self.tr("Brown"), "#804000"),
        ):
            menu.addAction(_swatch(QColor(name)), title, partial(self.choose, QColor(name)))
        menu.addSeparator()
        menu.addAction(self.tr("Another colour…"), self._ask)
        return menu

    @Slot()
    def _ask(self) -> None:
        dialog = QColorDialog(self._colour, self)
        dialog.setObjectName("brushDialog")
        dialog.setWindowTitle(self.tr("Colour of the pen"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self.choose)
        dialog.open()

    @Slot(QColor)
    def choose(self, colour: QColor) -> None:
        self._show(colour)
        self.chosen.emit(rgb(colour))

    def _show(self, colour: QColor) -> None:
        self._colour = colour
        self.setIcon(_swatch(colour))
        self.setAccessibleDescription(colour.name())


def _swatch(colour: QColor) -> QIcon:
    picture = QPixmap(_SWATCH, _SWATCH)
    picture.fill(colour)
    painter = QPainter(picture)
    painter.setPen(QColor(128, 128, 128))  # seen on light and dark, around white and black
    painter.drawRect(0, 0, _SWATCH - 1, _SWATCH - 1)
    painter.end()
    return QIcon(picture)
