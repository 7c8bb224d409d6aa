"""The enlarged posterior of a code. A narrow ellipse is a speck on the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from vae_explorer.gui.kit.image_view import tinted
from vae_explorer.gui.kit.theme import LIGHT, SMALL, Theme, font
from vae_explorer.gui.runtime.guarded import Guarded

_HEIGHT = 96
_REACH = 2.6  # standard deviations from the mean to the edge


class PosteriorInset(Guarded, QWidget):
    """Shows ellipses at 1 and 2 std, or a density, with a scale bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("posteriorInset")
        self.setAccessibleName(self.tr("Posterior, magnified"))
        self.setFixedHeight(_HEIGHT)
        self._theme = LIGHT
        self._std: tuple[float, float] | None = None
        self._shape = ""
        self._density: QImage | None = None
        self._reach = 1.0

    def set_std(self, std: tuple[float, float] | None, shape: str = "") -> None:
        """`shape` describes a posterior that is no ellipse until `set_density`; empty for ellipses."""
        if (std, shape) != (self._std, self._shape):
            self._std, self._shape = std, shape
            self._refresh()

    def set_density(self, picture: NDArray[np.uint8] | None, reach: float) -> None:
        """Show a density (H, W), which reaches `reach` std to each side, in place of the ellipses."""
        if picture is None and self._density is None:
            return
        self._density = None if picture is None else tinted(picture, self._theme.color("accent"))
        self._reach = reach
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _refresh(self) -> None:
        self.setAccessibleDescription(self._words())
        self.update()

    def _words(self) -> str:
        if self._std is None:
            return ""
        if not any(self._std):
            return self.tr("This code is a point: it has no density.")
        if self._density is not None:
            return self.tr("posterior density")
        return self._shape or self.tr("posterior at 1 and 2 std")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.pen("border"))
        painter.setBrush(self._theme.brush("map"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self._std is not None and any(self._std) and (self._density is not None or not self._shape):
            self._paint_posterior(painter, *self._std)
        elif self._std is not None:
            painter.setFont(font(SMALL))
            painter.setPen(self._theme.pen("muted"))
            box = self.rect().adjusted(8, 0, -8, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words())
        painter.end()

    def _paint_posterior(self, painter: QPainter, std_x: float, std_y: float) -> None:
        centre = QPointF(self.height() / 2 + 8, self.height() / 2)
        pixels = (self.height() / 2) / (_REACH * max(std_x, std_y))
        painter.setPen(self._theme.pen("accent", 2))
        if self._density is not None:
            half = QPointF(std_x, std_y) * (self._reach * pixels)
            painter.setClipRect(self.rect().adjusted(1, 1, -1, -1))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(centre - half, centre + half), self._density)
        else:
            for times, alpha in ((2, 40), (1, 90)):
                painter.setBrush(self._theme.brush("accent", alpha))
                painter.drawEllipse(centre, times * std_x * pixels, times * std_y * pixels)
        painter.setPen(self._theme.pen("text", 1))
        painter.drawPoint(centre)
        left = self.height() + 24
        length = 10.0 ** np.floor(np.log10((self.width() - left - 12) / pixels))
        self._paint_bar(painter, left, float(length), pixels)

    def _paint_bar(self, painter: QPainter, left: float, length: float, pixels: float) -> None:
        bottom = self.height() - 16.0
        painter.setPen(self._theme.pen("text", 2))
        painter.drawLine(QPointF(left, bottom), QPointF(left + length * pixels, bottom))
        painter.setFont(font(SMALL))
        painter.setPen(self._theme.pen("muted"))
        painter.drawText(QRectF(left, bottom - 20, 80, 16), Qt.AlignmentFlag.AlignLeft, f"{length:g}")
        box = QRectF(left, 8, self.width() - left - 8, 40)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self._words())
