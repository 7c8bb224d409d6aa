"""The images of traversals: one row a latent, in blocks side by side where the room is wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from vae_explorer.gui.kit.image_grid import ImageGrid

_SIDES = (26, 52)  # pixels, least and most
_GAP, _HEAD, _BETWEEN = 4, 18, 16  # pixels; between two images, above the first row, between two blocks
_NAME = 34  # pixels of a latent's name


class TraversalGrid(ImageGrid):
    """Images of any shape keep it. Rows that do not fit make the grid higher."""

    def __init__(self) -> None:
        super().__init__("traversals", "", _SIDES)
        self.setAccessibleName(self.tr("Images along each latent"))
        self._names: Sequence[str] = ()
        self._values: Sequence[str] = ()
        self._lines = 1  # rows of a block
        self._shape = (1, 1)  # height and width of an image

    def set_rows(
        self,
        names: Sequence[str],
        values: Sequence[str],
        tips: list[str],
        images: NDArray[np.uint8] | None,
        chosen: int | None,
    ) -> None:
        """Show a row for each of `names` and a column for each of `values`. The rest: see `set_images`."""
        self._names, self._values, self._columns = names, values, max(len(values), 1)
        self._shape = (1, 1) if images is None else (images.shape[1], images.shape[2])
        self.set_images(tips, images, chosen)
        self._fit()

    def cell(self, index: int) -> QRect:
        row, column = divmod(index, self._columns)
        size, corner = self._size(self._side), self._corner(row)
        return QRect(corner.x() + _NAME + column * (size.width() + _GAP), corner.y(), size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.color("muted")))
        for row, name in enumerate(self._names):
            painter.drawText(self._corner(row), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            if row % self._lines == 0:
                for column, value in enumerate(self._values):
                    head = self.cell(row * self._columns + column)
                    head = QRect(head.x() - _GAP, 0, head.width() + 2 * _GAP, _HEAD)
                    painter.drawText(head, Qt.AlignmentFlag.AlignCenter, value)
        painter.end()

    def _size(self, side: int) -> QSize:
        """Return the size of an image whose longer side is `side`."""
        height, width = self._shape
        longer = max(height, width)
        return QSize(max(round(side * width / longer), 1), max(round(side * height / longer), 1))

    def _block(self, side: int) -> int:
        """Return the width of a block, with the room to the next block."""
        return _NAME + self._columns * (self._size(side).width() + _GAP) + _BETWEEN

    def _corner(self, row: int) -> QRect:
        """Return the room of a row's name."""
        block, line = divmod(row, self._lines)
        size = self._size(self._side)
        return QRect(block * self._block(self._side), _HEAD + line * (size.height() + _GAP), _NAME, size.height())

    def _fit(self) -> None:
        """Take the largest images with which all rows fit into the room, else the smallest."""
        least, most = self._sides
        for side in range(most, least - 1, -1):
            blocks = max((self._room.width() + _BETWEEN) // self._block(side), 1)
            lines = max(-(-len(self._names) // blocks), 1)
            height = _HEAD + lines * (self._size(side).height() + _GAP)
            if height <= self._room.height():
                break
        self._side, self._lines = side, lines
        self.setMinimumHeight(height if self._names else 0)
        self.update()
