"""The panel of the factors: how latents and known factors of the images belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vae_explorer.gui.features.factors.matrix import FactorMatrix
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, PanelState, Working
from vae_explorer.gui.kit.state_line import StateBody
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import label

_FIGURES_WIDTH, _LEAST_WIDTH, _LEAST_HEIGHT = 230, 240, 60  # pixels


class FactorsPanel(QWidget):
    measure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("factorsPanel")
        self.matrix = FactorMatrix()
        self._figures: dict[str, QLabel] = {}
        self._measure = QPushButton(self.tr("Measure"))
        self._measure.setObjectName("factors.measure")
        self._measure.setProperty("role", "small")
        self._measure.setToolTip(self.tr("Measure how the latents know the labels of the images"))
        self._measure.clicked.connect(lambda: self.measure_requested.emit())
        self._body = StateBody("factors.note", self._content())
        self._area = QScrollArea()
        self._area.setWidgetResizable(False)
        self._area.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        self._area.setWidget(self.matrix)
        beside = QVBoxLayout()
        beside.setSpacing(6)
        beside.addWidget(self._body)
        beside.addWidget(self._measure, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 4)
        layout.setSpacing(16)
        layout.addLayout(beside)
        layout.addWidget(self._area, 1)

    def set_state(self, state: PanelState) -> None:
        self._body.set_state(state)
        self._measure.setVisible(isinstance(state, NotAtHand | Working | Failed))
        self._measure.setEnabled(isinstance(state, NotAtHand | Failed))

    def set_figures(self, figures: Sequence[str]) -> None:
        """Show MIG, disentanglement, completeness and informativeness."""
        for cell, text in zip(self._figures.values(), figures, strict=True):
            cell.setText(text)

    def set_matrix(self, importance: NDArray[np.float64], factors: Sequence[str], latents: Sequence[str]) -> None:
        """See `FactorMatrix.set_matrix`."""
        self.matrix.set_matrix(importance, factors, latents)

    def set_theme(self, theme: Theme) -> None:
        self.matrix.set_theme(theme)

    def _content(self) -> QWidget:
        content = QWidget()
        content.setMinimumWidth(_FIGURES_WIDTH)
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, (name, title, tip) in enumerate(
            (
                ("mig", self.tr("mutual information gap"), self.tr("MIG: Chen et al. 2018, equation 6")),
                ("disentanglement", self.tr("disentanglement"), self.tr("Each latent predicts one factor alone")),
                ("completeness", self.tr("completeness"), self.tr("Each factor is predicted by one latent alone")),
                ("informativeness", self.tr("informativeness"), self.tr("The mean score of the forests on held-out images")),
            )
        ):
            heading = label("muted", title)
            heading.setToolTip(tip)
            self._figures[name] = label("", "–", f"factors.{name}")
            grid.addWidget(heading, row, 0)
            grid.addWidget(self._figures[name], row, 1, Qt.AlignmentFlag.AlignRight)
        return content


def make_panel() -> FactorsPanel:
    return FactorsPanel()
