"""Pan, zoom and what moves over a million and ten million codes, beside pyqtgraph's own scatter plot."""

from __future__ import annotations

import resource
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from tests.benchmarks.tools import cloud, milliseconds, open_window, row, wait
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.kit.class_palette import PETROFF10
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import Z_PATH

FRAMES, PEER_FRAMES = 120, 12


def measure() -> list[dict[str, str]]:
    window = open_window()
    rows: list[dict[str, str]] = []
    million, peer = _of_size(window, 1_000_000), _peer(1_000_000)
    rows.append(row("1,000,000 codes: frame of a gesture, p95", "≤ 8 ms", f"{million['p95']:.1f} ms"))
    rows.append(row("the same beside ScatterPlotItem, median", "≥ 25 ×", f"{peer / million['p50']:.0f} × ({peer:.0f} ms)"))
    rows.append(row("1,000,000 codes: sharp after the gesture rests", "≤ 60 ms", f"{million['sharp']:.0f} ms"))
    ten = _of_size(window, 10_000_000)
    rows.append(row("10,000,000 codes: frame of a gesture, p95", "≤ 16.7 ms", f"{ten['p95']:.1f} ms"))
    rows.append(row("10,000,000 codes: sharp after the gesture rests", "≤ 600 ms", f"{ten['sharp']:.0f} ms"))
    rows.append(row("10,000,000 codes: first sharp map", "≤ 3 s", f"{ten['first']:.2f} s"))
    rows.append(row("10,000,000 codes: memory above the arrays, a code", "≤ 60 bytes", f"{ten['bytes']:.0f} bytes"))
    rows += _moving(window) + _nearest(window)
    window.close()
    return rows


def _moving(window: MainWindow) -> list[dict[str, str]]:
    """One item after another is moved over ten million codes, and what it uncovers painted."""
    view = window.latent_view
    endpoint, ellipse = EndpointItem("A"), pg.QtWidgets.QGraphicsEllipseItem(-0.1, -0.05, 0.2, 0.1)
    for item in (endpoint, ellipse):
        view.add_layer(item, Z_PATH)
    movers = {
        "cursor": lambda z: view.set_cursor_point(z),
        "endpoint": lambda z: endpoint.setPos(*z),
        "ellipse": lambda z: ellipse.setPos(*z),
    }
    rows = []
    for name, move in movers.items():
        frames = []
        for step in range(FRAMES):
            begun = time.perf_counter()
            move((float(np.cos(step / 10)), float(np.sin(step / 10))))
            QApplication.processEvents()
            frames.append(time.perf_counter() - begun)
        rows.append(row(f"10,000,000 codes: {name} moved, p95", "≤ 2 ms", f"{milliseconds(frames, 95):.1f} ms"))
    for item in (endpoint, ellipse):
        view.removeItem(item)
    return rows


def _nearest(window: MainWindow) -> list[dict[str, str]]:
    """The index of other ten million codes, from the moment they are given, beside everything else that then happens."""
    index, view = window.session.codes_index, window.latent_view
    mean, label = cloud(10_000_000, seed=1)
    built: list[float] = []
    index.rebuilt.connect(lambda: built.append(time.perf_counter()))
    begun = time.perf_counter()
    view.set_codes(mean, label)
    wait(lambda: bool(built))
    times = []
    for z in np.random.default_rng(2).normal(size=(2000, 2)):
        asked = time.perf_counter()
        index.find((float(z[0]), float(z[1])))
        times.append(time.perf_counter() - asked)
    return [
        row("nearest of 10,000,000 codes, p95", "≤ 0.2 ms", f"{milliseconds(times, 95):.3f} ms"),
        row("its index, beside the first drawing of the map", "≤ 4 s", f"{built[0] - begun:.2f} s"),
    ]


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
    for number, color in enumerate(PETROFF10):
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
