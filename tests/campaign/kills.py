"""SIGKILL at random moments: 50 times a training, 50 times the child of a window, 50 times a window that trains."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import vae_explorer as vx
from tests.campaign.report import Report
from tests.campaign.sandbox import descendants, folder, is_alive, kill
from tests.campaign.window import Watch, close_window, open_window, settle, wait
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.models.catalogue import finished_runs
from vae_explorer.training.config import TrainConfig

KILLS = 50  # of each kind
OUTLIVES = 2.0  # seconds that a child may outlive its window
LONGEST = 6.0  # seconds of a run before it is killed
CONFIG = TrainConfig(dataset="digits", epochs=2000, hidden=(16,))
WINDOW = """
from tests.campaign.kills import CONFIG
from tests.campaign.window import open_window
from vae_explorer.gui.features.training.state import TrainingState
from PySide6.QtWidgets import QApplication
window = open_window("digits-vae")
window.session.part(TrainingState).start(CONFIG)
print("training", flush=True)
QApplication.exec()
"""


def attack(seed: int, share: float) -> Report:
    report, chosen = Report("kills", seed), random.Random(seed)
    count = max(round(KILLS * share), 1)
    for number in range(count):
        with report.attempt(f"training {number}"):
            _kill_training(chosen, number)
    _kill_children(report, chosen, count)
    slowest = 0.0
    for number in range(count):
        with report.attempt(f"window {number}"):
            slowest = max(slowest, _kill_window(chosen))
    report.note(f"a child outlived its window by {slowest:.1f} s at most")
    return report


def _kill_training(chosen: random.Random, number: int) -> None:
    """A run from the command line, killed: its file is whole or not there, and the next run finds its name."""
    out = folder() / f"killed-{number}.safetensors"
    words = ["train", "--dataset", "digits", "--hidden", "16", "--epochs", str(chosen.choice((1, 30, 2000))), "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "vae_explorer", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(chosen.uniform(0, LONGEST))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _check_files([out] if out.exists() else [])


def _kill_children(report: Report, chosen: random.Random, count: int) -> None:
    """The training child of a window, killed: the window says so, lives on, and trains again."""
    watch = Watch()
    window = open_window("digits-vae")
    training = window.session.part(TrainingState)
    for number in range(count):
        with report.attempt(f"child {number}", watch.take):
            training.start(CONFIG)
            begun = time.monotonic()
            moment = chosen.uniform(0, LONGEST)
            wait(lambda begun=begun, moment=moment: time.monotonic() - begun > moment)
            for child in descendants(os.getpid()):
                kill(child)
            wait(lambda: not training.running)
            settle(window)
            _check_files([])
    with report.attempt("close after the children", lambda: close_window(window) + watch.take()):
        pass


def _kill_window(chosen: random.Random) -> float:
    """A window that trains, killed: its child ends soon. Returns the seconds that the child outlived it."""
    process = subprocess.Popen([sys.executable, "-c", WINDOW], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(chosen.uniform(0, LONGEST / 2))
    children = descendants(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    begun = time.monotonic()
    while any(map(is_alive, children)):
        if time.monotonic() - begun > 10 * OUTLIVES:
            for child in children:
                kill(child)
            break
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    if seconds > OUTLIVES:
        raise TimeoutError(f"a child outlived its window by {seconds:.1f} s")
    _check_files([])
    return seconds


def _check_files(more: list[Path]) -> None:
    """Every model file that is there opens."""
    for path in [*finished_runs().values(), *more]:
        vx.load(path)
