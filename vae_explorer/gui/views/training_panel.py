"""How a training run goes: progress, time left, Stop, and live curves in nats an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.theme import SMALL, Theme, font
from vae_explorer.gui.views.widgets import label

_STEPS = 1000
# A plot for each scale: the KL term is some nats, the others some hundred. Curve name, title, index of the theme's curve colour.
_PLOTS = (
    (("train_reconstruction", "reconstruction term", 0), ("test_elbo", "test ELBO", 1)),
    (("train_kl", "KL term", 2),),
)


class TrainingPanel(QWidget):
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingPanel")
        self._bar = QProgressBar()
        self._bar.setObjectName("trainProgress")
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the training"))
        self._note = label("muted", name="trainNote")
        self._note.setWordWrap(True)
        self._note.setMinimumHeight(2 * self._note.fontMetrics().lineSpacing())
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setObjectName("trainStop")
        self._stop.clicked.connect(self.stop_requested)
        self._titles: list[QLabel] = []
        self._plots: list[pg.PlotWidget] = []
        self._curves: dict[str, pg.PlotDataItem] = {}
        self._shown: Mapping[str, Sequence[float]] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self._note, 1)
        row.addWidget(self._stop)
        layout.addWidget(self._bar)
        layout.addLayout(row)
        for curves, height in zip(_PLOTS, (92, 64), strict=True):
            self._add_plot(layout, curves, height)
        layout.addWidget(label("muted", self.tr("nats an image, by epoch")), 0, Qt.AlignmentFlag.AlignRight)
        layout.addStretch(1)

    def set_progress(self, fraction: float, note: str, running: bool) -> None:
        self._bar.setValue(round(fraction * _STEPS))
        self._note.setText(note)
        self._stop.setEnabled(running)

    def set_curves(self, curves: Mapping[str, Sequence[float]]) -> None:
        """One value an epoch for each name, such as 'test_elbo'. Drawing them takes a frame, so it is done once an epoch."""
        if curves is self._shown:
            return
        self._shown = curves
        for name, curve in self._curves.items():
            values = list(curves.get(name, ()))
            curve.setData(list(range(1, len(values) + 1)), values)

    def set_theme(self, theme: Theme) -> None:
        for plot in self._plots:
            plot.setBackground(theme.color("window"))
            for axis in ("left", "bottom"):
                plot.getAxis(axis).setPen(theme.pen("border"))
                plot.getAxis(axis).setTextPen(theme.pen("muted"))
                plot.getAxis(axis).setStyle(tickFont=font(SMALL - 1))
        for (name, _, place), text in zip([c for curves in _PLOTS for c in curves], self._titles, strict=True):
            color = theme.curves[place]
            self._curves[name].setPen(pg.mkPen(color, width=2))
            self._curves[name].setSymbolBrush(color)
            text.setStyleSheet(f"color: {color}; font-weight: 600;")

    def _add_plot(self, layout: QVBoxLayout, curves: Sequence[tuple[str, str, int]], height: int) -> None:
        titles = QHBoxLayout()
        titles.setSpacing(8)
        plot = pg.PlotWidget()
        plot.setFixedHeight(height)
        plot.setMinimumWidth(120)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.getAxis("left").setWidth(40)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for name, title, _ in curves:
            text = label("muted", title)
            self._titles.append(text)
            titles.addWidget(text)
            self._curves[name] = plot.plot([], [], symbol="o", symbolSize=4, symbolPen=None)
        titles.addStretch(1)
        self._plots.append(plot)
        layout.addLayout(titles)
        layout.addWidget(plot)
