"""A model file that takes long to open: it is said, it can be cancelled, it is given up, and the next file is opened at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core import opener as module
from vae_explorer.gui.core.opener import ModelOpener
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.model_file import ModelFile, read_model_file

from .looking import PATIENCE, find


class SlowDisk:
    """Reads a file called slow… only once it may, and looks at its check only then."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.began = threading.Semaphore(0)
        self.ended: list[str] = []

    def read(self, path: Path, check: Callable[[], None]) -> ModelFile:
        if path.name.startswith("slow"):
            self.began.release()
            assert self.may_go_on.wait(PATIENCE / 1000)
            self.ended.append(path.name)
            check()
        return read_model_file(path, check)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk()
    monkeypatch.setattr(module, "open_model_file", disk.read)
    yield disk
    disk.may_go_on.set()


@pytest.fixture
def opener(disk: SlowDisk) -> Iterator[ModelOpener]:
    parent = QObject()
    opener = ModelOpener(parent)
    yield opener
    disk.may_go_on.set()
    opener.shut_down()


def news_of(opener: ModelOpener) -> list[Any]:
    """Names of files that were opened, and words of refusals."""
    news: list[Any] = []
    opener.loaded.connect(lambda _, path: news.append(path.name))
    opener.refused.connect(lambda error, _: news.append(str(error)))
    return news


def test_that_a_file_that_lasts_is_said_and_another_one_is_opened_at_once_after_cancel(
    qtbot: QtBot, opener: ModelOpener, disk: SlowDisk, digits_path: Path
) -> None:
    news = news_of(opener)
    with qtbot.waitSignal(opener.slow_file_changed, timeout=PATIENCE) as said:
        opener.open(Path("slow.safetensors"))
    assert said.args == [Path("slow.safetensors")]
    with qtbot.waitSignal(opener.slow_file_changed, timeout=PATIENCE) as said:
        opener.give_up()
    assert (said.args, opener.busy) == ([None], False)
    with qtbot.waitSignal(opener.loaded, timeout=PATIENCE):
        opener.open(digits_path)
    assert disk.ended == []  # the loader did not wait for it
    disk.may_go_on.set()
    qtbot.waitUntil(lambda: not opener.abandoned, timeout=PATIENCE)
    assert news == [digits_path.name]


def test_that_cancel_above_the_map_keeps_the_open_model(
    qtbot: QtBot, window: MainWindow, disk: SlowDisk, tmp_path: Path
) -> None:
    path, before = tmp_path / "slow.safetensors", window.session.model
    path.touch()
    window.open_model(path)
    line = find(window, Banner, "opening")
    qtbot.waitUntil(line.isVisible, timeout=PATIENCE)
    assert line.text() == "Opening slow.safetensors…"
    qtbot.mouseClick(find(window, QPushButton, "openingDismiss"), Qt.MouseButton.LeftButton)
    assert not line.isVisible()
    disk.may_go_on.set()
    qtbot.waitUntil(lambda: not window.session.opener.abandoned, timeout=PATIENCE)
    assert window.session.model is before
    assert not find(window, Banner, "banner").isVisible()
