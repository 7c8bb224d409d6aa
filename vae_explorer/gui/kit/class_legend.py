"""Lists the classes with colours, counts and ticks. Classes without a tick are hidden."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.kit.theme import class_color
from vae_explorer.gui.kit.widgets import label, name_box

_NAME_ROOM = 120  # pixels
MOST = 100  # classes with a row; laying out thousands would stop the window


class ClassLegend(QWidget):
    hidden_changed = Signal(object)  # frozenset of hidden labels
    hidden_chosen = Signal(object)  # frozenset of labels that the person has hidden

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classLegend")
        self._boxes: dict[int, QCheckBox] = {}
        self._more: QCheckBox | None = None  # for all classes without a row
        self._rows: list[QWidget] = []
        self._names: tuple[str, ...] = ()
        self._counts: list[int] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(label("heading", self.tr("CLASSES")), 1)
        self._all = QPushButton(self.tr("All"))
        self._all.setObjectName("allClasses")
        self._all.setToolTip(self.tr("Show every class, or none"))
        self._all.setProperty("role", "flat")
        self._all.clicked.connect(self._toggle_all)
        head.addWidget(self._all)
        self._layout.addLayout(head)

    def set_classes(self, names: tuple[str, ...], counts: list[int]) -> None:
        """Set names and numbers of codes by class. Equal names keep their ticks."""
        if names == self._names and counts == self._counts:
            return
        kept = self.hidden() if names == self._names else frozenset()
        for row in self._rows:
            row.hide()  # `deleteLater` would leave the row on screen for a moment
            row.deleteLater()
        self._rows, self._boxes, self._more = [], {}, None
        self._names, self._counts = names, counts
        for number, (name, count) in enumerate(zip(names[:MOST], counts[:MOST], strict=True)):
            self._boxes[number] = self._add_row(name, count, number not in kept)
            self._boxes[number].setObjectName(f"class{number}")
            self._boxes[number].setIcon(swatch(number))
        if len(names) > MOST:
            words = self.tr("{:,} more").format(len(names) - MOST)
            self._more = self._add_row(words, sum(counts[MOST:]), not kept.issuperset(self._without_row))
            self._more.setObjectName("classesWithoutRow")
        self.hidden_changed.emit(self.hidden())

    @property
    def _without_row(self) -> range:
        return range(MOST, len(self._names))

    @property
    def classes(self) -> tuple[str, ...]:
        return self._names

    def hidden(self) -> frozenset[int]:
        rest = self._without_row if self._more is not None and not self._more.isChecked() else ()
        return frozenset(number for number, box in self._boxes.items() if not box.isChecked()).union(rest)

    def _add_row(self, name: str, count: int, shown: bool) -> QCheckBox:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 4, 0)
        box = name_box(name, _NAME_ROOM)
        box.setAccessibleName(self.tr("class {}, {} codes").format(name, count))
        box.setChecked(shown)
        box.toggled.connect(self._on_toggled)
        layout.addWidget(box, 1)
        layout.addWidget(label("muted", f"{count:,}"))
        self._rows.append(row)
        self._layout.addWidget(row)
        return box

    def set_hidden(self, hidden: frozenset[int]) -> None:
        ticks = [(box, number not in hidden) for number, box in self._boxes.items()]
        if self._more is not None:
            ticks.append((self._more, not hidden.issuperset(self._without_row)))
        for box, ticked in ticks:
            box.blockSignals(True)
            box.setChecked(ticked)
            box.blockSignals(False)
        self.hidden_changed.emit(self.hidden())

    def _on_toggled(self) -> None:
        self.hidden_changed.emit(self.hidden())
        self.hidden_chosen.emit(self.hidden())

    def _toggle_all(self) -> None:
        self.set_hidden(frozenset() if self.hidden() else frozenset(range(len(self._names))))
        self.hidden_chosen.emit(self.hidden())


def swatch(number: int) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill("transparent")
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(class_color(number))
    painter.setBrush(class_color(number))
    painter.drawEllipse(2, 2, 20, 20)
    painter.end()
    return QIcon(pixmap)
