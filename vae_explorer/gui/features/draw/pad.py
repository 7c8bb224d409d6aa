"""A pad to draw an image on, and to hide pixels of it. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.gui.features.draw.filling_grid import filled_picture
from vae_explorer.gui.kit.image_view import to_qimage
from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.runtime.guarded import Guarded

SCALE = 8  # pixels of the canvas for one of the image
_PEN, _LEAST = 2.2 / 28, 1.1  # width as a share of the image's side, and in pixels of the image at least
_HIDING = 4.5 / 28
_STEPS = 50  # that can be taken back


@dataclass(frozen=True, slots=True)
class _Kept:
    """A drawing that waits for a model of its size."""

    canvas: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    steps: list[tuple[NDArray[np.uint8], NDArray[np.bool_]]]


class Tool(Enum):
    PEN = "pen"
    ERASER = "eraser"
    HIDE = "hide"
    SHOW = "show"


def _empty(shape: tuple[int, int]) -> _Kept:
    return _Kept(np.zeros((shape[0] * SCALE, shape[1] * SCALE), np.uint8), np.zeros(shape, bool), [])


class DrawPad(Guarded, QWidget):
    """Draws at SCALE times the image's size; the image is the mean over blocks, so that edges are grey as a scan's are."""

    changed = Signal(bool)  # image or hidden pixels; whether by a stroke, which goes on from what was there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawPad")
        self.setAccessibleName(self.tr("Pad to draw on"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(112, 112)
        self.tool = Tool.PEN
        self._theme = LIGHT
        self._canvas = np.zeros((28 * SCALE, 28 * SCALE), np.uint8)
        self._hidden = np.zeros((28, 28), bool)
        self._filling: NDArray[np.uint8] | None = None
        self._steps: list[tuple[NDArray[np.uint8], NDArray[np.bool_]]] = []
        self._last: QPointF | None = None
        self._kept: dict[tuple[int, int], _Kept] = {}  # by size (H, W), other sizes than that of the pad

    # What there is

    @property
    def kept_sizes(self) -> tuple[tuple[int, int], ...]:
        """Sizes (H, W) of the drawings that wait for a model of their size."""
        return tuple(size for size, kept in self._kept.items() if kept.canvas.any() or kept.hidden.any())

    def image(self) -> NDArray[np.uint8]:
        """(H, W) uint8, hidden pixels included."""
        height, width = self._hidden.shape
        blocks = self._canvas.reshape(height, SCALE, width, SCALE)
        image: NDArray[np.uint8] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
        return image

    def hidden(self) -> NDArray[np.bool_]:
        """(H, W): which pixels are hidden."""
        return self._hidden.copy()

    def canvas(self) -> NDArray[np.uint8]:
        """(SCALE · H, SCALE · W) uint8."""
        return self._canvas.copy()

    def is_empty(self) -> bool:
        return not self._canvas.any() and not self._hidden.any()

    def can_undo(self) -> bool:
        return bool(self._steps)

    # What happens to it

    def set_shape(self, shape: tuple[int, int]) -> None:
        """Take images of size (H, W). The pad keeps the drawing of each size, with its steps, and shows it at that size again."""
        height, width = self._hidden.shape
        if shape != (height, width):
            self._kept[height, width] = _Kept(self._canvas, self._hidden, self._steps)
            kept = self._kept.pop(shape, None) or _empty(shape)
            self._canvas, self._hidden, self._steps, self._filling = kept.canvas, kept.hidden, kept.steps, None
            self._tell()

    def set_image(self, image: NDArray[np.uint8]) -> None:
        """Lay image (H, W) on the pad, all of it shown. One step to take back."""
        self.set_shape((image.shape[0], image.shape[1]))
        self._remember()
        self._canvas = image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        self._hidden = np.zeros(image.shape, bool)
        self._tell()

    def set_canvas(self, canvas: NDArray[np.uint8]) -> None:
        """Another drawing (SCALE · H, SCALE · W) in place of this one."""
        self._remember()
        self._canvas = canvas.copy()
        self._tell()

    def set_hidden(self, hidden: NDArray[np.bool_]) -> None:
        """Which pixels (H, W) are hidden, in place of those that were."""
        self._remember()
        self._hidden = hidden.copy()
        self._tell()

    def set_filling(self, image: NDArray[np.uint8] | None) -> None:
        """What the hidden pixels are filled with, (H, W) uint8; None or another size: nothing."""
        self._filling = image if image is not None and image.shape == self._hidden.shape else None
        self.update()

    def clear(self) -> None:
        self._remember()
        self._canvas, self._hidden = np.zeros_like(self._canvas), np.zeros_like(self._hidden)
        self._tell()

    def show_all(self) -> None:
        """No pixel is hidden any more."""
        self.set_hidden(np.zeros_like(self._hidden))

    def invert(self) -> None:
        self._remember()
        self._canvas = 255 - self._canvas
        self._tell()

    def undo(self) -> None:
        if self._steps:
            self._canvas, self._hidden = self._steps.pop()
            self._tell()

    def take_over(self, other: DrawPad) -> bool:
        """Keep the drawings of a pad that goes away, and return whether it has any.

        A drawing of this pad's size becomes the first step that can be taken back, so that this pad shows what it did.
        """
        found = {size: kept for size, kept in other.drawings().items() if kept.canvas.any() or kept.hidden.any()}
        for size, kept in found.items():
            if size == self._hidden.shape:
                self._steps = [(kept.canvas, kept.hidden), *self._steps]
            elif size in self.kept_sizes:
                self._kept[size].steps.insert(0, (kept.canvas, kept.hidden))
            else:
                self._kept[size] = kept
        if found:
            self._tell(by_stroke=True)
        return bool(found)

    def drawings(self) -> dict[tuple[int, int], _Kept]:
        """Return what is on the pad and what the pad keeps, by size (H, W)."""
        height, width = self._hidden.shape
        return {**self._kept, (height, width): _Kept(self._canvas, self._hidden, self._steps)}

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._remember()
            self._last = self._place(event.position())
            self._stroke(self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._stroke(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            super().keyPressEvent(event)

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(200, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        square = self._square()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(square, QColor(Qt.GlobalColor.black))
        filled = self._filling if self._filling is not None else np.zeros_like(self._hidden, np.uint8)
        hidden = self._spread(self._hidden)
        picture = np.where(hidden, self._spread(filled), self._canvas).astype(np.uint8)
        painter.drawImage(square, filled_picture(picture, hidden, self._theme, "warm"))
        painter.setPen(self._theme.pen("accent" if self.hasFocus() else "border", 1))
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    # Inside

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _place(self, position: QPointF) -> QPointF:
        """A position in the widget as one on the canvas."""
        square = self._square()
        height, width = self._canvas.shape
        relative = position - square.topLeft()
        return QPointF(relative.x() / square.width() * width, relative.y() / square.height() * height)

    def _stroke(self, to: QPointF) -> None:
        """From the last place to this one."""
        start = self._last or to
        if self.tool in (Tool.PEN, Tool.ERASER):
            self._canvas = self._drawn(
                self._canvas, start, to, _PEN * (1 if self.tool is Tool.PEN else 2), self.tool is Tool.PEN
            )
        else:
            veil = self._drawn(
                np.where(self._spread(self._hidden), 255, 0).astype(np.uint8), start, to, _HIDING, self.tool is Tool.HIDE
            )
            height, width = self._hidden.shape
            self._hidden = veil.reshape(height, SCALE, width, SCALE).mean(axis=(1, 3)) > 127
        self._last = to
        self._tell(by_stroke=True)

    def _drawn(self, canvas: NDArray[np.uint8], start: QPointF, to: QPointF, width: float, white: bool) -> NDArray[np.uint8]:
        picture = to_qimage(canvas)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(Qt.GlobalColor.white if white else Qt.GlobalColor.black)
        size = max(width * max(canvas.shape), _LEAST * SCALE * width / _PEN)
        painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        if (start - to).manhattanLength() < 1e-6:
            painter.drawPoint(to)
        else:
            painter.drawLine(start, to)
        painter.end()
        rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
        return rows[:, : picture.width()].copy()

    def _spread(self, pixels: NDArray[Any]) -> NDArray[Any]:
        return pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)

    def _remember(self) -> None:
        self._steps = [*self._steps[-_STEPS + 1 :], (self._canvas.copy(), self._hidden.copy())]

    def _tell(self, by_stroke: bool = False) -> None:
        self._filling = None if not self._hidden.any() else self._filling
        self.update()
        self.changed.emit(by_stroke)
