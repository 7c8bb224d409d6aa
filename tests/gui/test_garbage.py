"""On which thread Python's cyclic garbage goes."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.app import create_application
from vae_explorer.gui.compare.presets import PRESETS
from vae_explorer.gui.runtime.garbage import GarbageCollector, collect_after
from vae_explorer.runtime.importing import without_collecting

from .conftest import OpenWindow
from .looking import settle


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


def test_that_nothing_is_collected_while_another_thread_imports(application: QApplication) -> None:
    collector = application.findChildren(GarbageCollector)[0]
    begun, done = threading.Event(), threading.Event()

    def load() -> None:
        with without_collecting():
            begun.set()
            done.wait()

    thread = threading.Thread(target=load)
    thread.start()
    begun.wait()
    ended: list[int] = []
    for number in range(2 * gc.get_threshold()[0]):
        weakref.finalize(Knot(), ended.append, number)
    collector.look()
    assert ended == []
    done.set()
    thread.join()
    collector.look()
    assert len(ended) == 2 * gc.get_threshold()[0]


def test_that_what_is_imported_is_never_collected() -> None:
    code = """
import gc
from vae_explorer.runtime.importing import without_collecting
before = gc.get_freeze_count()
with without_collecting():
    assert not gc.isenabled()
    import decimal, xml.dom.minidom
assert gc.isenabled()
print(gc.get_freeze_count() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240)
    assert int(done.stdout) > 1000


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


def test_that_exempt_objects_are_collected_once_a_map_has_closed(qtbot: QtBot) -> None:
    owner = QObject()
    collect_after(owner)
    knot = Knot()
    gone = weakref.ref(knot)
    gc.freeze()
    del knot
    gc.collect()
    assert gone() is not None, "the knot was not exempt, so the test shows nothing"
    del owner
    qtbot.waitUntil(lambda: gone() is None)
    assert gc.get_freeze_count() > 0, "what stays is no longer exempt"


def test_that_a_closed_map_leaves_nothing_though_an_import_exempted_it(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    window.comparison.show_preset(PRESETS[0])
    settle(qtbot, window)
    sessions = [weakref.ref(explorer.session) for explorer in window.explorers[1:]]
    assert sessions
    gc.freeze()
    window.comparison.close()
    qtbot.waitUntil(lambda: all(session() is None for session in sessions))
