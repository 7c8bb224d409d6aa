"""A button that chooses a colour. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from vae_explorer.gui.kit.plain import literal
from vae_explorer.gui.kit.theme import rgb

_SWATCH = 14  # pixels


class ColourButton(QToolButton):
    """Shows a colour, and a menu of colours."""

    chosen = Signal(object)  # (red, green, blue), 0 to 255

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setProperty("role", "tool")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setMenu(self._make_menu())
        self.show_colour(QColor(Qt.GlobalColor.white))

    def _make_menu(self) -> QMenu:
        menu = QMenu(self.tr("Colour"), self)
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
            action = menu.addAction(literal(title))
            action.setIcon(_swatch(QColor(name)))
            action.triggered.connect(lambda _=False, name=name: self.choose(QColor(name)))
        menu.addSeparator()
        menu.addAction(self.tr("Another colour…")).triggered.connect(self._ask)
        return menu

    @Slot()
    def _ask(self) -> None:
        dialog = QColorDialog(self._colour, self)
        dialog.setObjectName("colourDialog")
        dialog.setWindowTitle(self.tr("Choose a colour"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self.choose)
        dialog.open()

    @Slot(QColor)
    def choose(self, colour: QColor) -> None:
        self.show_colour(colour)
        self.chosen.emit(rgb(colour))

    def show_colour(self, colour: QColor) -> None:
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
