"""200 comparisons opened and closed, with garbage collected at random moments, under faulthandler."""

from __future__ import annotations

import gc
import random

from PySide6.QtCore import QPointF

from tests.campaign.report import Report
from tests.campaign.window import Watch, close_window, memory, open_window, run_events, settle
from tests.gui.mouse import click, move_to
from vae_explorer.gui.compare.presets import PRESETS
from vae_explorer.gui.main_window import MainWindow

ROUNDS = 200
LARGEST_DRIFT = 60.0  # MiB from the end of the first quarter to the end: three decoders come and go each time


def attack(seed: int, share: float) -> Report:
    report, watch, chosen = Report("comparisons", seed), Watch(), random.Random(seed)
    window = open_window("mnist-vae-small")
    rounds = max(round(ROUNDS * share), 4)
    early = 0.0
    for number in range(rounds):
        with report.attempt(f"comparison {number}", watch.take):
            _one(window, chosen)
        if number == rounds // 4:
            early = memory()
    drift = memory() - early
    with report.attempt("close", lambda: close_window(window) + watch.take()):
        if drift > LARGEST_DRIFT:
            raise MemoryError(f"memory grew by {drift:.0f} MiB")
    report.note(f"memory {drift:+.1f} MiB")
    return report


def _one(window: MainWindow, chosen: random.Random) -> None:
    """Open a comparison, use it for a moment, and close it, settled or not."""
    if chosen.random() < 0.5:
        window.comparison.show_preset(chosen.choice(PRESETS))
    else:
        for name in chosen.sample(["mnist-ae", "mnist-cvae", "digits-vae", "mnist-iaf-vae"], chosen.randint(1, 2)):
            window.comparison.compare_with(name)
    if chosen.random() < 0.5:
        settle(window)
    for _ in range(chosen.randint(0, 8)):
        explorer = chosen.choice(window.explorers)
        view = explorer.latent_view
        rect = view.visible_rect()
        place = QPointF(chosen.uniform(rect.left(), rect.right()), chosen.uniform(rect.top(), rect.bottom()))
        chosen.choice((move_to, click))(view, view.z_of(place))
        run_events()
        if chosen.random() < 0.3:
            gc.collect()
    window.comparison.close()
    if chosen.random() < 0.5:
        gc.collect()
    run_events()
    if chosen.random() < 0.3:
        settle(window)
