"""Keeps dialogs on the screen: they are no larger than it, and what does not fit is scrolled above their buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QLayout, QScrollArea, QWidget

from vae_explorer.gui.runtime.guarded import Guarded

_AROUND = QSize(12, 44)  # pixels that a window manager puts around a dialog


def room_of(dialog: QDialog) -> QSize:
    """The largest size that a dialog may have on its screen."""
    return dialog.screen().availableSize() - _AROUND


def fit(dialog: QDialog, wanted: QSize) -> None:
    """Give a dialog the size that it wants, as far as the screen lets it."""
    dialog.resize(wanted.boundedTo(room_of(dialog)))


class ScrolledForm(Guarded, QScrollArea):
    """Wants as much room as its fields do; with less height it scrolls."""

    def __init__(self, fields: QLayout) -> None:
        super().__init__()
        self._inside = QWidget()
        self._inside.setLayout(fields)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._inside)

    def sizeHint(self) -> QSize:
        return self._inside.sizeHint() + QSize(self._beside_fields, 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._inside.minimumSizeHint().width() + self._beside_fields, 120)

    @property
    def _beside_fields(self) -> int:
        """Pixels of width that scroll bar and frame take."""
        return self.verticalScrollBar().sizeHint().width() + 2 * self.frameWidth()
