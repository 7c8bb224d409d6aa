"""What a test must not leave behind, and which line started it."""

from __future__ import annotations

import threading
import traceback
from typing import Any
from weakref import WeakKeyDictionary

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from shiboken6 import isValid

from tests.processes import child_processes

from .looking import PATIENCE


class Watch:
    """Notes every QThread and QTimer that starts, and every error that pyqtgraph swallows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._started: WeakKeyDictionary[QObject, str] = WeakKeyDictionary()
        self._notes: list[str] = []
        self._threads_before = set(threading.enumerate())
        self._children_before = child_processes()
        for kind in (QThread, QTimer):
            monkeypatch.setattr(kind, "start", self._noting(kind.start))
        monkeypatch.setattr(pg.debug, "printExc", self._note_error)

    def note_what_still_runs(self) -> None:
        """Called while closed windows still exist: no clock of theirs may tick on for ever, no thread may run.

        Threads are waited for, since deleting one that runs would abort the interpreter and with it all the other tests.
        """
        clocks = [timer for timer in self._alive(QTimer) if timer.isActive() and not timer.isSingleShot()]
        threads = [thread for thread in self._alive(QThread) if thread.isRunning()]
        self._notes += [f"a ticking QTimer of a closed window, {self._started[clock]}" for clock in clocks]
        self._notes += [f"a running QThread of a closed window, {self._started[thread]}" for thread in threads]
        for thread in threads:
            thread.wait(PATIENCE)

    def leftovers(self) -> list[str]:
        threads = [f"a running QThread, {self._started[thread]}" for thread in self._alive(QThread) if thread.isRunning()]
        timers = [f"an active QTimer, {self._started[timer]}" for timer in self._alive(QTimer) if timer.isActive()]
        python = [thread for thread in set(threading.enumerate()) - self._threads_before if _is_ours(thread)]
        return [
            *self._notes,
            *threads,
            *timers,
            *(f"Python thread {thread.name}" for thread in python),
            *(f"child process {child}" for child in sorted(child_processes() - self._children_before)),
            *(
                f"window {widget.objectName() or widget!r}"
                for widget in QApplication.topLevelWidgets()
                if self._is_left(widget)
            ),
        ]

    @staticmethod
    def _is_left(widget: QWidget) -> bool:
        """Hidden windows too: whatever comes after works out its looks for each of their widgets."""
        return widget.isVisible() or isinstance(widget, QMainWindow)

    def _noting(self, start: Any) -> Any:
        def noting(started: Any, *arguments: Any) -> None:
            line = traceback.extract_stack(limit=2)[0]
            self._started[started] = f"started at {line.filename}:{line.lineno}"
            start(started, *arguments)

        return noting

    def _alive(self, kind: type[Any]) -> list[Any]:
        return [started for started in list(self._started) if isinstance(started, kind) and isValid(started)]

    def _note_error(self, message: str = "", *_: object, **__: object) -> None:
        self._notes.append(f"{message} {traceback.format_exc()}")


def _is_ours(thread: threading.Thread) -> bool:
    """A QThread that has run Python shows as a dummy thread for ever; the rest was started by somebody."""
    return thread.is_alive() and not thread.name.startswith("Dummy-")
