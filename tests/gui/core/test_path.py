"""The path below the window: clicks, drags, and steps that can be undone."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from vae_explorer.gui.core.path import KeptPath, PathState
from vae_explorer.latent.paths import LatentPath

A, B, C = (-1.2, -0.8), (1.1, 0.9), (0.2, -1.4)


@pytest.fixture
def stack(application: QObject) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def path(stack: QUndoStack) -> PathState:
    return PathState(stack, stack)


def points(path: PathState) -> tuple[tuple[float, float], ...]:
    return path.path.points


def test_that_two_clicks_make_a_path_and_a_third_begins_a_new_one(path: PathState) -> None:
    seen: list[LatentPath] = []
    path.changed.connect(seen.append)
    for point, label in ((A, 3), (B, None), (C, 5)):
        path.click(point, label)
    assert [each.points for each in seen] == [(A,), (A, B), (C,)]
    assert [each.labels for each in seen] == [(3,), (3, None), (5,)]
    assert [each.is_complete for each in seen] == [False, True, False]


def test_that_placing_clearing_and_frames_can_be_undone_and_redone(path: PathState, stack: QUndoStack) -> None:
    path.click(A)
    path.click(B)
    path.set_frames(5)
    path.clear()
    states = [((A, B), 5), ((A, B), 16), ((A,), 16), ((), 16)]
    for wanted in states:
        stack.undo()
        assert (points(path), path.path.frames) == wanted
    for wanted in [*reversed(states[:-1]), ((), 5)]:
        stack.redo()
        assert (points(path), path.path.frames) == wanted


def test_that_what_changes_nothing_is_no_step(path: PathState, stack: QUndoStack) -> None:
    path.clear()
    path.set_frames(path.path.frames)
    path.set_path(LatentPath())
    assert not stack.count()


@pytest.mark.parametrize(("asked", "given"), [(0, 2), (2, 2), (120, 120), (500, 120)])
def test_that_a_path_has_from_2_to_120_frames(path: PathState, asked: int, given: int) -> None:
    path.set_frames(asked)
    assert path.path.frames == given


def test_that_a_drag_is_one_step_and_the_next_drag_another(path: PathState, stack: QUndoStack) -> None:
    path.click(A)
    path.click(B)
    for end in (C, A):
        path.begin_drag()
        for share in (0.3, 0.7, 1.0):
            path.drag(1, (share * end[0], share * end[1]))
    assert stack.count() == 4
    for wanted in ((A, C), (A, B)):
        stack.undo()
        assert points(path) == wanted


def test_that_the_first_half_of_a_double_click_leaves_no_trace(path: PathState, stack: QUndoStack) -> None:
    path.click(A)
    path.take_back_click()
    assert points(path) == ()
    assert not stack.canUndo()
    assert not stack.canRedo()
    for point in (A, B, C):
        path.click(point)
    path.take_back_click()
    assert points(path) == (A, B)
    path.take_back_click()
    assert points(path) == (A, B)  # there is one click to take back


def test_that_a_click_that_placed_nothing_takes_nothing_back(path: PathState) -> None:
    path.click(A)
    path.forget_click()
    path.take_back_click()
    assert points(path) == (A,)


def test_that_a_click_is_not_taken_back_after_another_step(path: PathState) -> None:
    path.click(A)
    path.set_frames(5)
    path.take_back_click()
    assert (points(path), path.path.frames) == ((A,), 5)


def test_that_a_record_survives_json_and_comes_back_in_one_step(path: PathState, stack: QUndoStack) -> None:
    path.click(A, 3)
    path.click(B)
    path.set_frames(7)
    kept = path.kept()
    path.clear()
    path.set_frames(9)
    steps = stack.count()
    path.take_back(KeptPath.from_json(json.loads(json.dumps(kept.as_json()))))
    assert path.kept() == kept
    assert path.path == LatentPath((A, B), 7, (3, None))
    assert stack.count() == steps + 1
