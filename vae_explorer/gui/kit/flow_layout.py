"""Lays out widgets in rows, and wraps them so that none is cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from vae_explorer.gui.runtime.guarded import Guarded


class FlowLayout(Guarded, QLayout):
    """Wraps items in order. Expanding items share the free width of their row; the rows stand in the middle of the height."""

    def __init__(self, parent: QWidget | None = None, across: int = 8, down: int = 4) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down

    def insert(self, place: int, widget: QWidget) -> None:
        self.addWidget(widget)
        self._items.insert(place, self._items.pop())

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        heights = [self._height(row, width) for row in self._rows(width)]
        return sum(heights) + self._down * max(len(heights) - 1, 0)

    def sizeHint(self) -> QSize:
        items = self._shown()
        width = sum(item.sizeHint().width() for item in items) + self._across * max(len(items) - 1, 0)
        return QSize(width, max((item.sizeHint().height() for item in items), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        top = rect.top() + max(rect.height() - self.heightForWidth(rect.width()), 0) // 2
        for row in self._rows(rect.width()):
            height, left = self._height(row, rect.width()), rect.left()
            for item, width in zip(row, self._widths(row, rect.width()), strict=True):
                own = min(_height_of(item, width), height)
                item.setGeometry(QRect(QPoint(left, top + (height - own) // 2), QSize(width, own)))
                left += width + self._across
            top += height + self._down

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        used = 0
        for item in self._shown():
            wanted = item.sizeHint().width()
            if rows and used + self._across + wanted <= width:
                rows[-1].append(item)
                used += self._across + wanted
            else:
                rows.append([item])
                used = wanted
        return rows

    def _widths(self, row: list[QLayoutItem], width: int) -> list[int]:
        wanted = [min(item.sizeHint().width(), width) for item in row]
        left = max(width - sum(wanted) - self._across * (len(row) - 1), 0)
        growing = [bool(item.expandingDirections() & Qt.Orientation.Horizontal) for item in row]
        share = left // max(sum(growing), 1)
        return [own + share * grows for own, grows in zip(wanted, growing, strict=True)]

    def _height(self, row: list[QLayoutItem], width: int) -> int:
        return max(_height_of(item, own) for item, own in zip(row, self._widths(row, width), strict=True))


def _height_of(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
