"""The model of a run finds a file, whatever becomes of its folder or of the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.processes import child_processes
from vae_explorer import locations
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.settings import Settings

from .looking import PATIENCE
from .training import start_training, wait_for_snapshot

STORE = (QSettings.Format.IniFormat, QSettings.Scope.UserScope, "vae-explorer", "vae-explorer")
PROGRAM = """
import sys
from vae_explorer.gui import app
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.training.config import TrainConfig
genuine = app.create_window
def create_window(*arguments, **options):
    window = genuine(*arguments, **options)
    window.session.part(TrainingState).snapshot_taken.connect(lambda _: print("snapshot", flush=True))
    window.session.part(TrainingState).start(TrainConfig(hidden=(8,), batch_size=300, epochs=100_000, threads=1))
    return window
app.create_window = create_window
sys.exit(app.run("digits-vae"))
"""


def test_that_a_window_that_is_to_end_keeps_its_run_and_asks_nobody(window: MainWindow, qtbot: QtBot) -> None:
    start_training(window, epochs=100_000)
    wait_for_snapshot(qtbot, window)
    window.close_and_keep()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert window.findChild(QMessageBox, "closeDialog") is None
    assert not child_processes()
    assert len(list(locations.runs().glob("*.safetensors"))) == 1


def signalled(program: str, *numbers: signal.Signals) -> tuple[int, str]:
    """Run `program`, send the signals after its first line; its status, and what it wrote to stderr."""
    environment = os.environ | {"PYTHONPATH": str(Path(vx.__file__).parents[1]), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "snapshot\n"
            for number in numbers:
                process.send_signal(number)
            _, err = process.communicate(timeout=PATIENCE / 1000)
        finally:
            process.kill()
    return process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_that_a_window_that_a_signal_closes_keeps_its_run_and_says_where(number: signal.Signals) -> None:
    ended = signalled(PROGRAM, number, number)
    (run,) = locations.runs().iterdir()
    assert ended == (0, f"vae-explorer: Saved {run}\n")
    assert vx.load(run).card.training["epochs"] == 100_000


def test_that_a_window_that_a_signal_closes_in_the_first_epoch_says_that_no_model_is_kept() -> None:
    in_the_loop = 'QTimer.singleShot(0, lambda: print("snapshot", flush=True))'
    program = "from PySide6.QtCore import QTimer\n" + PROGRAM.replace(
        'snapshot_taken.connect(lambda _: print("snapshot", flush=True))', f"started.connect(lambda: {in_the_loop})"
    )
    words = "The training ended before its first epoch did. No model of the training is kept."
    assert signalled(program, signal.SIGTERM) == (0, f"vae-explorer: {words}\n")
    assert not list(locations.runs().glob("*.safetensors"))


def test_that_settings_keep_what_they_held_where_the_disk_is_full(
    tmp_path: Path, small_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    """Qt writes them, as atomically as `atomic_file` does."""
    Settings().theme = "dark"
    QSettings(*STORE).sync()
    (file,) = (tmp_path / "settings").rglob("*.ini")
    before = file.read_bytes()
    settings = Settings()
    with small_disk(len(before)):
        settings.keep_layout(QByteArray(b"x" * 1000), QByteArray(b"x" * 1000))
        QSettings(*STORE).sync()
    assert file.read_bytes() == before
    QSettings(*STORE).sync()
    assert len(file.read_bytes()) > 2000
