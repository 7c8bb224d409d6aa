"""Sessions on the real client of a decode thread that a test answers for: late, old and failed answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import end
from tests.gui.fakes import FakeDecodeThread, FakeModelThread, FakeWork, answer_of
from tests.gui.made import SAVED
from vae_explorer.gui.core import decoder as module
from vae_explorer.gui.core.decode_thread import CURSOR, INSPECT, MANIFOLD, PATH, DecodeAnswer, DecodeRequest
from vae_explorer.gui.core.decoder import Decoder
from vae_explorer.gui.core.session import CursorState, Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.table import FEATURES
from vae_explorer.models.model_file import ModelFile, read_model_file


@pytest.fixture
def thread(application: QApplication, monkeypatch: pytest.MonkeyPatch) -> FakeDecodeThread:
    thread = FakeDecodeThread()
    monkeypatch.setattr(module, "DecodeThread", lambda: thread)
    return thread


@pytest.fixture
def session(
    application: QApplication,
    digits_path: Path,
    thread: FakeDecodeThread,
    work: FakeWork,
    analysis_thread: FakeModelThread,
    survey_thread: FakeModelThread,
) -> Iterator[Session]:
    """A session with the digits model, whose thread is ready and has answered nothing yet."""
    session = Session(Workspace(FEATURES), FEATURES)
    session.show_model(read_model_file(digits_path), digits_path)
    thread.model_ready.emit(0)
    yield session
    end(session)


@pytest.fixture
def decoder(session: Session) -> Decoder:
    assert isinstance(session.decoder, Decoder)
    return session.decoder


@pytest.fixture
def shown(session: Session) -> list[list[float]]:
    """The points whose images came under the cursor, the newest last."""
    shown: list[list[float]] = []
    session.cursor.decoded.connect(lambda answer: shown.append(answer.z[0].tolist()))
    return shown


def move(session: Session, thread: FakeDecodeThread, *points: tuple[float, float]) -> list[DecodeRequest]:
    """Move the cursor over some points; their requests."""
    for z in points:
        session.cursor.move(z, 0.0)
    requests = [request for request in thread.requests if request.key == CURSOR]
    return requests[-len(points) :]


def test_that_images_follow_a_moving_cursor_and_none_comes_after_a_newer_one(
    session: Session, thread: FakeDecodeThread, shown: list[list[float]]
) -> None:
    first, second, third = move(session, thread, (0.5, 0.25), (0.75, 0.5), (-1.0, 0.0))
    thread.answer(second)
    assert not session.settled
    thread.answer(third)
    for request in (first, second):
        thread.answer(request)
    assert shown == [[0.75, 0.5], [-1.0, 0.0]]


def test_that_an_image_older_than_the_one_on_screen_is_dropped_though_a_newer_request_is_open(
    session: Session, thread: FakeDecodeThread, shown: list[list[float]]
) -> None:
    first, second = move(session, thread, (0.5, 0.25), (0.75, 0.5))
    thread.answer(second)
    move(session, thread, (-1.0, 0.0))
    thread.answer(first)
    assert shown == [[0.75, 0.5]]
    assert session.decoder.waiting


def test_that_answers_of_an_older_model_are_dropped(
    session: Session, thread: FakeDecodeThread, work: FakeWork, shown: list[list[float]], file: ModelFile
) -> None:
    answers: list[DecodeAnswer] = []
    session.decoder.answered.connect(answers.append)
    session.cursor.move((0.5, 0.25), 0.0)
    session.inspection.hold(3)
    for z in ((0.0, 0.0), (1.0, 1.0)):
        session.frames.click(z)
    session.decoder.ask(DecodeRequest(MANIFOLD, np.zeros((4, 2), np.float32)))
    old = {request.key: request for request in thread.requests}
    assert {CURSOR, INSPECT, PATH, MANIFOLD} <= set(old)
    session.show_model(replace(file), SAVED)
    for request in old.values():
        thread.answer(request)
    assert answers == []
    for key in (CURSOR, INSPECT, PATH):
        thread.answer(thread.newest(key))
    assert {answer.revision for answer in answers} == {1}


def test_that_frames_of_a_path_that_was_dragged_on_or_cleared_are_not_those_of_the_new_one(
    session: Session, thread: FakeDecodeThread
) -> None:
    path = session.workspace.path
    for z in ((-0.8, 0.6), (0.9, -0.5)):
        session.frames.click(z)
    path.begin_drag()
    first = thread.newest(PATH)
    path.drag(1, (0.2, 0.9))
    thread.answer(first)
    assert session.frames.answer is None
    last = thread.answer(thread.newest(PATH))
    assert session.frames.answer is last
    path.drag(1, (0.4, 0.4))
    cleared = thread.newest(PATH)
    path.clear()
    for z in ((0.0, 0.6), (0.1, -0.5)):
        session.frames.click(z)
    thread.answer(cleared)
    assert session.frames.answer is None


def test_that_an_image_of_the_options_before_is_dropped(
    session: Session, thread: FakeDecodeThread, shown: list[list[float]]
) -> None:
    (before,) = move(session, thread, (0.5, 0.25))
    session.options.changed.emit()  # as the class wheel and the family's switches do
    thread.answer(before)
    assert shown == []
    thread.answer(thread.newest(CURSOR))
    assert shown == [[0.5, 0.25]]


def test_that_a_failure_ends_the_request_that_failed_and_no_other(
    session: Session, thread: FakeDecodeThread, problems: list[str], shown: list[list[float]]
) -> None:
    for z in ((-0.8, 0.6), (0.9, -0.5)):
        session.frames.click(z)
    (cursor,) = move(session, thread, (0.5, 0.25))
    path = thread.newest(PATH)
    thread.fail("of the model before", replace(path, revision=-7))
    assert problems == []
    thread.fail("of the path", path)
    assert problems == ["of the path"]
    thread.answer(path)
    assert session.frames.answer is None
    thread.answer(cursor)
    assert shown == [[0.5, 0.25]]


def test_that_the_window_waits_for_a_quick_decoder_and_not_for_a_slow_one(
    session: Session, thread: FakeDecodeThread, shown: list[list[float]]
) -> None:
    thread.quick = answer_of
    session.cursor.follow(CursorState((2.0, 2.0), True, None, "", 0.0), (2.0, 2.0), reach=0.0)  # behind another map
    assert thread.waits == []
    move(session, thread, (0.5, 0.25))
    assert shown == [[0.5, 0.25]]
    assert len(thread.waits) == 1
    assert 0 < thread.waits[0] < 0.05
    thread.quick = lambda request: answer_of(request, milliseconds=500.0)
    move(session, thread, (0.75, 0.5))
    late = move(session, thread, (1.0, 1.0), (1.5, 1.0))  # the last one took too long
    assert len(thread.waits) == 2
    for request in late:
        thread.answer(request)
    assert shown == [[0.5, 0.25], [0.75, 0.5], [1.0, 1.0], [1.5, 1.0]]


def test_that_nobody_waits_for_a_model_that_is_not_ready(session: Session, thread: FakeDecodeThread, file: ModelFile) -> None:
    thread.quick = answer_of
    session.show_model(replace(file), SAVED)
    waits = len(thread.waits)
    move(session, thread, (0.5, 0.25))
    assert len(thread.waits) == waits
    thread.model_ready.emit(1)
    move(session, thread, (0.75, 0.5))
    assert len(thread.waits) == waits + 1


def test_that_an_image_that_came_too_late_to_be_waited_for_still_counts(
    session: Session, thread: FakeDecodeThread, shown: list[list[float]]
) -> None:
    (late,) = move(session, thread, (0.5, 0.25))
    assert shown == []
    thread.answer(late)
    assert shown == [[0.5, 0.25]]


def test_that_no_points_are_asked_and_older_ones_forgotten(decoder: Decoder, thread: FakeDecodeThread) -> None:
    ticket = decoder.ask(DecodeRequest(PATH, np.zeros((2, 2), np.float32)))
    assert thread.newest(PATH).ticket == ticket
    assert decoder.waits_for(PATH)
    assert decoder.ask(DecodeRequest(PATH, np.zeros((0, 2), np.float32))) == -1
    assert not decoder.waits_for(PATH)


def test_that_a_decoder_was_ready_once_its_thread_says_so(
    decoder: Decoder, thread: FakeDecodeThread, application: QApplication
) -> None:
    assert decoder.was_ready
    assert not Decoder().was_ready
