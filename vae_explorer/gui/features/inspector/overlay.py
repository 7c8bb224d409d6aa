"""The posterior of the inspected code: ellipses, or the density of one that bends, and a ring that can be seen from afar."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPen

from vae_explorer.gui.core.session import InspectedCode, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.inspector.state import DensityPicture, PosteriorDensity
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import LIGHT, Theme, tint_table
from vae_explorer.gui.map.latent_view import Z_CURSOR, LatentView
from vae_explorer.latent.plane import Plane

_STDS = (1, 2)
_RING = 20  # pixels
_OPACITY = 0.86  # of the density at its highest point
_FILL = 60  # opacity of a small ellipse, of 255
_SMALL, _WIDE = 0.3, 0.8  # std from which on it fades, and from which on it is an outline alone; that of the prior is 1


class PosteriorOverlay(Overlay):
    name, title = "posterior", "Posterior"
    tip = (
        "The posterior of the inspected code: at one and two standard deviations, or its density where that is no ellipse; beside its "
        "true posterior the dashed lines take its place"
    )

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._ring = pg.TargetItem(movable=False, size=_RING, symbol="o")
        self._ellipses = [EllipseItem() for _ in _STDS]
        self._density = SmoothImageItem(axisOrder="row-major")
        self._picture: DensityPicture | None = None
        self._theme = LIGHT
        self._state = session.part(PosteriorDensity)
        for item in (self._density, *self._ellipses, self._ring):
            view.add_layer(item, Z_CURSOR - 1)
            item.hide()
        session.inspection.changed.connect(self._on_changed)
        self._state.found.connect(self._on_density_found)
        self._state.analysed_changed.connect(self._on_analysed_changed)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._on_changed(self.session.inspection.current)
        self._show_density()

    @Slot()
    def _on_analysed_changed(self) -> None:
        """The posterior of a grey image gives way to that of the image as it is measured, for which it would be taken."""
        self._on_changed(self.session.inspection.current)
        self._show_density()

    def _show_density(self) -> None:
        self._density.setVisible(self.visible and self._picture is not None and not self._state.is_analysed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for setter in (self._ring.setPen, self._ring.setHoverPen):
            setter(theme.pen("text", 2))
        self._density.setLookupTable(tint_table(theme.color("accent"), _OPACITY))
        self._on_changed(self.session.inspection.current)

    def _on_changed(self, code: InspectedCode | None) -> None:
        shown = self.visible and code is not None
        self._ring.setVisible(shown)
        is_ellipse = code is not None and any(code.std) and not self._state.bends
        for ellipse in self._ellipses:
            ellipse.setVisible(shown and is_ellipse and not self._state.is_analysed)
        if code is None:
            return
        self._ring.setPos(self.view.place_of(code.mean))
        share = min(max((_WIDE - max(code.std)) / (_WIDE - _SMALL), 0.0), 1.0)  # a wide one would tint the whole map
        fill = self._theme.brush("accent", round(_FILL * share))
        bare = share > 0 and self._state.is_beside_analysed  # lines beside those of the posteriors there say something else
        pen = QPen(Qt.PenStyle.NoPen) if bare else self._theme.pen("text", 1.5)
        for times, ellipse in zip(_STDS, self._ellipses, strict=True):
            ellipse.set_ellipse(code.mean, (times * code.std[0], times * code.std[1]))
            ellipse.setBrush(fill)
            ellipse.setPen(pen)

    def _on_density_found(self, density: DensityPicture | None) -> None:
        self._picture = density
        if density is not None:
            rect, plane = density.rect, self.view.plane
            pixels = plane.warped(density.pixels, (rect.left(), rect.right()), (rect.top(), rect.bottom()))
            (left, low), (right, high) = plane.to_view([[rect.left(), rect.top()], [rect.right(), rect.bottom()]]).tolist()
            self._density.setImage(pixels[::-1], autoLevels=False, levels=(0, 255))
            self._density.setRect(QRectF(QPointF(left, low), QPointF(right, high)))
        self._show_density()

    def _on_plane_changed(self, plane: Plane) -> None:
        for ellipse in self._ellipses:
            ellipse.set_plane(plane)
        self._on_changed(self.session.inspection.current)
        self._on_density_found(self._picture)


OVERLAY = PosteriorOverlay
