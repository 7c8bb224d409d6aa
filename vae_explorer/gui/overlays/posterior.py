"""The posterior of the inspected code: ellipses at one and two standard deviations, and a ring that can be seen from afar."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QGraphicsEllipseItem

from vae_explorer.gui.overlays.base import Overlay
from vae_explorer.gui.session import InspectedCode, Session
from vae_explorer.gui.theme import Theme
from vae_explorer.gui.views.latent_view import Z_CURSOR, LatentView

_STDS = (1, 2)
_RING = 20  # pixels


class PosteriorOverlay(Overlay):
    name, title, order = "posterior", "Posterior", 30
    tip = "The posterior of the inspected code at one and two standard deviations"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._ring = pg.TargetItem(movable=False, size=_RING, symbol="o")
        self._ellipses = [QGraphicsEllipseItem() for _ in _STDS]
        for item in (*self._ellipses, self._ring):
            view.add_layer(item, Z_CURSOR - 1)
            item.hide()
        session.inspection.changed.connect(self._on_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._on_changed(self.session.inspection.current)

    def set_theme(self, theme: Theme) -> None:
        for ellipse in self._ellipses:
            ellipse.setPen(theme.pen("text", 1.5))
            ellipse.setBrush(theme.brush("accent", 60))
        for setter in (self._ring.setPen, self._ring.setHoverPen):
            setter(theme.pen("text", 2))

    def _on_changed(self, code: InspectedCode | None) -> None:
        shown = self.visible and code is not None
        for item in (*self._ellipses, self._ring):
            item.setVisible(shown)
        if not shown or code is None:
            return
        (x, y), (std_x, std_y) = code.mean, code.std
        self._ring.setPos(x, y)
        for times, ellipse in zip(_STDS, self._ellipses, strict=True):
            ellipse.setRect(x - times * std_x, y - times * std_y, 2 * times * std_x, 2 * times * std_y)
