"""The window at work: hovering while it rests, while it trains and while it decodes a mosaic; training beside an animation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from tests.benchmarks.tools import at_rest, milliseconds, open_window, row, spread, wait
from vae_explorer.gui.core.decode_thread import MANIFOLD
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.training.dialog import TrainDialog
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.training.config import TrainConfig

MOVES = 400
MOVE_SECONDS = 0.008  # between an image and the next move: mice report 125 times a second
TRAINED_EPOCHS = 8
MOSAIC = 40
CONFIG = {"dataset": "mnist", "hidden": (512, 512), "batch_size": 256, "epochs": 1000, "binarised": "dynamic"}


def measure() -> list[dict[str, str]]:
    window = open_window("mnist-vae")
    wait(lambda: at_rest(window))
    hover = Hover(window)
    rows = [row("hover: event to painted image, at rest, p95", "≤ 6 ms", hover.measure())]
    rows.append(_first_progress(window))
    rows += _beside(window, hover)
    rows.append(row("answers of an older request that were shown", "0", f"{hover.old} of {hover.shown}"))
    window.session.part(TrainingState).stop()
    wait(lambda: not window.session.part(TrainingState).running)
    window.close()
    return rows


class Hover(QObject):
    """Moves the mouse, and waits each time until the decoder's picture of that latent point has been painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self.old = self.shown = 0
        self._question = 0
        self._asked: dict[tuple[float, ...], int] = {}  # latent point -> number of the question
        self._newest = -1  # number of the newest question whose answer was shown
        self._begun = 0.0
        self._has_paint = False
        self._seconds: float | None = None
        window.session.cursor.decoded.connect(self._on_decoded)  # after the panel, which then has painted
        window.session.cursor.changed.connect(self._note)
        window.explorer.panel(DecoderPanel).image_view.installEventFilter(self)

    def measure(self, between: Callable[[], None] = lambda: None) -> str:
        return spread(self.seconds(MOVES, between))

    def seconds(self, moves: int, between: Callable[[], None] = lambda: None) -> list[float]:
        """Return the time from the event to the painted image of each move."""
        times = []
        for _ in range(moves):
            between()
            due = time.perf_counter() + MOVE_SECONDS
            wait(lambda: time.perf_counter() >= due)  # noqa: B023 (called at once)
            self._move()
            wait(lambda: self._seconds is not None, 5.0)
            times.append(self._seconds or 0.0)
        return times

    def _move(self) -> None:
        viewport = self._window.latent_view.viewport()
        size = viewport.size()
        turn = self._question / 60  # a walk of some ten pixels a step, as a hand does it
        odd = self._question % 2  # never the same pixel twice
        position = QPointF(odd + (0.5 + 0.35 * np.sin(turn)) * size.width(), (0.5 + 0.35 * np.sin(1.3 * turn)) * size.height())
        self._question += 1
        self._has_paint, self._seconds = False, None
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, position, QPointF(viewport.mapToGlobal(position)), none, none, Qt.KeyboardModifier.NoModifier
        )
        self._begun = time.perf_counter()
        QApplication.sendEvent(viewport, event)

    def _note(self) -> None:
        """What is under the cursor now belongs to the question now asked."""
        self._asked[_rounded(self._window.session.cursor.state.point)] = self._question

    def _on_decoded(self, answer: object) -> None:
        z: NDArray[np.float32] = answer.z  # type: ignore[attr-defined]
        self._note()
        number = self._asked.get(_rounded(z[0]), -1)
        self.shown += 1
        self.old += number < self._newest
        self._newest = max(number, self._newest)
        if number == self._question and self._has_paint and self._seconds is None:
            self._seconds = time.perf_counter() - self._begun

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._has_paint = self._has_paint or event.type() == QEvent.Type.Paint
        return False


def _rounded(z: ArrayLike) -> tuple[float, ...]:
    """Return a latent point as the decoder gets it."""
    return tuple(np.asarray(z, np.float32).tolist())


def _first_progress(window: MainWindow) -> dict[str, str]:
    """The dialog as a person uses it: opened, read for a moment, Start pressed."""
    window.actions_by_name["model.train"].trigger()
    (dialog,) = window.findChildren(TrainDialog)
    dataset = dialog.findChild(QComboBox, "trainDataset")
    dataset.setCurrentIndex(dataset.findData("mnist"))
    read = time.perf_counter()
    wait(lambda: time.perf_counter() - read > 4.0)
    begun = time.perf_counter()
    dialog.findChild(QPushButton, "trainStart").click()
    training = window.session.part(TrainingState)
    wait(lambda: training.progress is not None and training.progress.fraction > 0)
    seconds = time.perf_counter() - begun
    training.stop()
    wait(lambda: not training.running)
    return row("Start pressed to the first epoch's progress (MNIST)", "≤ 1.5 s", f"{seconds:.2f} s")


def _beside(window: MainWindow, hover: Hover) -> list[dict[str, str]]:
    alone = _alone()
    for z in ((-2.0, -1.0), (2.0, 1.5)):
        window.session.frames.click(z)
    wait(lambda: window.session.settled)
    window.session.workspace.player.set_speed(5.0)  # a frame each 16 ms
    window.session.workspace.player.play()
    training = window.session.part(TrainingState)
    epochs: list[float] = []
    training.start(TrainConfig(**CONFIG))  # type: ignore[arg-type]
    training.changed.connect(
        lambda progress: epochs.append(time.perf_counter()) if len(progress.curves.get("test_elbo", ())) > len(epochs) else None
    )
    gaps = _Gaps()
    wait(lambda: len(epochs) >= 1, 300)
    time_of_first = time.perf_counter()
    gaps.begin()
    wait(lambda: len(epochs) >= 1 + TRAINED_EPOCHS, 300)
    stamps = gaps.end()
    beside = (epochs[TRAINED_EPOCHS] - epochs[0]) / TRAINED_EPOCHS
    steps = np.diff([stamp for stamp in stamps if stamp > time_of_first + 1.0])
    while_training = hover.measure()
    window.session.workspace.player.pause()
    rows = [
        row(
            "training in the window beside an animation, throughput beside the command line's",
            "≥ 0.9 ×",
            f"{alone / beside:.2f} ×",
        ),
        row("the window's frame gap meanwhile, p95", "≤ 18 ms", f"{milliseconds(list(steps), 95):.1f} ms"),
        row("the same, largest", "≤ 50 ms", f"{milliseconds(list(steps), 100):.1f} ms"),
        row("hover while training, p95", "≤ 16.7 ms", while_training),
    ]
    grid = np.stack(np.meshgrid(*[np.linspace(-3, 3, MOSAIC)] * 2), axis=-1).reshape(-1, 2).astype(np.float32)
    both = hover.measure(lambda: window.session.decoder.ask(window.session.options.request(MANIFOLD, grid)))
    rows.append(row("hover while training and a 40×40 mosaic is decoded, p95", "≤ 16.7 ms", both))
    at_rest = len(epochs)
    wait(lambda: len(epochs) >= at_rest + 5, 300)
    rest = (epochs[at_rest + 4] - epochs[at_rest + 1]) / 3
    rows.append(row("training in the window at rest, throughput beside the same", "", f"{alone / rest:.2f} ×"))
    return rows


class _Gaps(QObject):
    """When a 60 Hz clock of the GUI thread ticked; each tick repaints the map's cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._stamps: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(16)
        self._timer.timeout.connect(lambda: self._stamps.append(time.perf_counter()))

    def begin(self) -> None:
        self._timer.start()

    def end(self) -> list[float]:
        self._timer.stop()
        return self._stamps


def _alone() -> float:
    """Seconds an epoch of `vae-explorer train` with one core less than there are, from one epoch's end to the next."""
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    with tempfile.TemporaryDirectory() as folder:
        words = ["train", "--dataset", "mnist", "--hidden", "512", "512", "--epochs", "6", "--binarised", "dynamic", "--json"]
        command = [
            sys.executable,
            "-m",
            "vae_explorer",
            *words,
            "--threads",
            threads,
            "--out",
            str(Path(folder) / "model.safetensors"),
        ]
        stamps = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                if json.loads(line)["event"] == "epoch":
                    stamps.append(time.perf_counter())
    return float(np.median([after - before for before, after in pairwise(stamps)]))
