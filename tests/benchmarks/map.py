"""Pan and zoom over a million and ten million codes, beside pyqtgraph's own scatter plot."""

from __future__ import annotations

import resource
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from tests.benchmarks.tools import cloud, milliseconds, open_window, row, wait
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.theme import PALETTE

FRAMES, PEER_FRAMES = 120, 12


def measure() -> list[dict[str, str]]:
    window = open_window()
    rows = []
    million, peer = _of_size(window, 1_000_000), _peer(1_000_000)
    rows.append(row("1,000,000 codes: frame of a gesture, p95", "≤ 8 ms", f"{million['p95']:.1f} ms"))
    rows.append(row("the same beside ScatterPlotItem, median", "≥ 25 ×", f"{peer / million['p50']:.0f} × ({peer:.0f} ms)"))
    rows.append(row("1,000,000 codes: sharp after the gesture rests", "≤ 60 ms", f"{million['sharp']:.0f} ms"))
    ten = _of_size(window, 10_000_000)
    rows.append(row("10,000,000 codes: frame of a gesture, p95", "≤ 16.7 ms", f"{ten['p95']:.1f} ms"))
    rows.append(row("10,000,000 codes: sharp after the gesture rests", "≤ 600 ms", f"{ten['sharp']:.0f} ms"))
    rows.append(row("10,000,000 codes: first sharp map", "≤ 3 s", f"{ten['first']:.2f} s"))
    rows.append(row("10,000,000 codes: memory above the arrays, a code", "≤ 60 bytes", f"{ten['bytes']:.0f} bytes"))
    window.close()
    return rows


def _of_size(window: MainWindow, n: int) -> dict[str, float]:
    view, item = window.latent_view, window.latent_view.codes_item
    mean, label = cloud(n)
    before = _peak_bytes()
    begun = time.perf_counter()
    view.set_codes(mean, label)
    wait(lambda: item.is_sharp() and item.count == n)
    first = time.perf_counter() - begun
    box, viewport = view.getViewBox(), view.viewport()
    frames = []
    sharp = []
    for gesture in (_pan, _zoom):
        for step in range(FRAMES):
            begun = time.perf_counter()
            gesture(box, step)
            viewport.repaint()
            frames.append(time.perf_counter() - begun)
            QApplication.processEvents()
        sharp.append(wait(item.is_sharp))
    return {
        "p95": milliseconds(frames, 95),
        "p50": milliseconds(frames, 50),
        "sharp": 1000 * max(sharp),
        "first": first,
        "bytes": (_peak_bytes() - before) / n,
    }


def _pan(box: pg.ViewBox, step: int) -> None:
    size = box.viewRect()
    box.translateBy(x=0.004 * size.width() * np.sin(step / 10), y=0.004 * size.height())


def _zoom(box: pg.ViewBox, step: int) -> None:
    box.scaleBy((0.98, 0.98) if step < FRAMES // 2 else (1.02, 1.02))


def _peer(n: int) -> float:
    """Median milliseconds of a pan frame with one ScatterPlotItem a class in a plot of the same size."""
    mean, label = cloud(n)
    plot = pg.PlotWidget()
    plot.resize(720, 590)
    for number, color in enumerate(PALETTE):
        item = pg.ScatterPlotItem(size=3, pen=None, brush=pg.mkBrush(color), pxMode=True)
        item.setData(pos=mean[label == number])
        plot.addItem(item)
    plot.show()
    QApplication.processEvents()
    frames = []
    for step in range(PEER_FRAMES):
        begun = time.perf_counter()
        _pan(plot.getViewBox(), step)
        plot.viewport().repaint()
        frames.append(time.perf_counter() - begun)
    plot.close()
    return milliseconds(frames, 50)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
