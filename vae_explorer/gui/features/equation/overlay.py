"""Draws what the hovered term of the equation measures: the prior, the posterior, or both."""

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

_PRIOR_STDS = (1, 2, 3)
_PRIOR_TERMS = frozenset({"kl", "mmd", "adversarial", "discriminator"})  # compare codes with the prior
_KL = "kl"  # compares one posterior with the prior
_LINE_POINTS = 32  # the equal-probability view bends the line
_ELLIPSE_STDS = 2.0


class TermOverlay(Overlay):
    name, title = "term", "Hovered term"
    tip = "Shows what the term under the mouse measures: the prior as circles, the posterior as an ellipse"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._term = ""
        self._prior = [EllipseItem() for _ in _PRIOR_STDS]
        for times, circle in zip(_PRIOR_STDS, self._prior, strict=True):
            circle.set_ellipse((0.0, 0.0), (times, times))
        self._line = pg.PlotDataItem()
        self._posterior = EllipseItem()
        for item in (*self._prior, self._line, self._posterior):
            view.add_layer(item, Z_CURSOR - 2)
            item.hide()
        self._found: ObjectiveAnalysis | None = None
        session.model_changed.connect(lambda _: self._on_found(None))  # the terms of another model, of other latents perhaps
        session.section_changed.connect(lambda _: self._show())
        session.part(ImageAnalysis).hovered_term_changed.connect(self._on_hovered_term_changed)
        session.part(ImageAnalysis).objective_found.connect(self._on_found)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show()

    def set_theme(self, theme: Theme) -> None:
        for circle in self._prior:
            circle.setPen(theme.pen("accent", 2, dashed=True))
        self._line.setPen(theme.pen("accent", 2.5))
        self._posterior.setPen(theme.pen("accent", 3))
        self._posterior.setBrush(theme.brush("accent", 90))

    def _on_hovered_term_changed(self, term: str) -> None:
        self._term = term
        self._show()

    def _on_found(self, found: ObjectiveAnalysis | None) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        is_hovered = self.visible and bool(self._term)
        about_prior = is_hovered and self._term in _PRIOR_TERMS
        for circle in self._prior:
            circle.setVisible(about_prior)
        found = self._found
        model = self.session.model
        mean = std = None
        if model is not None and found is not None and found.mean is not None and found.std is not None:
            mean, std = model.section.project(found.mean[None])[0], model.section.spread(found.std[None])[0]
        self._line.setVisible(is_hovered and mean is not None and self._term == _KL)
        is_wide = std is not None and bool(std.any())
        is_ellipse = is_wide and not self.session.part(PosteriorDensity).bends  # another overlay draws a posterior that bends
        self._posterior.setVisible(is_hovered and is_ellipse and (not about_prior or self._term == _KL))
        if mean is None or std is None:
            return
        x, y = self.view.plane.to_view(np.linspace((0.0, 0.0), mean, _LINE_POINTS)).T
        self._line.setData(x, y)
        (x_mean, y_mean), (x_radius, y_radius) = mean.tolist(), (_ELLIPSE_STDS * std).tolist()
        self._posterior.set_ellipse((x_mean, y_mean), (x_radius, y_radius))

    def _on_plane_changed(self, plane: Plane) -> None:
        for ellipse in (*self._prior, self._posterior):
            ellipse.set_plane(plane)
        self._show()


OVERLAY = TermOverlay
