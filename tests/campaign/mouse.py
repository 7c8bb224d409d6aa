"""20,000 moves of the mouse over one window: no error, a bounded gap, and no memory that grows."""

from __future__ import annotations

import random

from PySide6.QtCore import QPointF

from tests.campaign.report import Report
from tests.campaign.window import Gaps, Watch, close_window, memory, open_window, settle
from tests.gui.mouse import move_to

MOVES = 20_000
BATCH = 100  # moves an attempt
LARGEST_GAP = 2.0  # seconds on a quiet machine
LARGEST_DRIFT = 20.0  # MiB from the end of the first quarter to the end


def attack(seed: int, share: float) -> Report:
    report, watch, gaps, chosen = Report("mouse", seed), Watch(), Gaps(), random.Random(seed)
    window = open_window("mnist-vae-small")
    view = window.latent_view
    rect = view.visible_rect()
    batches = max(round(MOVES * share) // BATCH, 4)
    early = 0.0
    for batch in range(batches):
        with report.attempt(f"moves {batch * BATCH} to {(batch + 1) * BATCH}", watch.take):
            for _ in range(BATCH):
                place = QPointF(chosen.uniform(rect.left(), rect.right()), chosen.uniform(rect.top(), rect.bottom()))
                with gaps.around("move"):
                    move_to(view, view.z_of(place))
        if batch == batches // 4:
            settle(window)
            early = memory()
    settle(window)
    drift = memory() - early
    with report.attempt("close", lambda: close_window(window) + watch.take()):
        if drift > LARGEST_DRIFT:
            raise MemoryError(f"memory grew by {drift:.0f} MiB")
        if gaps.largest > LARGEST_GAP:
            raise TimeoutError(f"the event loop stood still for {gaps.largest:.2f} s")
    report.note(f"{batches * BATCH:,} moves, largest gap {gaps.largest:.2f} s, memory {drift:+.1f} MiB")
    return report
