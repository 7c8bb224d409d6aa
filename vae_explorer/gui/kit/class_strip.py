"""Lists the classes with colours and ticks in two rows, for maps side by side."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QWidget

from vae_explorer.gui.kit.class_legend import MOST, swatch
from vae_explorer.gui.kit.class_palette import ClassPalette
from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.widgets import ElidedLabel, name_box
from vae_explorer.gui.runtime.guarded import Guarded

_ROWS = 2
_TITLE_ROOM, _NAME_ROOM = 160, 72  # pixels
_ACROSS = 12  # pixels between classes


class ClassStrip(Guarded, QWidget):
    hidden_chosen = Signal(object)  # frozenset of labels that the person has hidden

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classStrip")
        self._title = ElidedLabel("muted", "classStripTitle", room=_TITLE_ROOM)
        self._title.set_text(self.tr("Classes"))
        self._names: tuple[str, ...] = ()
        self._boxes: list[QCheckBox] = []
        self._beyond: frozenset[int] = frozenset()  # hidden classes without a box
        inside = QWidget()
        self._flow = FlowLayout(inside, across=_ACROSS, down=0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_ACROSS)
        row.addWidget(self._title)
        row.addWidget(self._area, 1)

    def set_classes(self, names: tuple[str, ...], title: str, palette: ClassPalette) -> None:
        """Set the names, and a title that says whose classes they are."""
        self._title.set_text(title)
        if names == self._names:
            return
        self._names = names
        for box in self._boxes:
            self._flow.removeWidget(box)
            box.hide()  # `deleteLater` would leave the box on screen for a moment
            box.deleteLater()
        self._boxes = [name_box(name, _NAME_ROOM) for name in names[:MOST]]
        for number, box in enumerate(self._boxes):
            box.setObjectName(f"compareClass{number}")
            box.setIcon(swatch(palette.color(number)))
            box.setChecked(True)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.toggled.connect(lambda _: self.hidden_chosen.emit(self.hidden()))
            self._flow.addWidget(box)
        row = max((box.sizeHint().height() for box in self._boxes), default=0)  # the flow counts no box that Qt has yet to show
        self._area.setFixedHeight(_ROWS * row)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        widest = max((box.sizeHint().width() for box in self._boxes), default=0)
        row = -(-self._flow.sizeHint().width() // _ROWS) + widest
        return QSize(self._title.sizeHint().width() + _ACROSS + row, super().sizeHint().height())

    def hidden(self) -> frozenset[int]:
        return self._beyond.union(number for number, box in enumerate(self._boxes) if not box.isChecked())

    def set_hidden(self, hidden: frozenset[int]) -> None:
        self._beyond = frozenset(number for number in hidden if number >= len(self._boxes))
        for number, box in enumerate(self._boxes):
            box.blockSignals(True)
            box.setChecked(number not in hidden)
            box.blockSignals(False)
