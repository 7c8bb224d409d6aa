"""A real window under attack, and the watch over what goes wrong in it."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pyqtgraph as pg
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QMessageLogContext, QSettings, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from tests.campaign.sandbox import descendants, folder
from vae_explorer.gui.app import create_application, create_window
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.runtime.garbage import GarbageCollector

_OF_THE_PLATFORM = ("This plugin does not support ",)  # what Qt's offscreen platform says of every window
PATIENCE = 300.0  # seconds until a window that does not settle counts as hanging, on a busy machine too
_MEBIBYTE = 2**20


class Watch:
    """Collects exceptions, warnings and Qt's messages until they are asked for."""

    def __init__(self) -> None:
        self._found: list[str] = []
        create_application()  # which handles Qt's messages, until the handler below does
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        sys.unraisablehook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        pg.debug.printExc = lambda message="", *_, **__: self._found.append(f"{message} {traceback.format_exc()}")
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self._found.append(f"logged: {record.getMessage()}")  # type: ignore[method-assign]
        logging.getLogger().addHandler(handler)
        qInstallMessageHandler(self._on_message)

    def take(self) -> list[str]:
        """What was found since the last call."""
        found, self._found = self._found, []
        return found

    def _on_exception(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        self._found.append(" ".join("".join(traceback.format_exception(kind, error, trace)[-4:]).split()))

    def _on_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        is_news = kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if is_news and not any(words in message for words in _OF_THE_PLATFORM):
            self._found.append(f"Qt: {message}")


class Gaps:
    """The largest time that the event loop did not come back."""

    def __init__(self) -> None:
        self.largest = 0.0  # seconds
        self.at = ""

    @contextmanager
    def around(self, what: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        run_events()
        seconds = time.perf_counter() - begun
        if seconds > self.largest:
            self.largest, self.at = seconds, what


def run_events() -> None:
    """What waits for the event loop. Deletions wait for a loop that runs, so they are sent by hand."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def open_window(model: str | Path = "digits-vae") -> MainWindow:
    """A window at 1280×800 that has come to rest, with settings of its own."""
    create_application()
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder() / "settings"))
    window = create_window(model, theme="light")
    window.resize(1280, 800)
    window.show()
    settle(window)
    return window


def settle(window: MainWindow, seconds: float = PATIENCE) -> None:
    """Run the event loop until every map of the window has its answers. Raises TimeoutError that names what has none."""
    try:
        wait(lambda: all(explorer.session.settled for explorer in window.explorers), seconds)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {'; '.join(_unsettled(explorer.session) for explorer in window.explorers)}") from error


def _unsettled(session: Session) -> str:
    found = {
        "no model": session.model is None,
        "decoder": session.decoder.waiting,
        "jobs": session.jobs.busy,
        "opener": session.opener.busy,
        "analysis": session.part(ImageAnalysis).busy,
    }
    return ", ".join(name for name, waits in found.items() if waits) or ("settled" if session.settled else "another part")


def wait(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Run the event loop until `condition` holds. Raises TimeoutError after `seconds`."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        run_events()
        if clock.elapsed() > seconds * 1000:
            raise TimeoutError(f"the window did not settle within {seconds:g} s")
        time.sleep(0.001)


def close_window(window: MainWindow) -> list[str]:
    """Close the window; what it leaves behind, such as a thread or a child process."""
    window.session.part(TrainingState).shut_down()
    window.close()
    window.deleteLater()
    run_events()
    left = [f"child process {child}" for child in descendants(_own_id())]
    ours = [thread.name for thread in threading.enumerate() if not thread.name.startswith("Dummy-")]
    return left + [f"Python thread {name}" for name in ours if name != threading.main_thread().name]


def memory() -> float:
    """Resident memory in MiB after the program's collection, with freed pages given back to the system. Linux."""
    collector = create_application().findChild(GarbageCollector)
    assert collector is not None
    collector.look()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / _MEBIBYTE


def _own_id() -> int:
    return int(Path("/proc/self").resolve().name)
