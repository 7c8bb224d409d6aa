"""Shows the decoded image of a point with its z, prior density and nearest code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_explorer.gui.kit.class_wheel import LEAST_SIDE, ClassWheel
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.pane import Pane
from vae_explorer.gui.kit.panel_state import Failed, PanelState
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import ElidedLabel
from vae_explorer.gui.runtime.guarded import Guarded

_LEFT, _TOP, _GAP = 16, 4, 10  # pixels
_WORDS, _WIDE_WORDS = 160, 192  # pixels of width that the labels, and z in large letters, need
_MIN_SIDE, _HINT_SIDE = 96, 264  # pixels of the picture


class DecoderPanel(Guarded, QWidget):
    """Puts the labels below the picture or at its right, whichever gives the larger picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decoderPanel")
        self.image_view = ImageView("decodedImage", self.tr("Decoded image"), parent=self)
        self._z = ElidedLabel("value", "cursorZ")
        self._prior = ElidedLabel("muted", "priorDensity")
        self._nearest = ElidedLabel("muted", "nearestCode")
        self._source = ElidedLabel("muted", "decodedSource")
        self.state_line = StateLine("decoderNote", self)  # lies on the picture
        self.state_line.setProperty("role", "hint")
        self.state_line.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        self._words = QWidget(self)
        self.class_wheel = ClassWheel("decoderClassWheel", self)
        self.class_wheel.set_offered(False)
        self.class_wheel.set_side(LEAST_SIDE)
        self.class_wheel.installEventFilter(self)
        layout = QVBoxLayout(self._words)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for words in (self._source, self._z, self._prior, self._nearest):
            layout.addWidget(words)
        layout.addStretch(1)

    def set_state(self, state: PanelState) -> None:
        """Show `state` on the picture. A failure removes the picture of the older model."""
        if state == self.state_line.state:  # each move of the mouse sets the state
            return
        if isinstance(state, Failed):
            self.image_view.set_image(None)
            self._source.set_text("")
        self.state_line.set_state(state)
        self._lay_out_line()

    def set_point(self, where: str, prior_density: float, nearest: str) -> None:
        """`where` names the decoded point."""
        self._z.set_text(where.replace("-", "−"))
        self._prior.set_text(self.tr("prior density {:.4g}").format(prior_density))
        self._nearest.set_text(nearest)

    def set_image(self, image: NDArray[np.uint8], source: str) -> None:
        """Show an image. `source` names the point of the image."""
        self.image_view.set_image(image)
        self.image_view.repaint()  # before the other widgets repaint
        self._source.set_text(source)

    def set_theme(self, theme: Theme) -> None:
        self.image_view.set_theme(theme)
        self.class_wheel.set_theme(theme)

    def set_pane(self, pane: Pane) -> None:
        """Show the class wheel at the right of the picture where the map is narrow."""
        self.class_wheel.set_offered(pane is Pane.NARROW)
        self._lay_out()  # the last layout may have changed the letters of z, and so the height of the words

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._lay_out()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(_HINT_SIDE + 2 * _LEFT, _HINT_SIDE + self._words.sizeHint().height() + _TOP + _GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_SIDE + 2 * _LEFT, max(_MIN_SIDE, self._words.sizeHint().height()) + _TOP + _GAP)

    def _lay_out(self) -> None:
        words = self._words.sizeHint().height()
        wheel = self.class_wheel
        width = self.width() - 2 * _LEFT - (0 if wheel.isHidden() else wheel.width() + _GAP)
        height = self.height() - _TOP - _GAP
        below, right = min(width, height - words - _GAP // 2), min(width - _GAP - _WORDS, height)
        side = max(below, right, _MIN_SIDE // 2)
        self.image_view.setGeometry(_LEFT, _TOP, side, side)
        if right > below:
            words_at = QRect(_LEFT + side + _GAP, _TOP, width - side - _GAP, words)
        else:
            words_at = QRect(_LEFT, _TOP + side + _GAP // 2, self.width() - 2 * _LEFT, words)
        self._lay_out_line()
        self._z.set_role("value" if words_at.width() >= _WIDE_WORDS else "strong")
        self._words.setGeometry(words_at)
        wheel.move(self.width() - _LEFT - wheel.width(), _TOP)

    def _lay_out_line(self) -> None:
        picture = self.image_view.geometry()
        height = max(self.state_line.heightForWidth(picture.width()), self.state_line.sizeHint().height())
        self.state_line.setGeometry(picture.left(), picture.top(), picture.width(), min(height, picture.height()))


def make_panel() -> DecoderPanel:
    return DecoderPanel()
