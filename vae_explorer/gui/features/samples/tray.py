"""The tray of samples from the prior, with count, seed and images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import SpacePassThrough
from vae_explorer.gui.runtime.guarded import Guarded

_SIDES = (24, 56)  # pixels, least and most
_COUNT_WIDTH, _SEED_WIDTH = 48, 78  # pixels


class SampleTray(Guarded, QWidget):
    draw_requested = Signal()
    clear_requested = Signal()
    seed_changed = Signal(int)
    count_changed = Signal(int)
    chosen = Signal(int)

    def __init__(self, max_count: int, seeds: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = ImageGrid("sampleTray", self.tr("Samples from the prior"), _SIDES)
        self.grid.set_empty_text(self.tr("Press Draw to draw points z ~ N(0, I) from the prior and decode them"))
        self.grid.chosen.connect(self._on_chosen)
        self._space = SpacePassThrough(self)
        self._draw = self._button("drawSamples", self.tr("Draw"), self.tr("Draw samples from the prior with the next seed"))
        self._draw.clicked.connect(self.draw_requested)
        self._clear = self._button("clearSamples", self.tr("Clear"), self.tr("Remove the samples"))
        self._clear.clicked.connect(self.clear_requested)
        self._count = self._number("sampleCount", "", self.tr("Number of samples"), (1, max_count), _COUNT_WIDTH)
        self._count.valueChanged.connect(self.count_changed)
        tip = self.tr("Seed: a seed draws equal points for every model")
        self._seed = self._number("sampleSeed", self.tr("seed "), tip, (0, seeds - 1), _SEED_WIDTH)
        self._seed.valueChanged.connect(self.seed_changed)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setMinimumHeight(2 * _SIDES[0])
        self._area.setWidget(self.grid)
        self._lay_out()

    def set_samples(self, count: int, seed: int, tips: list[str], images: NDArray[np.uint8] | None, chosen: int | None) -> None:
        """`tips`, `images` and `chosen`: see `ImageGrid.set_images`."""
        for box, value in ((self._count, count), (self._seed, seed)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self._clear.setEnabled(bool(tips))
        self.grid.set_images(tips, images, chosen)

    def set_theme(self, theme: Theme) -> None:
        self.grid.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout().activate()  # type: ignore[union-attr]
        self.grid.set_room(self._area.viewport().size())

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self.chosen.emit(index)
        middle = self.grid.cell(index).center()
        self._area.ensureVisible(middle.x(), middle.y(), 0, _SIDES[0])

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button

    def _number(self, name: str, prefix: str, tip: str, limits: tuple[int, int], width: int) -> QSpinBox:
        box = QSpinBox()
        box.setObjectName(name)
        box.setPrefix(prefix)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setRange(*limits)
        box.setFixedWidth(width)
        box.setKeyboardTracking(False)
        box.lineEdit().installEventFilter(self._space)
        return box

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._draw)
        row.addWidget(self._count)
        row.addWidget(self._seed)
        row.addStretch(1)
        row.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self._area, 1)
