"""Images and mosaics of the real decode thread: in time, after a failure, and after the window has closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core import cursor
from vae_explorer.gui.core.decode_thread import CURSOR, MANIFOLD, DecodeAnswer, DecodeRequest, DecodeThread
from vae_explorer.gui.core.job_thread import JobThread
from vae_explorer.gui.core.model_thread import ModelRequest
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.model_file import read_model_file

from . import mouse
from .conftest import OpenWindow
from .looking import PATIENCE, decoded, find, image_view, mosaic_item, next_mosaic, settle


def test_that_the_mosaic_is_what_the_model_decodes_over_the_part_in_view(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    view = window.latent_view
    for notches in (0, 5):
        if notches:
            with next_mosaic(qtbot, window):
                mouse.wheel(view, (0.3, -0.2), notches)
        settle(qtbot, window)
        item = mosaic_item(window)
        assert item.mapRectToParent(item.boundingRect()).contains(view.visible_rect())
        sides = [side for side in range(8, 13) if not (item.image.shape[0] % side or item.image.shape[1] % side)]
        assert any(is_mosaic(item, side, model) for side in sides)


def is_mosaic(item: pg.ImageItem, side: int, model: TrainedModel) -> bool:
    """Whether cells of `side` pixels hold, in their middle, what `model` decodes at the latent point of that middle."""
    area, margin = item.mapRectToParent(item.boundingRect()), (side - 8) // 2
    rows, columns = item.image.shape[0] // side, item.image.shape[1] // side
    width, height = area.width() / columns, area.height() / rows
    for row, column in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
        z = (area.left() + (column + 0.5) * width, area.top() + (row + 0.5) * height)
        bottom, left = side * row + margin, side * column + margin
        cell = item.image[bottom : bottom + 8, left : left + 8][::-1]  # the plane's second axis points up
        if not np.array_equal(cell, decoded(model, z)[0, ..., 0]):
            return False
    return True


def test_that_the_picture_of_a_move_is_there_when_the_move_is_over(
    window: MainWindow, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "MAX_WAIT", PATIENCE / 1000)
    for z in ((0.7, 0.2), (0.6, 0.3), (-1.0, 0.1)):
        hit = mouse.move_to(window.latent_view, z)
        np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, hit)[0])


def test_that_a_decode_failure_is_said_in_the_banner_and_the_next_answer_comes(
    window: MainWindow, model: TrainedModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    banner = find(window, Banner, "banner")
    with monkeypatch.context() as patch:
        patch.setattr(TrainedModel, "decode_uint8", lambda self, *_: 1 / 0)
        mouse.move_to(window.latent_view, (0.4, 0.4))
        qtbot.waitUntil(banner.isVisible, timeout=PATIENCE)
        settle(qtbot, window)
    assert "division by zero" in banner.text()
    hit = mouse.move_to(window.latent_view, (-0.4, 0.4))
    settle(qtbot, window)
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, hit)[0])


@pytest.fixture
def thread(digits_path: Path, qtbot: QtBot) -> Iterator[DecodeThread]:
    """A decode thread that is ready to answer for the digits."""
    thread = DecodeThread()
    with qtbot.waitSignal(thread.model_ready, timeout=PATIENCE):
        thread.start()
        thread.set_model(ModelRequest(read_model_file(digits_path), "digits", 0))
    yield thread
    thread.shut_down()


def test_that_a_flood_of_mosaics_keeps_no_cursor_waiting_and_no_answer_is_older_than_the_one_before(
    thread: DecodeThread, qtbot: QtBot
) -> None:
    cursors: list[int] = []
    mosaics: list[DecodeAnswer] = []
    thread.answered.connect(lambda given: cursors.append(int(given.z[0, 0])) if given.key == CURSOR else mosaics.append(given))
    grid = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
    for number in range(200):
        thread.post(DecodeRequest(MANIFOLD, grid.copy(), 0))
        thread.post(DecodeRequest(CURSOR, np.array([[number, 0]], np.float32), 0))
        if number % 20 == 0:
            qtbot.waitUntil(lambda number=number: bool(cursors) and cursors[-1] == number, timeout=PATIENCE)
    last = grid.copy()
    thread.post(DecodeRequest(MANIFOLD, last, 0))
    qtbot.waitUntil(lambda: bool(mosaics) and mosaics[-1].z is last, timeout=PATIENCE)
    assert cursors == sorted(cursors)
    assert cursors[-1] == 199


def test_that_a_question_for_an_older_model_is_not_answered(thread: DecodeThread, digits_path: Path, qtbot: QtBot) -> None:
    answers: list[DecodeAnswer] = []
    thread.answered.connect(lambda given: answers.append(given))
    thread.set_model(ModelRequest(read_model_file(digits_path), "digits", 1))
    thread.post(DecodeRequest(CURSOR, np.zeros((1, 2), np.float32), 0))
    thread.post(DecodeRequest(MANIFOLD, np.zeros((1, 2), np.float32), 1))
    qtbot.waitUntil(lambda: bool(answers), timeout=PATIENCE)
    assert [(given.key, given.revision) for given in answers] == [(MANIFOLD, 1)]


def test_that_news_that_comes_after_the_window_is_closed_starts_no_thread(
    open_window: OpenWindow, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, started, original = threading.Event(), [], TrainedModel.decode_uint8

    def decode(self: TrainedModel, *asked: object) -> np.ndarray:
        ready.set()  # by now `model_ready` is on its way to the window, which has not looked yet
        return original(self, *asked)  # type: ignore[arg-type]

    monkeypatch.setattr(TrainedModel, "decode_uint8", decode)
    window = open_window(at_once=True)
    qapp.processEvents()  # the decoder starts with the event loop
    assert ready.wait(PATIENCE / 1000)
    window.close()
    monkeypatch.setattr(JobThread, "start", lambda thread: started.append(thread.objectName()))
    for _ in range(5):
        qapp.processEvents()
    assert not started
