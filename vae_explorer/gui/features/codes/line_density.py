"""The densities on the line of a model with one latent: q(z) of all codes, and the prior."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import Z_LABELS, LatentView
from vae_explorer.latent.aggregate import reach_of
from vae_explorer.latent.densities import line_density

TIMES = 5.0  # height on the map for a density of 1
_POINTS = 400


class LineDensity:
    def __init__(self, view: LatentView) -> None:
        self._view = view
        self._halo, self._prior, self._codes = (pg.PlotCurveItem() for _ in range(3))
        for height, item in enumerate((self._halo, self._prior, self._codes)):
            view.add_layer(item, Z_LABELS - 4 + height)
        self._is_wanted, self._is_there = True, False

    def show(self, model: OpenModel) -> None:
        """Draw the densities of a model with one latent. Other models have none."""
        codes = model.file.codes
        self._is_there = model.card.spec.latent_dim == 1 and bool(len(codes))
        self.set_visible(self._is_wanted)
        if not self._is_there:
            return
        reach = reach_of(model.codes.mean, model.codes.std)
        z = np.linspace(-reach, reach, _POINTS)
        prior = np.exp(-0.5 * np.square(z)) / np.sqrt(2 * np.pi)
        own = line_density(z, codes.mean, codes.std)
        for item, density in ((self._halo, own), (self._prior, prior), (self._codes, own)):
            places = self._view.plane.to_view(np.stack([z, TIMES * density], axis=1))
            item.setData(places[:, 0], places[:, 1])

    def set_visible(self, visible: bool) -> None:
        self._is_wanted = visible
        for item in (self._halo, self._prior, self._codes):
            item.setVisible(visible and self._is_there)

    def set_theme(self, theme: Theme) -> None:
        self._halo.setPen(theme.pen("halo", 5, alpha=170))
        self._codes.setPen(theme.pen("accent", 2.5))
        self._prior.setPen(theme.pen("text", 2, dashed=True))
