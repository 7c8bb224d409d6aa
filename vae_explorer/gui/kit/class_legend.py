"""The legend: a colour, name and count for each class, or each category of a column. A tick shows its codes on the map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from vae_explorer.codes import UNKNOWN
from vae_explorer.foreign import short
from vae_explorer.gui.kit.class_palette import WIDE24, class_palette
from vae_explorer.gui.kit.widgets import ElidedLabel, label, name_box

_NAME_ROOM = 120  # pixels
MOST = 100  # most classes with a row; thousands of rows stop the window


class ClassLegend(QWidget):
    hidden_changed = Signal(object)  # frozenset of class numbers
    hidden_chosen = Signal(object)  # the person's choice: frozenset of class numbers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classLegend")
        self._column, self._names = "", tuple[str, ...]()
        self._counts: list[int] = []
        self._hidden: frozenset[int] = frozenset()
        self._palette = class_palette(np.zeros(0, np.int64))
        self._boxes: dict[int, QCheckBox] = {}
        self._more: QCheckBox | None = None  # stands for all found classes without a row
        self._without_row: frozenset[int] = frozenset()
        self._rows: list[QWidget] = []
        self._search = QLineEdit()
        self._search.setObjectName("classSearch")
        self._search.setPlaceholderText(self.tr("Find a name"))
        self._search.setAccessibleName(self.tr("Find a name"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._make_rows)
        self._colours = label("muted", name="classColours")
        self._colours.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._layout.addLayout(self._make_head())
        self._layout.addWidget(self._search)
        self._layout.addWidget(self._colours)
        self.hide()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        self._title = ElidedLabel("heading", "legendTitle")
        head.addWidget(self._title, 1)
        button = QPushButton(self.tr("All"))
        button.setObjectName("allClasses")
        button.setToolTip(self.tr("Show all, or none"))
        button.setProperty("role", "flat")
        button.clicked.connect(self._toggle_all)
        head.addWidget(button)
        return head

    def set_classes(self, names: tuple[str, ...], counts: list[int], column: str = "") -> None:
        """Set names and numbers of codes by class, or by category of a `column`. Equal names keep their ticks."""
        is_other = (column, names) != (self._column, self._names)
        if not is_other and counts == self._counts:
            return
        if is_other:
            self._hidden = frozenset()
            self._search.clear()
        self._column, self._names, self._counts = column, names, counts
        self._title.set_text(short(column) or self.tr("CLASSES"))
        self._palette = class_palette(np.array(counts, np.int64), names)
        many = len(names) > len(WIDE24)
        self._search.setVisible(many)
        self._colours.setVisible(many)
        words = self.tr("{} of {:,} have a colour of their own; all others are grey.")
        self._colours.setText(words.format(self._palette.own, len(names) - (names[-1:] == (UNKNOWN,))))
        self.setVisible(bool(names))
        self._make_rows()
        self.hidden_changed.emit(self._hidden)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names, of classes or of the categories of `column`."""
        return self._names

    @property
    def column(self) -> str:
        """The column of the categories; empty for classes."""
        return self._column

    def hidden(self) -> frozenset[int]:
        return self._hidden

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Tick every class except `hidden`."""
        self._hidden = hidden
        self._show_ticks()
        self.hidden_changed.emit(hidden)

    def _found(self) -> list[int]:
        """Return the classes whose name holds the searched text. Of many, the largest come first."""
        text = self._search.text().strip().casefold()
        found = [number for number, name in enumerate(self._names) if text in name.casefold()]
        many = len(self._names) > len(WIDE24)
        return sorted(found, key=lambda number: -self._counts[number]) if many else found

    @Slot()
    def _make_rows(self) -> None:
        for row in self._rows:
            row.hide()  # `deleteLater` would leave the row on screen for a moment
            row.deleteLater()
        self._rows, self._boxes, self._more = [], {}, None
        found = self._found()
        self._without_row = frozenset(found[MOST:])
        for number in found[:MOST]:
            box = self._boxes[number] = self._add_row(self._names[number], self._counts[number])
            box.setObjectName(f"class{number}")
            box.setIcon(swatch(self._palette.color(number)))
            box.toggled.connect(lambda shown, number=number: self._choose(frozenset({number}), shown))
        if self._without_row:
            words = self.tr("{:,} more").format(len(self._without_row))
            self._more = self._add_row(words, sum(self._counts[number] for number in self._without_row))
            self._more.setObjectName("classesWithoutRow")
            self._more.toggled.connect(lambda shown: self._choose(self._without_row, shown))
        self._show_ticks()

    def _add_row(self, name: str, count: int) -> QCheckBox:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 4, 0)
        box = name_box(name, _NAME_ROOM)
        box.setAccessibleName(self.tr("{}, {} codes").format(name, count))
        layout.addWidget(box, 1)
        layout.addWidget(label("muted", f"{count:,}"))
        self._rows.append(row)
        self._layout.addWidget(row)
        return box

    def _show_ticks(self) -> None:
        ticks = [(box, number not in self._hidden) for number, box in self._boxes.items()]
        if self._more is not None:
            ticks.append((self._more, not self._hidden.issuperset(self._without_row)))
        for box, ticked in ticks:
            box.blockSignals(True)
            box.setChecked(ticked)
            box.blockSignals(False)

    def _choose(self, classes: frozenset[int], shown: bool) -> None:
        self.set_hidden(self._hidden - classes if shown else self._hidden | classes)
        self.hidden_chosen.emit(self._hidden)

    def _toggle_all(self) -> None:
        self.set_hidden(frozenset() if self._hidden else frozenset(range(len(self._names))))
        self.hidden_chosen.emit(self._hidden)


def swatch(color: QColor) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill("transparent")
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color)
    painter.setBrush(color)
    painter.drawEllipse(2, 2, 20, 20)
    painter.end()
    return QIcon(pixmap)
