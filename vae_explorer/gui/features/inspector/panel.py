"""The panel of a code, with original, reconstruction, difference and posterior."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_explorer.gui.features.inspector.inset import PosteriorInset
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.panel_state import Nothing, PanelState
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import ElidedLabel, card, label

_SIDE = 76


class InspectorPanel(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspectorPanel")
        self._title = ElidedLabel("", "inspectedTitle")
        self._mean = ElidedLabel("muted", "inspectedMean")
        self._std = ElidedLabel("muted", "inspectedStd")
        self.state_line = StateLine("inspectedNote")
        self._inset = PosteriorInset()
        self._original: NDArray[np.uint8] | None = None
        self._images = {
            name: ImageView(name, caption, _SIDE)
            for name, caption in (
                ("inspectedOriginal", self.tr("original")),
                ("inspectedReconstruction", self.tr("reconstruction")),
                ("inspectedDifference", self.tr("difference")),
            )
        }
        frame, inside = card()
        inside.addWidget(self._title)
        self._row = QWidget()
        self._row.setLayout(self._image_row())
        inside.addWidget(self._row)
        inside.setSpacing(6)
        inside.addWidget(self.state_line)
        inside.addWidget(self._mean)
        inside.addWidget(self._std)
        self._labels: list[ElidedLabel] = []
        self._label_lines = QVBoxLayout()
        self._label_lines.setSpacing(2)
        inside.addLayout(self._label_lines)
        inside.addWidget(self._inset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.addWidget(frame)
        layout.addStretch(1)

    def set_code(self, title: str, mean: tuple[float, float], std: tuple[float, float], shape: str = "") -> None:
        """`shape`: see `PosteriorInset.set_std`."""
        self._title.set_text(title)
        words = self.tr("mean  ({:+.3f}, {:+.3f})") if any(std) else self.tr("z  ({:+.3f}, {:+.3f})")
        self._mean.set_text(words.format(*mean).replace("-", "−"))
        self._std.set_text(self.tr("std  ({:.4f}, {:.4f})").format(*std) if any(std) else "")
        self._inset.set_std(std, shape)

    def set_labels(self, lines: Sequence[str]) -> None:
        """Show a line for each label of the image. Equal numbers of lines lay nothing out."""
        while len(self._labels) > len(lines):
            self._labels.pop().deleteLater()
        while len(self._labels) < len(lines):
            self._labels.append(ElidedLabel("muted", f"inspectedLabel{len(self._labels)}"))
            self._label_lines.addWidget(self._labels[-1])
        for line, text in zip(self._labels, lines, strict=True):
            line.set_text(text)

    def set_density(self, picture: NDArray[np.uint8] | None, reach: float) -> None:
        self._inset.set_density(picture, reach)

    def clear(self) -> None:
        self._title.set_text(self.tr("no code"))
        self._mean.set_text("")
        self._std.set_text("")
        self._inset.set_std(None)
        self.set_labels(())
        self.set_images(None, None, self._decoded.text())

    def set_state(self, state: PanelState) -> None:
        for widget in (self._row, self._inset):
            widget.setVisible(not isinstance(state, Nothing))
        self.state_line.set_state(state)

    def set_images(self, original: NDArray[np.uint8] | None, reconstruction: NDArray[np.uint8] | None, decoded: str) -> None:
        """`decoded` is the caption of the reconstruction."""
        if original is not self._original:  # the original arrives before its reconstruction
            self._original = original
            self._images["inspectedOriginal"].set_image(original)
        self._decoded.setText(decoded)
        self._images["inspectedReconstruction"].setAccessibleName(decoded)
        self._images["inspectedReconstruction"].set_image(reconstruction)
        difference = None
        if original is not None and reconstruction is not None and original.shape == reconstruction.shape:
            difference = np.abs(original.astype(np.int16) - reconstruction).astype(np.uint8)
        self._images["inspectedDifference"].set_image(difference)

    def set_theme(self, theme: Theme) -> None:
        self._inset.set_theme(theme)
        for view in self._images.values():
            view.set_theme(theme)

    def _image_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for view in self._images.values():
            caption = label("muted", view.accessibleName(), f"{view.objectName()}Caption")
            if view.objectName() == "inspectedReconstruction":
                self._decoded = caption
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(view, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(caption, 0, Qt.AlignmentFlag.AlignHCenter)
            row.addLayout(column)
        return row


def make_panel() -> InspectorPanel:
    return InspectorPanel()
