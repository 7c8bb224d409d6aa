"""The panel of traversals: images along each latent, and their export."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vae_explorer.gui.features.traversals.grid import TraversalGrid
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.runtime.guarded import Guarded

_NOTE_WIDTH, _LEAST_WIDTH, _LEAST_HEIGHT = 130, 290, 60  # pixels


class TraversalsPanel(Guarded, QWidget):
    chosen = Signal(int)  # image, row by row
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("traversalsPanel")
        self.grid = TraversalGrid()
        self.grid.set_empty_text(self.tr("The images are being decoded…"))
        self.grid.chosen.connect(self._on_chosen)
        self._note = label("muted", name="traversals.note")
        self._note.setWordWrap(True)
        self._note.setFixedWidth(_NOTE_WIDTH)
        self._export = QPushButton(self.tr("Export…"))
        self._export.setObjectName("traversals.export")
        self._export.setProperty("role", "small")
        self._export.setToolTip(self.tr("Save the images as a picture or as an animation"))
        self._export.clicked.connect(lambda: self.export_requested.emit())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        self._area.setWidget(self.grid)
        self._lay_out()

    def set_around(self, text: str, tip: str, can_export: bool) -> None:
        """Say around which point the latents move."""
        self._note.setText(text)
        self._note.setToolTip(tip)
        self._export.setEnabled(can_export)

    def set_rows(
        self,
        names: Sequence[str],
        values: Sequence[str],
        tips: list[str],
        images: NDArray[np.uint8] | None,
        chosen: int | None,
    ) -> None:
        """See `TraversalGrid.set_rows`."""
        self.grid.set_rows(names, values, tips, images, chosen)

    def set_theme(self, theme: Theme) -> None:
        self.grid.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout().activate()  # type: ignore[union-attr]
        self.grid.set_room(self._area.maximumViewportSize())

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self.chosen.emit(index)
        cell = self.grid.cell(index)
        self._area.ensureVisible(cell.center().x(), cell.center().y(), 0, cell.height())

    def _lay_out(self) -> None:
        beside = QVBoxLayout()
        beside.setSpacing(6)
        beside.addWidget(self._note)
        beside.addWidget(self._export, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 4)
        layout.setSpacing(16)
        layout.addLayout(beside)
        layout.addWidget(self._area, 1)


def make_panel() -> TraversalsPanel:
    return TraversalsPanel()
