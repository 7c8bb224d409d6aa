"""The controls of the path: player buttons, frame slider, frame count, mode and speed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QSizePolicy, QSlider, QSpinBox, QToolButton, QWidget

from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.play_mode import LOOP, ONCE, PING_PONG
from vae_explorer.gui.kit.widgets import SpacePassThrough, choice_box, label
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES, Interpolation, LatentPath

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
_WHEN = (
    "How the path leads from A to B. Linear: along a straight line. Spherical: at even angles around 0.\n"
    "Codes of D latents have a norm near √D. A straight line between them passes through smaller norms,\n"
    "where a decoder with many latents knows no codes: choose Spherical there. With two latents, Linear is right."
)


class PathControls(QWidget):
    frame_chosen = Signal(int)
    frames_changed = Signal(int)
    interpolation_chosen = Signal(object)  # Interpolation
    mode_chosen = Signal(str)
    speed_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("frameSlider")
        self._slider.setAccessibleName(self.tr("t, from 0 at the first endpoint to 1 at the second"))
        self._slider.setMinimumWidth(96)
        self._t = label("muted", name="frameT")
        self._t.setFixedWidth(52)
        self._frames = QSpinBox()
        self._frames.setObjectName("frameCount")
        self._frames.setRange(MIN_FRAMES, MAX_FRAMES)
        self._frames.setSuffix(self.tr(" frames"))
        self._frames.setKeyboardTracking(False)
        modes = ((PING_PONG, self.tr("Ping-pong")), (LOOP, self.tr("Loop")), (ONCE, self.tr("Once")))
        ways = ((Interpolation.LINEAR, self.tr("Linear")), (Interpolation.SPHERICAL, self.tr("Spherical")))
        self._interpolation = choice_box("interpolation", self.tr("How the path leads from A to B"), ways)
        self._interpolation.setToolTip(self.tr(_WHEN))
        self._interpolation.hide()
        self._mode = choice_box("playMode", self.tr("How to play"), modes)
        self._speed = choice_box("playSpeed", self.tr("Speed"), [(speed, f"{speed:g}×") for speed in SPEEDS])
        space = SpacePassThrough(self)
        for field in (self._frames.lineEdit(), self._interpolation, self._mode, self._speed):
            field.installEventFilter(space)
        self._flow = FlowLayout(self)
        self._flow.addWidget(self._slider)
        for widget in (self._t, self._frames, self._interpolation, self._mode, self._speed):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._flow.addWidget(widget)
        self._connect()
        self.clear()

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Add a button for each action of the path."""
        self._flow.insert(0, _button(actions["path.play"]))
        for name in ("path.clear", "path.export"):
            self._flow.addWidget(_button(actions[name]))

    def set_frame(self, frame: int, count: int) -> None:
        """Show that `frame` of the `count` decoded frames is on screen."""
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, count - 1)
            self._slider.setValue(frame)
        self._slider.setEnabled(True)
        self._t.setText(f"t = {frame / max(count - 1, 1):.2f}")

    def clear(self) -> None:
        """Show that no path is complete."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(0)
        self._slider.setEnabled(False)
        self._t.setText("t = –")

    def offer_interpolation(self, offered: bool) -> None:
        """Let a person choose between linear and spherical interpolation, which differ in purpose with more than two latents."""
        self._interpolation.setVisible(offered)

    def set_path(self, path: LatentPath) -> None:
        """Show how many frames the path has, and how it leads from A to B."""
        with QSignalBlocker(self._frames):
            self._frames.setValue(path.frames)
        _choose(self._interpolation, path.interpolation)

    def set_mode(self, mode: str) -> None:
        _choose(self._mode, mode)

    def set_speed(self, speed: float) -> None:
        _choose(self._speed, speed)

    def _connect(self) -> None:
        self._slider.valueChanged.connect(self.frame_chosen)
        self._frames.valueChanged.connect(self.frames_changed)
        self._interpolation.currentIndexChanged.connect(
            lambda _: self.interpolation_chosen.emit(Interpolation(self._interpolation.currentData()))
        )
        self._mode.currentIndexChanged.connect(lambda _: self.mode_chosen.emit(self._mode.currentData()))
        self._speed.currentIndexChanged.connect(lambda _: self.speed_chosen.emit(self._speed.currentData()))


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(f"{action.objectName()}.button")
    button.setAccessibleName(action.text().replace("&", ""))
    return button


def _choose(box: QComboBox, data: object) -> None:
    with QSignalBlocker(box):
        box.setCurrentIndex(box.findData(data))
