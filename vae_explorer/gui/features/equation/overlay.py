"""What the term that a person points at in the equation measures: the prior, the way to it, or the posterior."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import ObjectiveAnalysis
from vae_explorer.gui.features.inspector.state import PosteriorDensity
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import Z_CURSOR, LatentView
from vae_explorer.latent.plane import Plane

_STDS = (1, 2, 3)  # of the prior
_PRIOR = frozenset({"kl", "mmd", "adversarial", "discriminator"})  # terms that compare codes with it
_WAY = "kl"  # the term of one posterior
_CORNERS = 32  # of the way, which bends where the map does
_REACH = 2.0  # standard deviations of the posterior


class TermOverlay(Overlay):
    name, title = "term", "Term pointed at"
    tip = "What a term of the equation measures, while the mouse is on it: circles of the prior, the posterior"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._term = ""
        self._prior = [EllipseItem() for _ in _STDS]
        for times, circle in zip(_STDS, self._prior, strict=True):
            circle.set_ellipse((0.0, 0.0), (times, times))
        self._way = pg.PlotDataItem()
        self._posterior = EllipseItem()
        for item in (*self._prior, self._way, self._posterior):
            view.add_layer(item, Z_CURSOR - 2)
            item.hide()
        self._found: ObjectiveAnalysis | None = None
        session.part(ImageAnalysis).term_lit.connect(self._on_term_lit)
        session.part(ImageAnalysis).objective_found.connect(self._on_found)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show()

    def set_theme(self, theme: Theme) -> None:
        for circle in self._prior:
            circle.setPen(theme.pen("accent", 2, dashed=True))
        self._way.setPen(theme.pen("accent", 2.5))
        self._posterior.setPen(theme.pen("accent", 3))
        self._posterior.setBrush(theme.brush("accent", 90))

    def _on_term_lit(self, term: str) -> None:
        self._term = term
        self._show()

    def _on_found(self, found: ObjectiveAnalysis | None) -> None:
        """Of the image that the equation's numbers are of."""
        self._found = found
        self._show()

    def _show(self) -> None:
        lit = self.visible and bool(self._term)
        about_prior = lit and self._term in _PRIOR
        for circle in self._prior:
            circle.setVisible(about_prior)
        found = self._found
        mean, std = (found.mean, found.std) if found is not None else (None, None)
        self._way.setVisible(lit and mean is not None and self._term == _WAY)
        is_wide = std is not None and bool(std.any())
        is_ellipse = is_wide and not self.session.part(PosteriorDensity).bends  # a density that bends is on the map as it is
        self._posterior.setVisible(lit and is_ellipse and (not about_prior or self._term == _WAY))
        if mean is None or std is None:
            return
        x, y = self.view.plane.to_view(np.linspace((0.0, 0.0), mean, _CORNERS)).T
        self._way.setData(x, y)
        (left, up), (across, along) = mean.tolist(), (_REACH * std).tolist()
        self._posterior.set_ellipse((left, up), (across, along))

    def _on_plane_changed(self, plane: Plane) -> None:
        for ellipse in (*self._prior, self._posterior):
            ellipse.set_plane(plane)
        self._show()


OVERLAY = TermOverlay
