"""A pad on which a person draws an image and hides pixels. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.features.draw.filling_grid import filled_picture
from vae_explorer.gui.kit.image_view import to_qimage
from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.shapes import ImageShape, image_shape

SCALE = 8  # canvas pixels a side for each image pixel
_PEN, _HIDING = 2.2 / 28, 4.5 / 28  # line widths as shares of the image's side
_MIN_PEN = 1.1  # image pixels
_MAX_STEPS, _MAX_BYTES = 50, 1 << 28  # of the steps that undo keeps
_WHITE = (255,)


@dataclass(frozen=True, slots=True)
class _Drawing:
    canvas: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    steps: list[tuple[NDArray[np.uint8], NDArray[np.bool_]]]


class Tool(Enum):
    PEN = "pen"
    ERASER = "eraser"
    HIDE = "hide"
    SHOW = "show"


def _empty(shape: ImageShape) -> _Drawing:
    height, width, channels = shape
    return _Drawing(np.zeros((height * SCALE, width * SCALE, channels), np.uint8), np.zeros((height, width), bool), [])


class DrawPad(Guarded, QWidget):
    """Draws on a canvas of SCALE times the image's size. Block means give grey edges."""

    changed = Signal(bool)  # the image or its hidden pixels; True after a stroke

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
        self.colour: tuple[int, ...] = _WHITE  # of the pen on a pad of as many channels; other pads draw in white
        self._theme = LIGHT
        first = _empty((28, 28, 1))
        self._canvas, self._hidden, self._steps = first.canvas, first.hidden, first.steps
        self._channels: Channels = ()
        self._filling: NDArray[np.uint8] | None = None
        self._last: QPointF | None = None
        self._kept: dict[ImageShape, _Drawing] = {}  # without the pad's own drawing

    @property
    def kept_shapes(self) -> tuple[ImageShape, ...]:
        """Shapes of the drawings that wait for a model."""
        return tuple(shape for shape, kept in self._kept.items() if kept.canvas.any() or kept.hidden.any())

    @property
    def _shape(self) -> ImageShape:
        return image_shape((*self._hidden.shape, self._canvas.shape[2]))

    def image(self) -> NDArray[np.uint8]:
        """Return the image (H, W, C) uint8 with its hidden pixels."""
        height, width, channels = self._shape
        blocks = self._canvas.reshape(height, SCALE, width, SCALE, channels)
        image: NDArray[np.uint8] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
        return image

    def hidden(self) -> NDArray[np.bool_]:
        """Return the mask (H, W) of hidden pixels."""
        return self._hidden.copy()

    def canvas(self) -> NDArray[np.uint8]:
        """Return the canvas (SCALE · H, SCALE · W, C) uint8."""
        return self._canvas.copy()

    def is_empty(self) -> bool:
        return not self._canvas.any() and not self._hidden.any()

    def can_undo(self) -> bool:
        return bool(self._steps)

    def set_shape(self, shape: ImageShape) -> None:
        """Show the drawing of `shape`. The pad keeps a drawing with its steps for each shape."""
        if shape != self._shape:
            self._kept[self._shape] = _Drawing(self._canvas, self._hidden, self._steps)
            kept = self._kept.pop(shape, None) or _empty(shape)
            self._canvas, self._hidden, self._steps, self._filling = kept.canvas, kept.hidden, kept.steps, None
            self._emit_changed()

    def set_image(self, image: NDArray[np.uint8]) -> None:
        """Show `image` (H, W, C) without hidden pixels, as one step of undo."""
        self.set_shape(image_shape(image.shape))
        self._save_step()
        self._canvas = image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        self._hidden = np.zeros(image.shape[:2], bool)
        self._emit_changed()

    def set_canvas(self, canvas: NDArray[np.uint8]) -> None:
        """Replace the canvas (SCALE · H, SCALE · W, C), as one step of undo."""
        self._save_step()
        self._canvas = canvas.copy()
        self._emit_changed()

    def set_hidden(self, hidden: NDArray[np.bool_]) -> None:
        """Replace the mask (H, W) of hidden pixels, as one step of undo."""
        self._save_step()
        self._hidden = hidden.copy()
        self._emit_changed()

    def set_filling(self, image: NDArray[np.uint8] | None) -> None:
        """Fill the hidden pixels from `image` (H, W, C) uint8; None or another shape fills nothing."""
        self._filling = image if image is not None and image.shape == self._shape else None
        self.update()

    def clear(self) -> None:
        self._save_step()
        self._canvas, self._hidden = np.zeros_like(self._canvas), np.zeros_like(self._hidden)
        self._emit_changed()

    def show_all(self) -> None:
        self.set_hidden(np.zeros_like(self._hidden))

    def invert(self) -> None:
        self._save_step()
        self._canvas = 255 - self._canvas
        self._emit_changed()

    def undo(self) -> None:
        if self._steps:
            self._canvas, self._hidden = self._steps.pop()
            self._emit_changed()

    def take_over(self, other: DrawPad) -> bool:
        """Keep the drawings of a pad that closes, and return whether that pad has any.

        This pad's own drawing stays. The other drawing of this shape becomes the earliest step of undo.
        """
        found = {shape: kept for shape, kept in other.drawings().items() if kept.canvas.any() or kept.hidden.any()}
        for shape, kept in found.items():
            if shape == self._shape:
                self._steps = [(kept.canvas, kept.hidden), *self._steps]
            elif shape in self.kept_shapes:
                self._kept[shape].steps.insert(0, (kept.canvas, kept.hidden))
            else:
                self._kept[shape] = kept
        if found:
            self._emit_changed(by_stroke=True)
        return bool(found)

    def drawings(self) -> dict[ImageShape, _Drawing]:
        """Return the drawings of all shapes."""
        return {**self._kept, self._shape: _Drawing(self._canvas, self._hidden, self._steps)}

    def set_channels(self, channels: Channels) -> None:
        """See `ShowsChannels`. Pen and eraser change only channels that are on."""
        self._channels = channels
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._save_step()
            self._last = self._to_canvas(event.position())
            self._draw_to(self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._draw_to(self._to_canvas(event.position()))

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
        filled = self._filling if self._filling is not None else np.zeros(self._shape, np.uint8)
        hidden = self._enlarged(self._hidden)
        picture = np.where(hidden[..., None], self._enlarged(filled), self._canvas).astype(np.uint8)
        painter.drawImage(square, filled_picture(picture, hidden, self._theme, "warm", self._channels))
        painter.setPen(self._theme.pen("accent" if self.hasFocus() else "border", 1))
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _to_canvas(self, position: QPointF) -> QPointF:
        square = self._square()
        height, width, _ = self._canvas.shape
        relative = position - square.topLeft()
        return QPointF(relative.x() / square.width() * width, relative.y() / square.height() * height)

    def _draw_to(self, to: QPointF) -> None:
        start = self._last or to
        if self.tool in (Tool.PEN, Tool.ERASER):
            is_pen = self.tool is Tool.PEN
            levels, width = (self._pen, _PEN) if is_pen else ((0,) * self._canvas.shape[2], 2 * _PEN)
            canvas = self._canvas.copy()
            for place in self._drawn_channels:
                canvas[..., place] = _with_line(canvas[..., place], start, to, width, levels[place])
            self._canvas = canvas
        else:
            mask = np.where(self._enlarged(self._hidden), 255, 0).astype(np.uint8)
            mask = _with_line(mask, start, to, _HIDING, 255 if self.tool is Tool.HIDE else 0)
            rows, columns = self._hidden.shape
            self._hidden = mask.reshape(rows, SCALE, columns, SCALE).mean(axis=(1, 3)) > 127
        self._last = to
        self._emit_changed(by_stroke=True)

    @property
    def _drawn_channels(self) -> list[int]:
        """The channels that pen and eraser change: the channels that a person sees."""
        count = self._canvas.shape[2]
        shown = len(self._channels) != count
        return [place for place in range(count) if shown or self._channels[place].on]

    @property
    def _pen(self) -> tuple[int, ...]:
        channels = self._canvas.shape[2]
        return self.colour if len(self.colour) == channels else _WHITE * channels

    def _enlarged(self, pixels: NDArray[Any]) -> NDArray[Any]:
        return pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)

    def _save_step(self) -> None:
        kept = min(_MAX_STEPS, max(1, _MAX_BYTES // self._canvas.nbytes))
        self._steps = [*self._steps[len(self._steps) - kept + 1 :], (self._canvas.copy(), self._hidden.copy())]

    def _emit_changed(self, by_stroke: bool = False) -> None:
        self._filling = None if not self._hidden.any() else self._filling
        self.update()
        self.changed.emit(by_stroke)


def _with_line(plane: NDArray[np.uint8], start: QPointF, to: QPointF, width: float, level: int) -> NDArray[np.uint8]:
    """Return one channel (h, w) of a canvas with a line of grey `level`; `width` is a share of the longer side."""
    picture = to_qimage(plane[..., None])
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = max(width * max(plane.shape), _MIN_PEN * SCALE * width / _PEN)
    color = QColor(level, level, level)
    painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if (start - to).manhattanLength() < 1e-6:
        painter.drawPoint(to)
    else:
        painter.drawLine(start, to)
    painter.end()
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : picture.width()].copy()
