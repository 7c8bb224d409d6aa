"""The latent path of a window. Every change of the path can be undone."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES, Interpolation, LatentPath, LatentPoint

_drags = itertools.count(1)


@dataclass(frozen=True)
class KeptPath(Kept):
    points: tuple[LatentPoint, ...]
    labels: tuple[int | None, ...]
    frames: int
    interpolation: str


class PathState(QObject):
    """Owns the path. Changes go through the undo stack, and a drag is one step."""

    kept_as = "path"
    changed = Signal(object)  # LatentPath

    def __init__(self, undo_stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self._path = LatentPath()
        self._drag = 0
        self._last_click: _PathStep | None = None

    @property
    def path(self) -> LatentPath:
        return self._path

    def click(self, point: LatentPoint, label: int | None = None) -> None:
        text = self._tr("place endpoint")
        self._last_click = self._push(self._path.clicked(point, label), text)

    def take_back_click(self) -> None:
        """Undo the last click without a step to redo, since it began a double click."""
        step, self._last_click = self._last_click, None
        stack = self._undo_stack
        if step is not None and stack.canUndo() and stack.command(stack.index() - 1) is step:
            step.undo()  # QUndoStack deletes an obsolete step without undoing it
            step.setObsolete(True)
            stack.undo()

    def forget_click(self) -> None:
        self._last_click = None

    def begin_drag(self) -> None:
        self._drag = next(_drags)

    def drag(self, endpoint: int, point: LatentPoint) -> None:
        """Move one endpoint. All moves since `begin_drag` are one step."""
        self._push(self._path.moved(endpoint, point), self._tr("move endpoint"), self._drag)

    def clear(self) -> None:
        if self._path.points:
            self._push(replace(self._path, points=(), labels=()), self._tr("clear path"))

    def set_frames(self, frames: int) -> None:
        frames = min(max(frames, MIN_FRAMES), MAX_FRAMES)
        if frames != self._path.frames:
            self._push(replace(self._path, frames=frames), self._tr("change frames"))

    def set_interpolation(self, interpolation: Interpolation) -> None:
        if interpolation is not self._path.interpolation:
            self._push(replace(self._path, interpolation=interpolation), self._tr("change interpolation"))

    def kept(self) -> KeptPath:
        return KeptPath(self._path.points, self._path.labels, self._path.frames, self._path.interpolation.value)

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptPath)
        self.set_path(LatentPath(kept.points, kept.frames, kept.labels, Interpolation(kept.interpolation)))

    def set_path(self, path: LatentPath) -> None:
        if path != self._path:
            self._push(path, self._tr("change path"))

    @Slot(object)
    def show(self, path: LatentPath) -> None:
        self._path = path
        self.changed.emit(path)

    def _push(self, after: LatentPath, text: str, drag: int = 0) -> _PathStep:
        step = _PathStep(self, after, text, drag)
        self._undo_stack.push(step)
        return step

    @staticmethod
    def _tr(text: str) -> str:
        return QCoreApplication.translate("PathState", text)


class _PathStep(Guarded, QUndoCommand):
    def __init__(self, state: PathState, after: LatentPath, text: str, drag: int) -> None:
        super().__init__(text)
        self._state, self._before, self._after, self._drag = state, state.path, after, drag

    def id(self) -> int:
        return 1 if self._drag else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _PathStep) or other._drag != self._drag:
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self._state.show(self._after)

    def undo(self) -> None:
        self._state.show(self._before)
