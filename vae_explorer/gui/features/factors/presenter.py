"""Connects the panel of the factors with their measurement."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.features.factors.panel import FactorsPanel
from vae_explorer.gui.features.factors.state import Factors
from vae_explorer.gui.features.feature import Context, Docks
from vae_explorer.latent.section import name_of

_COLUMNS = 40  # latents of the matrix


class FactorsPresenter(QObject):
    """Offers the panel for images with known factors."""

    def __init__(self, panel: FactorsPanel, factors: Factors, docks: Docks) -> None:
        super().__init__(factors)
        self._panel, self._factors, self._docks = panel, factors, docks
        panel.measure_requested.connect(factors.measure)
        factors.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        factors = self._factors
        self._docks.offer("factorsDock", factors.offered)
        self._panel.set_state(factors.state)
        found, order = factors.found, factors.order[:_COLUMNS]
        if found is None:
            self._panel.set_matrix(np.zeros((0, 0)), (), ())
            return
        figures = (found.mig, found.disentanglement, found.completeness, float(found.informativeness.mean()))
        self._panel.set_figures([f"{each:.3f}" for each in figures])
        self._panel.set_matrix(found.importance[order].T, found.factors, [name_of(latent) for latent in order])


def present(context: Context) -> None:
    FactorsPresenter(context.panel(FactorsPanel), context.session.part(Factors), context.docks)
