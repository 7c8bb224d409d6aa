"""The overlay of the inspected code's posterior, with a ring that is visible at any zoom."""

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
_OPACITY = 0.86  # of the density at its maximum
_FILL = 60  # opacity of a small ellipse, of 255
_SMALL, _WIDE = 0.3, 0.8  # std: the fill fades from _SMALL to _WIDE, so that no ellipse tints the whole map


class PosteriorOverlay(Overlay):
    name, title = "posterior", "Posterior"
    tip = (
        "The posterior of the inspected code, at 1 and 2 std. A posterior that is no ellipse is shown as a density. "
        "Beside the true posterior, dashed lines replace the ellipses."
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
        self._state.true_posterior_changed.connect(self._on_true_posterior_changed)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._on_changed(self.session.inspection.current)
        self._show_density()

    @Slot()
    def _on_true_posterior_changed(self) -> None:
        """Give way to the evidence overlay, which draws q(z|x) of the binarised image."""
        self._on_changed(self.session.inspection.current)
        self._show_density()

    def _show_density(self) -> None:
        self._density.setVisible(self.visible and self._picture is not None and not self._state.true_posterior_is_of_code)

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
            ellipse.setVisible(shown and is_ellipse and not self._state.true_posterior_is_of_code)
        if code is None:
            return
        self._ring.setPos(self.view.place_of(code.mean))
        share = min(max((_WIDE - max(code.std)) / (_WIDE - _SMALL), 0.0), 1.0)
        fill = self._theme.brush("accent", round(_FILL * share))
        bare = share > 0 and self._state.true_posterior_on_map  # outlines would look like the true posterior
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
