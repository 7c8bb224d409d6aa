"""Who gets the processor: the window while somebody is at work with it, else what trains beside it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.processes import child_processes
from vae_explorer.gui.core import activity
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.features.training.child import TrainingChild
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.features.training.thread import TrainThread
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .looking import PATIENCE, run_action, settle
from .training import open_dialog, press_start, start_training, wait_for_the_end

CORES = os.cpu_count() or 2


@pytest.fixture
def owner() -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


def test_that_stirring_makes_busy_once_and_rest_follows(owner: QObject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "IDLE_AFTER", 20)
    watched, news = Activity(owner), []
    watched.changed.connect(news.append)
    for _ in range(3):
        watched.mark_busy()
    assert watched.busy
    qtbot.waitUntil(lambda: not watched.busy, timeout=PATIENCE)
    assert news == [True, False]


@pytest.mark.parametrize("what", ["hover", "zoom", "drag", "play"])
def test_that_work_with_the_window_counts(window: MainWindow, qtbot: QtBot, what: str) -> None:
    if what == "play":
        for z in ((-1.0, 0.0), (1.0, 0.5)):
            mouse.click(window.latent_view, z)
        settle(qtbot, window)
    qtbot.waitUntil(lambda: not window.session.workspace.activity.busy, timeout=PATIENCE)
    if what == "hover":
        mouse.move_to(window.latent_view, (0.3, 0.2))
    elif what == "zoom":
        window.latent_view.getViewBox().sigRangeChangedManually.emit([True, True])
    elif what == "drag":
        window.session.workspace.path.click((0.5, 0.5))
    else:
        run_action(window, "path.play")
        qtbot.waitUntil(lambda: window.session.workspace.player.frame > 0, timeout=PATIENCE)
    assert window.session.workspace.activity.busy
    window.session.workspace.player.pause()


def test_that_a_run_is_told_its_threads_as_work_begins_and_ends(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    genuine = TrainThread.set_threads

    def spy(self: TrainThread, threads: int) -> None:
        told.append(threads)
        genuine(self, threads)

    monkeypatch.setattr(TrainThread, "set_threads", spy)
    qtbot.waitUntil(lambda: not window.session.workspace.activity.busy, timeout=PATIENCE)
    start_training(window, epochs=100_000)
    mouse.move_to(window.latent_view, (0.3, 0.2))
    qtbot.waitUntil(lambda: not window.session.workspace.activity.busy, timeout=PATIENCE)
    window.session.part(TrainingState).stop()
    wait_for_the_end(qtbot, window)
    assert told == [CORES, max(1, CORES - 1), CORES]


def test_that_the_dialog_has_a_child_ready_and_start_takes_it(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[TrainingChild] = []
    genuine = TrainingChild.__init__

    def spy(self: TrainingChild) -> None:
        made.append(self)
        genuine(self)

    monkeypatch.setattr(TrainingChild, "__init__", spy)
    dialog = open_dialog(window)
    assert len(made) == 1
    assert made[0].is_alive()
    press_start(dialog)
    training = window.session.part(TrainingState)
    qtbot.waitUntil(lambda: bool(training.progress and training.progress.epoch), timeout=PATIENCE)
    training.stop()
    wait_for_the_end(qtbot, window)
    assert len(made) == 1
    assert not made[0].is_alive()


def test_that_a_child_that_died_waiting_is_replaced(window: MainWindow, qtbot: QtBot) -> None:
    training = window.session.part(TrainingState)
    training.warm_up()
    (child,) = child_processes()
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    start_training(window, epochs=2)
    wait_for_the_end(qtbot, window)
    assert window.session.model is not None
    assert window.session.model.card.training["epochs"] == 2


def test_that_a_child_nobody_needed_ends_with_the_window(window: MainWindow) -> None:
    training = window.session.part(TrainingState)
    training.warm_up()
    training.warm_up()
    assert len(child_processes()) == 1
    window.close()
    assert not child_processes()
