"""The bottom strip: player controls, the slider t, the current frame and the film strip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSlider, QSpinBox, QToolButton, QVBoxLayout, QWidget

from vae_explorer.gui.features.path.film_strip import FilmStrip
from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.play_mode import LOOP, ONCE, PING_PONG
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import SpacePassThrough, label
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES

_WITH_FRAME = 440  # pixels of a panel with room for the current frame
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class PathPanel(Guarded, QWidget):
    frame_chosen = Signal(int)
    frames_changed = Signal(int)
    mode_chosen = Signal(str)
    speed_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pathPanel")
        self.film_strip = FilmStrip()
        self.frame_view = ImageView("pathFrame", self.tr("Current frame of the path"), 100)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("frameSlider")
        self.slider.setAccessibleName(self.tr("t, from 0 at the first endpoint to 1 at the second"))
        self.slider.setMinimumWidth(96)
        self._t = label("muted", name="frameT")
        self._t.setFixedWidth(52)
        self._frames = QSpinBox()
        self._frames.setObjectName("frameCount")
        self._frames.setRange(MIN_FRAMES, MAX_FRAMES)
        self._frames.setSuffix(self.tr(" frames"))
        self._frames.setKeyboardTracking(False)
        self._space = SpacePassThrough(self)
        self._frames.lineEdit().installEventFilter(self._space)
        modes = ((PING_PONG, self.tr("Ping-pong")), (LOOP, self.tr("Loop")), (ONCE, self.tr("Once")))
        self._mode = self._combo("playMode", self.tr("How to play"), modes)
        self._speed = self._combo("playSpeed", self.tr("Speed"), [(str(speed), f"{speed:g}×") for speed in SPEEDS])
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self._controls_box = QWidget()
        self._controls = FlowLayout(self._controls_box)
        self._alone = False
        self._lay_out()
        self._connect()
        self.clear()

    def add_actions(self, actions: Sequence[QAction], before_slider: bool) -> None:
        """Icon buttons for actions, left or right of the slider."""
        place = 0 if before_slider else self._controls.count()
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"{action.objectName()}.button")
            button.setAccessibleName(action.text().replace("&", ""))
            self._controls.insert(place, button)
            place += 1

    def set_alone(self, alone: bool) -> None:
        """Whether the film strip lies alone, without the current frame and what plays the path."""
        self._alone = alone
        self._show_frame()
        self._controls_box.setVisible(not alone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_frame()

    def _show_frame(self) -> None:
        """A narrow panel leaves the room of the current frame to the controls; the frame is large in the decoder's panel."""
        self.frame_view.setVisible(not self._alone and self.width() >= _WITH_FRAME)

    def lend_controls(self) -> QWidget:
        """What plays the path, to lie elsewhere until `take_controls`."""
        return self._controls_box

    def take_controls(self) -> None:
        self._right.insertWidget(0, self._controls_box)

    def set_frames(self, frames: NDArray[np.uint8]) -> None:
        """The decoded frames (n, H, W) of a complete path."""
        self.film_strip.set_frames(frames)
        self.slider.blockSignals(True)  # a shorter range moves the slider, which nobody did
        self.slider.setRange(0, len(frames) - 1)
        self.slider.blockSignals(False)
        self.slider.setEnabled(True)

    def set_frame(self, frame: int, count: int, image: NDArray[np.uint8]) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(frame)
        self.slider.blockSignals(False)
        self._t.setText(f"t = {frame / max(count - 1, 1):.2f}")
        self.film_strip.set_current(frame)
        self.frame_view.set_image(image)

    def clear(self) -> None:
        """There is no complete path."""
        self.film_strip.set_frames(np.zeros((0, 1, 1), np.uint8))
        self.frame_view.set_image(None)
        self.slider.setEnabled(False)
        self.slider.blockSignals(True)
        self.slider.setValue(0)
        self.slider.blockSignals(False)
        self._t.setText("t = –")

    def set_hint(self, text: str) -> None:
        """What to do while there is no complete path."""
        self.film_strip.set_hint(text)

    def set_frame_count(self, frames: int) -> None:
        self._frames.blockSignals(True)
        self._frames.setValue(frames)
        self._frames.blockSignals(False)

    def set_theme(self, theme: Theme) -> None:
        self.film_strip.set_theme(theme)
        self.frame_view.set_theme(theme)

    def _combo(self, name: str, tip: str, items: Sequence[tuple[str, str]]) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.setToolTip(tip)
        combo.setAccessibleName(tip)
        for data, text in items:
            combo.addItem(text, data)
        combo.installEventFilter(self._space)
        return combo

    def _lay_out(self) -> None:
        self._controls.addWidget(self.slider)
        for widget in (self._t, self._frames, self._mode, self._speed):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._controls.addWidget(widget)
        self._right = QVBoxLayout()
        self._right.setSpacing(6)
        self._right.addWidget(self._controls_box)
        self._right.addWidget(self.film_strip)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self.frame_view)
        layout.addLayout(self._right, 1)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self.frame_chosen)
        self.film_strip.frame_chosen.connect(self.frame_chosen)
        self._frames.valueChanged.connect(self.frames_changed)
        self._mode.currentIndexChanged.connect(lambda _: self.mode_chosen.emit(self._mode.currentData()))
        self._speed.currentIndexChanged.connect(lambda _: self.speed_chosen.emit(float(self._speed.currentData())))


def make_panel() -> PathPanel:
    return PathPanel()
