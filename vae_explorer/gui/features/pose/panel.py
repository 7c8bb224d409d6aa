"""The pose of decoded images: a dial for the angle, and numbers for the shift."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDial, QDoubleSpinBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.kit.widgets import label
from vae_explorer.poses import UPRIGHT, Pose

_TURN, _TOP = 360, 180  # degrees of a turn, and the dial's value with its mark at the top
_SIDE, _NOTE_WIDTH = 72, 260  # pixels


class PosePanel(QWidget):
    dragged = Signal(object)  # Pose, while the dial is held
    chosen = Signal(object)  # Pose

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("posePanel")
        self._pose = UPRIGHT
        self.dial = QDial()
        self.dial.setObjectName("pose.angle")
        self.dial.setRange(0, _TURN)
        self.dial.setWrapping(True)
        self.dial.setFixedSize(_SIDE, _SIDE)
        self.dial.setToolTip(self.tr("Angle of the object, counterclockwise"))
        self.dial.setAccessibleName(self.dial.toolTip())
        self.dial.valueChanged.connect(self._on_dial)
        self.dial.sliderReleased.connect(lambda: self.chosen.emit(self._pose))
        self._angle = label("value", name="pose.angleText")
        self.right = self._shift("pose.right", self.tr("right "), self.tr("Shift to the right, in half sides of the image"))
        self.down = self._shift("pose.down", self.tr("down "), self.tr("Shift downwards, in half sides of the image"))
        self.reset = QPushButton(self.tr("Back to 0"))
        self.reset.setObjectName("pose.reset")
        self.reset.setToolTip(self.tr("Decode with angle and shift 0"))
        self.reset.clicked.connect(lambda: self.chosen.emit(UPRIGHT))
        note = label("muted", self.tr("All decoded images have this pose, reconstructions that of their image."), "pose.note")
        note.setWordWrap(True)
        note.setFixedWidth(_NOTE_WIDTH)
        numbers, layout = QVBoxLayout(), QHBoxLayout(self)
        for widget in (self._angle, self.right, self.down):
            numbers.addWidget(widget)
        layout.addWidget(self.dial)
        layout.addLayout(numbers)
        layout.addWidget(self.reset)
        layout.addWidget(note)
        layout.addStretch(1)
        self.set_pose(UPRIGHT)

    def set_pose(self, pose: Pose) -> None:
        self._pose = pose
        degrees = math.degrees(pose.angle)
        pairs = ((self.dial, round(_TOP - degrees) % _TURN), (self.right, pose.right), (self.down, pose.down))
        for widget, value in pairs:
            with QSignalBlocker(widget):
                widget.setValue(value)  # type: ignore[arg-type]
        self._angle.setText(f"{(degrees + _TOP) % _TURN - _TOP:+.0f}°".replace("-", "−"))
        self.reset.setEnabled(pose != UPRIGHT)

    def _shift(self, name: str, prefix: str, tip: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setObjectName(name)
        box.setRange(-1.0, 1.0)
        box.setSingleStep(0.05)
        box.setPrefix(prefix)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.valueChanged.connect(lambda _: self.chosen.emit(Pose(self._pose.angle, self.right.value(), self.down.value())))
        return box

    def _on_dial(self, value: int) -> None:
        pose = Pose(math.radians(_TOP - value), self._pose.right, self._pose.down)
        self.set_pose(pose)
        (self.dragged if self.dial.isSliderDown() else self.chosen).emit(pose)


def make_panel() -> PosePanel:
    return PosePanel()
