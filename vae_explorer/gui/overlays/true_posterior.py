"""p(z|x) of the image under the lens, beside the encoder's q(z|x)."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QTransform

from vae_explorer.gui.overlays.base import Overlay
from vae_explorer.gui.session import Session
from vae_explorer.gui.theme import Theme, tint_table
from vae_explorer.gui.views.ellipse_item import EllipseItem
from vae_explorer.gui.views.latent_view import Z_CURSOR, LatentView
from vae_explorer.gui.views.smooth_image_item import SmoothImageItem
from vae_explorer.gui.workers.lens_thread import LensEvidence
from vae_explorer.latent.plane import Plane
from vae_explorer.latent.regions import SHARES

_STDS = (1, 2)
_OPACITY = 0.92


class TruePosteriorOverlay(Overlay):
    name, title, order = "true_posterior", "True posterior", 35
    tip = "p(z|x) by quadrature: contours hold 50, 80 and 95 % of it; dashed, the encoder's q(z|x); while Evidence or Draw is open"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._heat = SmoothImageItem(axisOrder="row-major")
        self._contours = [pg.IsocurveItem(axisOrder="row-major") for _ in SHARES]
        self._ellipses = [EllipseItem() for _ in _STDS]
        for item in (self._heat, *self._contours, *self._ellipses):
            view.add_layer(item, Z_CURSOR - 1.5)
            item.hide()
        self._found: LensEvidence | None = None
        session.lens.evidence_found.connect(self._on_found)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._heat.setLookupTable(tint_table(theme.color("warm"), _OPACITY))
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
        plane, posterior = self.view.plane, found.posterior
        density = plane.warped(posterior.density[::-1], posterior.x_range, posterior.y_range)[::-1]
        corners = zip(posterior.x_range, posterior.y_range, strict=True)
        (left, low), (right, high) = plane.to_view(list(corners)).tolist()
        rows, columns = density.shape
        self._heat.setImage(density, autoLevels=False, levels=(0, float(density.max())))
        self._heat.setRect(QRectF(left, low, right - left, high - low))
        place = QTransform((right - left) / columns, 0, 0, (high - low) / rows, left, low)
        for level, contour in zip(posterior.levels, self._contours, strict=True):
            contour.setData(density, level)
            contour.setTransform(place)
        for times, ellipse in zip(_STDS, self._ellipses, strict=True):
            half_x, half_y = (times * found.std).tolist()
            ellipse.set_ellipse((float(found.mean[0]), float(found.mean[1])), (half_x, half_y))

    def _on_plane_changed(self, plane: Plane) -> None:
        for ellipse in self._ellipses:
            ellipse.set_plane(plane)
        self._on_found(self._found)
