"""The animation clock. It steps through decoded frames. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from vae_explorer.gui.kit.play_mode import LOOP, ONCE, PING_PONG

FRAME_MILLISECONDS = 80  # at speed 1


class Player(QObject):
    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    mode_changed = Signal(str)
    speed_changed = Signal(float)
    stepped = Signal()  # the clock has stepped

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._count, self._frame, self._direction, self._mode, self._speed = 0, 0, 1, PING_PONG, 1.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._step)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def frame(self) -> int:
        return self._frame

    @property
    def count(self) -> int:
        return self._count

    @property
    def mode(self) -> str:
        return self._mode

    @property
    def speed(self) -> float:
        return self._speed

    def set_count(self, count: int) -> None:
        """Set the number of frames, and keep the relative place of the current frame."""
        if count < 1:
            self.pause()
            self._count = self._frame = 0
            return
        t = self._frame / max(self._count - 1, 1)
        if count != self._count:
            self._count = count
            self._frame = round(t * (count - 1))
        self.frame_changed.emit(self._frame)

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        if self._count:
            self._frame = min(max(frame, 0), self._count - 1)
            self.frame_changed.emit(self._frame)

    @Slot(str)
    def set_mode(self, mode: str) -> None:
        self._mode, self._direction = mode, 1
        self.mode_changed.emit(mode)

    @Slot(float)
    def set_speed(self, speed: float) -> None:
        self._speed = speed
        self._timer.setInterval(max(1, round(FRAME_MILLISECONDS / speed)))
        self.speed_changed.emit(speed)

    def toggle(self) -> None:
        self.pause() if self.playing else self.play()

    def play(self) -> None:
        if self._count < 2 or self.playing:
            return
        if self._mode == ONCE and self._frame == self._count - 1:
            self.set_frame(0)
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    @Slot()
    def _step(self) -> None:
        self.stepped.emit()
        after = self._frame + self._direction
        if 0 <= after < self._count:
            self.set_frame(after)
        elif self._mode == LOOP:
            self.set_frame(0)
        elif self._mode == PING_PONG:
            self._direction = -self._direction
            self.set_frame(self._frame + self._direction)
        else:
            self.pause()
