"""What the measurements share: a window, clouds of codes, percentiles."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from vae_explorer.gui.app import create_application, create_window
from vae_explorer.gui.main_window import MainWindow

SIZE = (1280, 800)


def row(what: str, goal: str, measured: str) -> dict[str, str]:
    """A line of the table, which is told at once too: some measurements take long."""
    print(f"{what}: {measured}", file=sys.stderr, flush=True)
    return {"what": what, "goal": goal, "measured": measured}


def open_window(model: str = "digits-vae") -> MainWindow:
    create_application()
    window = create_window(model, theme="light")
    window.map_area.hint.hide()
    window.resize(*SIZE)
    window.show()
    window.reset_layout()
    wait(lambda: window.session.settled)
    return window


def wait(condition: Callable[[], bool], seconds: float = 120.0) -> float:
    """Run the event loop until `condition` holds; the seconds it took."""
    begun = time.perf_counter()
    alarm = QTimer()  # so that a condition which no event brings about is looked at too
    alarm.start(2)
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() - begun > seconds:
            raise TimeoutError("the window did not get there")
    return time.perf_counter() - begun


def at_rest(window: MainWindow) -> bool:
    return window.session.settled and not window.session.jobs.busy


def cloud(n: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """n codes in ten Gaussian classes."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 10, n, dtype=np.uint8)
    centres = random.normal(size=(10, 2)).astype(np.float32)
    spread = random.standard_normal((n, 2), dtype=np.float32) * np.float32(0.4)
    return centres[label] + spread, label


def spread(seconds: list[float]) -> str:
    return f"{milliseconds(seconds, 95):.1f} ms (median {milliseconds(seconds, 50):.1f} ms)"


def milliseconds(seconds: list[float], percent: float) -> float:
    return float(np.percentile(seconds, percent)) * 1000
