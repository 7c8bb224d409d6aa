"""100 trainings started and stopped in one window, at random moments; every model that they leave must open."""

from __future__ import annotations

import os
import random

import vae_explorer as vx
from tests.campaign.report import Report
from tests.campaign.sandbox import descendants
from tests.campaign.window import Watch, close_window, open_window, settle, wait
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.catalogue import finished_runs
from vae_explorer.training.config import TrainConfig

ROUNDS = 100
FAMILIES = ("vae", "ae", "beta-vae", "cvae", "iwae")


def attack(seed: int, share: float) -> Report:
    report, watch, chosen = Report("trainings", seed), Watch(), random.Random(seed)
    window = open_window("digits-vae")
    stopped_early = 0
    for number in range(max(round(ROUNDS * share), 2)):
        with report.attempt(f"training {number}", watch.take):
            stopped_early += _one(window, chosen, number)
    runs = finished_runs()
    for name, path in runs.items():
        with report.attempt(f"opening {name}", watch.take):
            vx.load(path)
    with report.attempt("close", lambda: close_window(window) + watch.take()):
        pass
    report.note(f"{stopped_early} stopped before an end, {len(runs)} models opened")
    return report


def _one(window: MainWindow, chosen: random.Random, number: int) -> bool:
    """Start, wait for a random moment, stop or let it end. Returns whether it was stopped."""
    training = window.session.part(TrainingState)
    config = TrainConfig(
        family=chosen.choice(FAMILIES), dataset="digits", epochs=chosen.randint(1, 40), hidden=(16,), seed=number
    )
    training.start(config)
    kind = chosen.choice(("at once", "begun", "epoch", "end"))
    if kind == "begun":
        wait(lambda: not training.running or (training.progress is not None and training.progress.fraction > 0))
    elif kind == "epoch":
        wait(lambda: not training.running or (training.progress is not None and bool(training.progress.curves)))
    elif kind == "end":
        wait(lambda: not training.running)
    stopped = training.running
    training.stop()
    wait(lambda: not training.running)
    settle(window)
    children = descendants(os.getpid())
    if len(children) > 1:  # a single child may wait warm for the next run
        raise RuntimeError(f"{len(children)} child processes are left")
    return stopped
