"""The workspace: its parts, its end, and what counts as work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.looking import PATIENCE
from vae_explorer.gui.core.part import WorkspacePart
from vae_explorer.gui.core.workspace import Workspace

ended: list[str] = []


class First(WorkspacePart):
    def shut_down(self) -> None:
        ended.append("first")


class Second(First):
    def shut_down(self) -> None:
        ended.append("second")


class Row:
    """A row of the table of features."""

    def __init__(self, *kinds: type[WorkspacePart]) -> None:
        self.kinds = kinds

    def make_workspace_parts(self, workspace: Workspace) -> list[WorkspacePart]:
        return [kind(workspace) for kind in self.kinds]


@pytest.fixture
def workspace(application: QApplication) -> Iterator[Workspace]:
    ended.clear()
    workspace = Workspace((Row(), Row(First, Second)))
    yield workspace
    workspace.player.pause()
    workspace.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_that_a_part_is_found_by_its_type(workspace: Workspace) -> None:
    assert type(workspace.part(First)) is First
    assert type(workspace.part(Second)) is Second
    with pytest.raises(KeyError, match="Row"):
        workspace.part(Row)


def test_that_parts_end_in_the_opposite_order_and_the_player_stops(workspace: Workspace) -> None:
    workspace.player.set_count(3)
    workspace.player.play()
    workspace.shut_down()
    assert ended == ["second", "first"]
    assert not workspace.player.playing


def test_that_a_new_path_is_work(workspace: Workspace) -> None:
    assert not workspace.activity.busy
    workspace.path.click((0.5, 0.5))
    assert workspace.activity.busy


def test_that_a_player_that_steps_is_work(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.player.set_count(3)
    workspace.player.set_speed(100)
    workspace.player.play()
    qtbot.waitUntil(lambda: workspace.activity.busy, timeout=PATIENCE)
