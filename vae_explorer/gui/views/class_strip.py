"""The classes with their colours in two rows, for maps side by side; a tick says whether a class is on them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from vae_explorer.gui.views.class_legend import MOST, swatch
from vae_explorer.gui.views.widgets import ElidedLabel, name_box

_ROWS = 2
_TITLE_ROOM, _NAME_ROOM = 160, 72  # pixels


class ClassStrip(QWidget):
    hidden_chosen = Signal(object)  # frozenset of the labels that are off

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classStrip")
        self._title = ElidedLabel("muted", "classStripTitle", room=_TITLE_ROOM)
        self._title.set_text(self.tr("Classes"))
        self._names: tuple[str, ...] = ()
        self._boxes: list[QCheckBox] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(0)
        self._grid.addWidget(self._title, 0, 0, _ROWS, 1)

    def set_classes(self, names: tuple[str, ...], title: str) -> None:
        """`title` says of what they are the classes."""
        self._title.set_text(title)
        if names == self._names:
            return
        self._names = names
        for box in self._boxes:
            box.deleteLater()
        self._boxes = [name_box(name, _NAME_ROOM) for name in names[:MOST]]
        columns = -(-len(self._boxes) // _ROWS)
        for number, box in enumerate(self._boxes):
            box.setObjectName(f"compareClass{number}")
            box.setIcon(swatch(number))
            box.setChecked(True)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.toggled.connect(lambda _: self.hidden_chosen.emit(self.hidden()))
            self._grid.addWidget(box, number // max(columns, 1), 1 + number % max(columns, 1))

    def hidden(self) -> frozenset[int]:
        return frozenset(number for number, box in enumerate(self._boxes) if not box.isChecked())

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Tick every class but these."""
        for number, box in enumerate(self._boxes):
            box.blockSignals(True)
            box.setChecked(number not in hidden)
            box.blockSignals(False)
