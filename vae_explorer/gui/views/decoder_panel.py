"""What the decoder makes of the point under the cursor: a large picture, z, prior density and nearest code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_explorer.gui.theme import Theme
from vae_explorer.gui.views.image_view import ImageView
from vae_explorer.gui.views.widgets import ElidedLabel


class DecoderPanel(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decoderPanel")
        self.image_view = ImageView("decodedImage", self.tr("Decoded image"))
        self._z = ElidedLabel("value", "cursorZ")
        self._prior = ElidedLabel("muted", "priorDensity")
        self._nearest = ElidedLabel("muted", "nearestCode")
        self._source = ElidedLabel("muted", "decodedSource")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 8)
        layout.setSpacing(4)
        layout.addWidget(self.image_view)
        layout.addWidget(self._source)
        layout.addWidget(self._z)
        layout.addWidget(self._prior)
        layout.addWidget(self._nearest)
        layout.addStretch(1)

    def set_point(self, z: tuple[float, float], prior_density: float, nearest: str) -> None:
        self._z.set_text(f"z = ({z[0]:+.3f}, {z[1]:+.3f})".replace("-", "−"))
        self._prior.set_text(self.tr("prior density {:.4g}").format(prior_density))
        self._nearest.set_text(nearest)

    def set_image(self, image: NDArray[np.uint8], source: str) -> None:
        """`source` says of what point this is the image."""
        self.image_view.set_image(image)
        self.image_view.repaint()  # now, and not after whatever else has changed
        self._source.set_text(source)

    def set_theme(self, theme: Theme) -> None:
        self.image_view.set_theme(theme)
