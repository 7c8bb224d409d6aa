"""The panel of draws from the prior and from a posterior."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vae_explorer.gui.features.samples.limits import MAX_COUNT, SEEDS
from vae_explorer.gui.features.samples.noise_plane import NoisePlane
from vae_explorer.gui.features.samples.tray import SampleTray
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.panel_state import PanelState, Ready
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.theme import NUMBERED, Theme, numbered_color
from vae_explorer.gui.kit.widgets import label

_SIDE = 32  # pixels of a draw's image
_SUBJECT_WIDTH = 72  # pixels, at least


class SamplesPanel(QWidget):
    redraw_requested = Signal()
    zoom_requested = Signal()
    noise_moved = Signal(int, object)  # index, (ε₁, ε₂)
    draw_selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samplesPanel")
        self.tray = SampleTray(MAX_COUNT, SEEDS)
        self.plane = NoisePlane()
        self.plane.moved.connect(self.noise_moved)
        self.plane.selected.connect(self.draw_selected)
        self.draws = ImageGrid("posteriorDraws", self.tr("Decoded images of the draws"), (_SIDE, _SIDE))
        self.draws.set_frames([numbered_color(index) for index in range(len(NUMBERED))])
        self.draws.setFixedSize(self.draws.width_of(len(NUMBERED), _SIDE), _SIDE)
        self.draws.set_room(QSize(self.draws.width(), _SIDE))
        self.draws.chosen.connect(self.draw_selected)
        self._trick = label("heading", name="trick")
        self._subject = label("muted", name="drawsOf")
        self._subject.setWordWrap(True)
        self._subject.setMinimumWidth(_SUBJECT_WIDTH)
        self._equations = (label("", name="drawEquation.1"), label("", name="drawEquation.2"))
        self._redraw = self._button("redrawNoise", self.tr("New ε"), self.tr("Draw six new ε ~ N(0, I)"))
        self._redraw.clicked.connect(self.redraw_requested)
        self._zoom = self._button("zoomToDraws", self.tr("Zoom in"), self.tr("Zoom the map to this posterior"))
        self._zoom.clicked.connect(self.zoom_requested)
        self.state_line = StateLine("noDrawsReason")
        self.state_line.align_centre()
        self._right = QStackedWidget()
        self._right.addWidget(self._draws_side())
        self._right.addWidget(self.state_line.as_page())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(16)
        layout.addWidget(self.tray, 1)
        layout.addWidget(self._right, 1)

    def set_draws(
        self, noise: NDArray[np.float64], equations: tuple[str, str], images: NDArray[np.uint8] | None, selected: int
    ) -> None:
        """Show draws: ε (n, 2), images (n, H, W, C), and two equations of the selected draw."""
        self.plane.set_noise(noise, selected)
        for line, equation in zip(self._equations, equations, strict=True):
            line.setText(equation)
        tips = [self.tr("Draw {}").format(index + 1) for index in range(len(noise))]
        self.draws.set_images(tips, images, selected)

    def set_words(self, trick: str, subject: str, tip: str) -> None:
        """Show the equation, the name of the code, and `tip` on both."""
        self._trick.setText(trick)
        self._subject.setText(subject)
        for words in (self._trick, self._subject):
            words.setToolTip(tip)

    def set_state(self, state: PanelState) -> None:
        self.state_line.set_state(state)
        self._right.setCurrentIndex(0 if isinstance(state, Ready) else 1)

    def set_theme(self, theme: Theme) -> None:
        for widget in (self.tray, self.plane, self.draws):
            widget.set_theme(theme)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button

    def _draws_side(self) -> QWidget:
        head, middle, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._trick, 1)
        head.addWidget(self._redraw)
        head.addWidget(self._zoom)
        middle.setSpacing(8)
        middle.addWidget(self.draws)
        middle.addWidget(self._subject, 1)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(middle)
        for line in self._equations:
            column.addWidget(line)
        column.addStretch(1)
        side = QWidget()
        layout = QHBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.plane, 1)
        layout.addLayout(column)
        return side


def make_panel() -> SamplesPanel:
    return SamplesPanel()
