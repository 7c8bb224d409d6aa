"""p(z|x) of the image under the lens, beside the encoder's q(z|x)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsEllipseItem

from vae_explorer.gui.overlays.base import Overlay
from vae_explorer.gui.session import Session
from vae_explorer.gui.theme import Theme, rgb
from vae_explorer.gui.views.latent_view import Z_CURSOR, LatentView
from vae_explorer.gui.views.smooth_image_item import SmoothImageItem
from vae_explorer.gui.workers.lens_thread import LensEvidence
from vae_explorer.latent.densities import density_picture, highest_density_levels

_SHARES = (0.5, 0.8, 0.95)  # of the probability within a contour
_STDS = (1, 2)
_OPACITY = 235


class TruePosteriorOverlay(Overlay):
    name, title, order = "true_posterior", "True posterior", 35
    tip = "p(z|x) by quadrature: contours hold 50, 80 and 95 % of it; dashed, the encoder's q(z|x). Shown while Evidence or Draw is open"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._heat = SmoothImageItem(axisOrder="row-major")
        self._contours = [pg.IsocurveItem(axisOrder="row-major") for _ in _SHARES]
        self._ellipses = [QGraphicsEllipseItem() for _ in _STDS]
        for item in (self._heat, *self._contours, *self._ellipses):
            view.add_layer(item, Z_CURSOR - 1)
            item.hide()
        self._found: LensEvidence | None = None
        session.lens.evidence_found.connect(self._on_found)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show()

    def set_theme(self, theme: Theme) -> None:
        table = np.empty((256, 4), np.uint8)
        table[:, :3] = rgb(theme.color("warm"))
        table[:, 3] = np.linspace(0, _OPACITY, 256)
        self._heat.setLookupTable(table)
        for contour in self._contours:
            contour.setPen(theme.pen("text", 1.2))
        for ellipse in self._ellipses:
            ellipse.setPen(theme.pen("accent", 2, dashed=True))

    def _on_found(self, found: LensEvidence | None) -> None:
        self._found = found
        if found is not None:
            self._lay(found)
        self._show()

    def _show(self) -> None:
        for item in (self._heat, *self._contours, *self._ellipses):
            item.setVisible(self.visible and self._found is not None)

    def _lay(self, found: LensEvidence) -> None:
        picture = found.picture
        width, height = picture.high - picture.low
        side = round(len(picture.log_density) ** 0.5)
        rising = picture.log_density.reshape(side, side)[::-1]  # rows upwards, as the map counts
        self._heat.setImage(density_picture(picture.log_density, side)[::-1], autoLevels=False, levels=(0, 255))
        self._heat.setRect(QRectF(picture.low[0], picture.low[1], width, height))
        place = QTransform(width / side, 0, 0, height / side, picture.low[0], picture.low[1])
        floor = float(picture.log_density.max()) - 40.0
        for level, contour in zip(highest_density_levels(picture.log_density, _SHARES), self._contours, strict=True):
            contour.setData(np.maximum(rising, floor), level)
            contour.setTransform(place)
        for times, ellipse in zip(_STDS, self._ellipses, strict=True):
            half = times * found.std
            ellipse.setRect(*(found.mean - half), *(2 * half))
