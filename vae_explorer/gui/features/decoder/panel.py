"""What the decoder makes of the point under the cursor: a large picture, z, prior density and nearest code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.panel_state import Failed, PanelState
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import ElidedLabel
from vae_explorer.gui.runtime.guarded import Guarded

_LEFT, _TOP, _GAP = 16, 4, 10  # pixels
_WORDS, _WIDE_WORDS = 160, 192  # pixels of width that the words need, and that z needs in large letters
_LEAST, _LIKED = 96, 264  # pixels of the picture's side


class DecoderPanel(Guarded, QWidget):
    """The words lie below the picture or at its right, whichever leaves it the larger."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decoderPanel")
        self.image_view = ImageView("decodedImage", self.tr("Decoded image"), parent=self)
        self._z = ElidedLabel("value", "cursorZ")
        self._prior = ElidedLabel("muted", "priorDensity")
        self._nearest = ElidedLabel("muted", "nearestCode")
        self._source = ElidedLabel("muted", "decodedSource")
        self.state_line = StateLine("decoderNote", self)  # on the picture, which it stands for
        self.state_line.setProperty("role", "hint")
        self.state_line.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        self._words = QWidget(self)
        self._beside: QWidget | None = None
        layout = QVBoxLayout(self._words)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for words in (self._source, self._z, self._prior, self._nearest):
            layout.addWidget(words)
        layout.addStretch(1)

    def set_state(self, state: PanelState) -> None:
        """The picture of a model that does not decode is not that of the model on screen."""
        if state == self.state_line.state:  # as nearly always: pictures come at each move of the mouse
            return
        if isinstance(state, Failed):
            self.image_view.set_image(None)
            self._source.set_text("")
        self.state_line.set_state(state)
        self._place_line()

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

    def set_beside(self, widget: QWidget | None) -> None:
        """What lies at the right while it is visible, in a square of its own size; None: it has been taken elsewhere."""
        if self._beside is not None:
            self._beside.removeEventFilter(self)
        self._beside = widget
        if widget is not None:
            widget.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._place()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(_LIKED + 2 * _LEFT, _LIKED + self._words.sizeHint().height() + _TOP + _GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST + 2 * _LEFT, max(_LEAST, self._words.sizeHint().height()) + _TOP + _GAP)

    def _place(self) -> None:
        words = self._words.sizeHint().height()
        beside = self._beside if self._beside is not None and not self._beside.isHidden() else None
        width = self.width() - 2 * _LEFT - (beside.width() + _GAP if beside is not None else 0)
        height = self.height() - _TOP - _GAP
        below, right = min(width, height - words - _GAP // 2), min(width - _GAP - _WORDS, height)
        side = max(below, right, _LEAST // 2)
        self.image_view.setGeometry(_LEFT, _TOP, side, side)
        if right > below:
            words_at = QRect(_LEFT + side + _GAP, _TOP, width - side - _GAP, words)
        else:
            words_at = QRect(_LEFT, _TOP + side + _GAP // 2, self.width() - 2 * _LEFT, words)
        self._place_line()
        self._z.set_role("value" if words_at.width() >= _WIDE_WORDS else "strong")
        self._words.setGeometry(words_at)
        if beside is not None:
            beside.move(self.width() - _LEFT - beside.width(), _TOP)

    def _place_line(self) -> None:
        """As wide as the picture, at its top."""
        picture = self.image_view.geometry()
        height = max(self.state_line.heightForWidth(picture.width()), self.state_line.sizeHint().height())
        self.state_line.setGeometry(picture.left(), picture.top(), picture.width(), min(height, picture.height()))


def make_panel() -> DecoderPanel:
    return DecoderPanel()
