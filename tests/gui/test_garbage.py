"""On which thread Python's cyclic garbage goes."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.app import create_application
from vae_explorer.gui.runtime.garbage import GarbageCollector


class Knot:
    """In a cycle with itself."""

    def __init__(self) -> None:
        self.self = self


def test_that_what_another_thread_leaves_in_cycles_goes_on_the_gui_thread(qtbot: QtBot) -> None:
    ended: list[int] = []

    def leave() -> None:
        for _ in range(20 * gc.get_threshold()[0]):
            weakref.finalize(Knot(), lambda: ended.append(threading.get_ident()))

    other = threading.Thread(target=leave)
    other.start()
    other.join()
    qtbot.waitUntil(lambda: bool(ended))
    assert set(ended) == {threading.get_ident()}


def test_that_an_application_has_one_collector(application: QApplication) -> None:
    create_application()
    assert len(application.findChildren(GarbageCollector)) == 1
    assert not gc.isenabled()


def test_that_python_collects_by_itself_again_where_there_is_no_collector(qtbot: QtBot) -> None:
    owner = QObject()
    GarbageCollector(owner)
    del owner
    assert gc.isenabled()
    gc.disable()  # as the application's own collector has it
