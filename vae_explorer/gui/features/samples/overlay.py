"""The overlay of draws from the prior and from the posterior of a code."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPointF

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.samples.draw_item import DrawItem
from vae_explorer.gui.features.samples.state import PosteriorDraws, PriorDraws, Samples
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.kit.theme import NUMBERED, Theme
from vae_explorer.gui.map.latent_view import Z_PATH, LatentView

_NO_POINTS = np.zeros((0, 2), np.float32)


class SamplesOverlay(Overlay):
    name, title = "samples", "Samples"
    tip = "Draws from the prior, and draggable draws z = mean + std · ε of the inspected code. Visible with the samples panel"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._prior = PathDots(size=7, pxMode=True)
        self._chosen = PathDots(size=15, pxMode=True)
        for item in (self._prior, self._chosen):
            view.add_layer(item, Z_PATH - 2)
        self._draws = [DrawItem(index) for index in range(len(NUMBERED))]
        samples = session.part(Samples)
        for index, draw in enumerate(self._draws):
            view.add_layer(draw, Z_PATH + 5)
            draw.hide()
            draw.drag_began.connect(partial(samples.start_drag, index))
            draw.dragged.connect(partial(self._on_dragged, index))
            draw.clicked.connect(partial(samples.select, index))
        samples.prior_changed.connect(self._show_prior)
        samples.posterior_changed.connect(self._show_posterior)
        view.plane_changed.connect(lambda _: self.set_visible(self.visible))

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show_prior(self.session.part(Samples).prior)
        self._show_posterior(self.session.part(Samples).posterior)

    def set_theme(self, theme: Theme) -> None:
        self._prior.setPen(theme.pen("halo", 1.5))
        self._prior.setBrush(theme.brush("text"))
        self._chosen.setPen(theme.pen("text", 2.5))
        self._chosen.setBrush(theme.brush("halo", 120))
        for draw in self._draws:
            draw.set_theme(theme)

    def _show_prior(self, prior: PriorDraws) -> None:
        places = self.view.plane.to_view(prior.z if self.visible and self.session.part(Samples).is_open else _NO_POINTS)
        self._prior.setData(places[:, 0], places[:, 1])
        chosen = places[prior.chosen : prior.chosen + 1] if prior.chosen is not None else _NO_POINTS
        self._chosen.setData(chosen[:, 0], chosen[:, 1])

    def _show_posterior(self, draws: PosteriorDraws | None) -> None:
        for index, draw in enumerate(self._draws):
            draw.setVisible(self.visible and draws is not None)
            if draws is not None:
                draw.setPos(self.view.place_of(draws.z[index]))
                draw.setZValue(Z_PATH + 5 + (index == draws.selected))

    def _on_dragged(self, index: int, place: QPointF, _: object) -> None:
        self.session.part(Samples).move_z(index, self.view.z_of(place))


OVERLAY = SamplesOverlay
