"""No exception of ours reaches Qt: every override is guarded, and a guarded one answers with something safe."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QObject, QRectF, QSize, QThread, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import vae_explorer.gui
from vae_explorer.gui.app import show_unexpected_errors
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.runtime.guarded import SAFE_ANSWERS, Guarded, is_called_by_qt

FOREIGN = {"PySide6", "Shiboken", "pyqtgraph"}
CALLED_BY_US = {"text", "setText", "setWordWrap"}  # names that Qt has too, and that neither Qt nor pyqtgraph calls


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """The errors that reach the program's hook."""
    errors: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: errors.append(error))
    return errors


def foreign_bases(kind: type) -> list[type]:
    return [base for base in kind.__mro__ if base.__module__.partition(".")[0] in FOREIGN]


def unguarded(kind: type) -> list[str]:
    """The overrides of `kind` that Qt or pyqtgraph may call and that nothing guards."""
    bases = foreign_bases(kind)
    overrides = {
        name: value
        for name, value in vars(kind).items()
        if isinstance(value, FunctionType)
        and not name.startswith("__")
        and bases
        and (name != "run" or issubclass(kind, QThread))  # Qt calls no other method of this name
        and (is_called_by_qt(name) or any(name in vars(base) for base in bases))
    }
    return [
        f"{kind.__module__}.{kind.__qualname__}.{name}"
        for name, value in overrides.items()
        if name not in CALLED_BY_US and not (issubclass(kind, Guarded) and hasattr(value, "__wrapped__"))
    ]


def classes_of_the_window() -> Iterator[type]:
    for found in pkgutil.walk_packages(vae_explorer.gui.__path__, "vae_explorer.gui."):
        module = importlib.import_module(found.name)
        yield from (kind for kind in vars(module).values() if inspect.isclass(kind) and kind.__module__ == module.__name__)


def test_that_every_override_of_the_window_is_guarded() -> None:
    kinds = list(classes_of_the_window())
    assert sum(1 for kind in kinds if foreign_bases(kind)) > 100
    assert [name for kind in kinds for name in unguarded(kind)] == []


def test_that_an_override_without_a_guard_is_found() -> None:
    class Bare(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None: ...

        def minimumSizeHint(self) -> QSize:
            return QSize()

    assert [name.rpartition(".")[2] for name in unguarded(Bare)] == ["paintEvent", "minimumSizeHint"]


def test_that_an_override_of_a_name_that_the_guard_does_not_know_is_found() -> None:
    class Odd(Guarded, QWidget):
        def focusNextPrevChild(self, forward: bool) -> bool:
            return forward

    assert [name.rpartition(".")[2] for name in unguarded(Odd)] == ["focusNextPrevChild"]


def test_that_an_answer_after_an_error_is_of_the_type_that_qt_waits_for() -> None:
    wrong = []
    for kind in classes_of_the_window():
        for name, value in vars(kind).items():
            if issubclass(kind, Guarded) and isinstance(value, FunctionType) and is_called_by_qt(name):
                wanted = str(value.__annotations__.get("return", ""))
                given = type(SAFE_ANSWERS.get(name, lambda: None)()).__name__.replace("NoneType", "None")
                if given not in wanted:
                    wrong.append(f"{kind.__name__}.{name}: {given} for {wanted}")
    assert wrong == []


class Failing(Guarded, pg.GraphicsObject):
    """Every override raises, as at a view of no width."""

    moved = Signal(object)

    def boundingRect(self) -> QRectF:
        raise ZeroDivisionError("no width")

    def shape(self) -> QPainterPath:
        raise ZeroDivisionError("no width")

    def paint(self, painter: QPainter, *_: object) -> None:
        raise OverflowError("too wide")

    def viewTransformChanged(self) -> None:
        raise ValueError("no transform")

    def mouseClickEvent(self, event: Any) -> None:
        raise ValueError("no click")


def test_that_errors_of_nested_overrides_are_told_once_each_and_the_view_lives_on(
    qtbot: QtBot, told: list[BaseException]
) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    item = Failing()
    view.addItem(item)
    with qtbot.waitExposed(view):
        view.show()
    for _ in range(3):
        view.getViewBox().setRange(QRectF(0, 0, 1e-3, 1e3))
        view.grab()
    assert item.boundingRect() == QRectF()
    assert item.shape().isEmpty()
    kinds = sorted(type(error).__name__ for error in told)
    assert kinds == ["OverflowError", "ValueError", "ZeroDivisionError", "ZeroDivisionError"]  # the latter of two methods


def test_that_a_painter_of_a_paint_that_failed_is_let_go(qtbot: QtBot, told: list[BaseException]) -> None:
    class Torn(Guarded, QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.fillRect(self.rect(), "red")
            raise ValueError("in the middle")

    widget = Torn()
    qtbot.addWidget(widget)
    widget.grab()
    widget.grab()  # Qt would warn of a painter that is active still
    assert [str(error) for error in told] == ["in the middle"]


def test_that_a_guarded_method_without_arguments_still_takes_a_signal_with_one(told: list[BaseException]) -> None:
    class Speaker(QObject):
        said = Signal(object)

    class Listener(Guarded, pg.GraphicsObject):
        heard = 0

        def viewTransformChanged(self) -> None:
            self.heard += 1

    speaker, listener = Speaker(), Listener()
    speaker.said.connect(listener.viewTransformChanged)
    speaker.said.emit("news")
    assert (listener.heard, told) == (1, [])


def test_that_a_thread_whose_run_fails_ends_and_says_so(qtbot: QtBot, told: list[BaseException]) -> None:
    class Lost(Guarded, QThread):
        def run(self) -> None:
            raise LookupError("nothing to run")

    thread = Lost()
    with qtbot.waitSignal(thread.finished):
        thread.start()
    thread.wait()
    assert [str(error) for error in told] == ["nothing to run"]


def test_that_an_error_of_a_paint_comes_to_the_banner_after_the_paint(
    qtbot: QtBot, window: MainWindow, told: list[BaseException]
) -> None:
    show_unexpected_errors(window)
    heard: list[str] = []
    window.session.problem_raised.connect(lambda message, details: heard.append(message))

    class Broken(Guarded, QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            raise ValueError("of a paint")

    broken = Broken()
    qtbot.addWidget(broken)
    broken.grab()
    assert heard == []
    qtbot.waitUntil(lambda: heard == ["Unexpected error: ValueError: of a paint"])
