"""The workspace owns the path, the player and the run that all maps of a window share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.core.part import WorkspacePart, part_of_type
from vae_explorer.gui.core.path import PathState
from vae_explorer.gui.core.player import Player

T = TypeVar("T")


class WorkspaceFeature(Protocol):
    def make_workspace_parts(self, workspace: Workspace) -> Sequence[WorkspacePart]: ...


class Workspace(QObject):
    def __init__(
        self, features: Iterable[WorkspaceFeature], data_dir: str | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.data_dir = data_dir
        self.undo_stack = QUndoStack(self)
        self.path = PathState(self.undo_stack, self)
        self.player = Player(self)
        self.activity = Activity(self)
        self.path.changed.connect(self.activity.mark_busy)
        self.player.stepped.connect(self.activity.mark_busy)
        self._parts: list[WorkspacePart] = []
        for feature in features:
            self._parts.extend(feature.make_workspace_parts(self))

    def part(self, kind: type[T]) -> T:
        return part_of_type(self._parts, kind)

    def shut_down(self) -> None:
        for part in reversed(self._parts):
            part.shut_down()
        self.player.pause()
