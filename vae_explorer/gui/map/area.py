"""Lays messages, the class wheel and colour bars over the map, which keeps its size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.kit.class_wheel import LEAST_SIDE, SIDE, ClassWheel
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.pane import Pane
from vae_explorer.gui.kit.theme import Theme, scale_table, signed_table
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.gui.runtime.guarded import Guarded

_MARGIN = 12
_MAX_WIDTH = 620
_AXIS = 24  # pixels of the lower axis
_SMALL = 480  # pixels; narrower maps have brief colour bars
_WHEEL_SHARE = 0.3  # of the map's shorter side


class MapArea(Guarded, QWidget):
    def __init__(self, view: LatentView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        self.banner = Banner("banner", "banner", self)
        self.hint = Banner("hint", "hint", self)
        self.opening = Banner("hint", "opening", self, self.tr("Cancel"))
        self.class_wheel = ClassWheel("classWheel", self)
        self.colour_bar, self.ratio_bar = ColourBar("colourBar", scale_table, self), ColourBar("ratioBar", signed_table, self)
        for over in (self.banner, self.hint, self.opening, self.colour_bar, self.ratio_bar):
            over.setCursor(Qt.CursorShape.ArrowCursor)
            over.installEventFilter(self)

    def set_pane(self, pane: Pane) -> None:
        """Hide the class wheel of a narrow map, since the decoder panel shows one."""
        self.class_wheel.set_offered(pane is not Pane.NARROW)

    def set_theme(self, theme: Theme) -> None:
        for themed in (self.view, self.class_wheel, self.colour_bar, self.ratio_bar):
            themed.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def _wheel_side(self) -> int:
        return min(max(round(_WHEEL_SHARE * min(self.width(), self.height())), LEAST_SIDE), SIDE)

    def _place(self) -> None:
        self.class_wheel.set_side(self._wheel_side())
        self.class_wheel.move(self.width() - self.class_wheel.width() - _MARGIN, _MARGIN)
        bottom = self.height() - _AXIS - _MARGIN
        for bar in (self.colour_bar, self.ratio_bar):
            bar.set_brief(self.width() < _SMALL)
            bar.setFixedHeight(_height(bar, bar.width()))
            bar.move(self.width() - bar.width() - _MARGIN, bottom - bar.height())
            bottom -= 0 if bar.isHidden() else bar.height() + _MARGIN
        width = min(self.width() - 2 * _MARGIN, _MAX_WIDTH)
        left = (self.width() - width) // 2
        below = _MARGIN + (0 if self.banner.isHidden() else _height(self.banner, width) + _MARGIN)
        for message, top in ((self.banner, _MARGIN), (self.opening, below), (self.hint, None)):
            height = _height(message, width)
            top = bottom - height if top is None else top
            message.setGeometry(left, top, width, height)
            message.raise_()


def _height(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    return max(layout.heightForWidth(width), layout.minimumSize().height()) if layout is not None else 48
