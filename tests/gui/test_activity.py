"""Who gets the processor: the window while somebody is at work with it, else what trains beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core import activity
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .looking import PATIENCE, run_action, settle


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
