"""The panel of a run: progress, Stop, and curves of the objective's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.kit.panel_state import PanelState
from vae_explorer.gui.kit.state_line import StateBody
from vae_explorer.gui.kit.theme import LIGHT, SMALL, Theme, font
from vae_explorer.gui.kit.widgets import label, remove_controls
from vae_explorer.gui.runtime.guarded import Guarded

_STEPS = 1000
_FIRST_HEIGHT, _HEIGHT = 92, 60  # pixels of the plots


@dataclass(frozen=True, slots=True)
class Curve:
    name: str  # such as 'test_elbo'
    title: str
    color: int  # index in `Theme.curves`


class _CurveAxis(Guarded, pg.AxisItem):
    """Writes negative numbers with U+2212 instead of a hyphen."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        texts: list[str] = super().tickStrings(values, scale, spacing)
        return [text.replace("-", "−") for text in texts]


class TrainingPanel(QWidget):
    stop_requested = Signal()
    run_requested = Signal()  # show the run's model on the map
    train_requested = Signal()

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
        self._run = QPushButton(self.tr("Show run"))
        self._run.setObjectName("trainShowRun")
        self._run.setToolTip(self.tr("The map shows another model. Show the model of this run"))
        self._run.clicked.connect(self.run_requested)
        self._run.hide()
        self._theme = LIGHT
        self._plots: list[_Plot] = []
        self._plot_curves: tuple[tuple[Curve, ...], ...] = ()
        self._shown: Mapping[str, Sequence[float]] = {}
        self._basis = label("muted", name="trainBasis")
        self._basis.setWordWrap(True)
        self._basis.setMinimumHeight(2 * self._basis.fontMetrics().lineSpacing())  # else a second line shrinks the curves
        self._place = QVBoxLayout()
        self._place.setSpacing(4)
        self.body = StateBody("trainState", self._content())
        self.body.line.remedy_wanted.connect(self.train_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.addWidget(self.body)

    def _content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self._note, 1)
        row.addWidget(self._stop)
        column.addWidget(self._bar)
        column.addLayout(row)
        column.addWidget(self._run)
        column.addLayout(self._place)
        column.addWidget(label("muted", self.tr("by epoch")), 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self._basis)
        return content

    def set_state(self, state: PanelState) -> None:
        self.body.set_state(state)

    def set_can_train(self, can_train: bool) -> None:
        self.body.line.set_remedy_enabled(can_train)

    def set_progress(self, fraction: float, note: str, running: bool) -> None:
        self._bar.setValue(round(fraction * _STEPS))
        self._note.setText(note)
        self._stop.setVisible(running)

    def set_aside(self, aside: bool) -> None:
        """Offer to show the run's model."""
        self._run.setVisible(aside)

    def set_basis(self, basis: str) -> None:
        self._basis.setText(basis)

    def set_plots(self, plots: tuple[tuple[Curve, ...], ...]) -> None:
        """Show these plots. Curves of a plot share a scale."""
        if plots == self._plot_curves:
            return
        self._plot_curves, self._shown = plots, {}
        for plot in self._plots:
            self._place.removeWidget(plot)
            plot.deleteLater()
        self._plots = [_Plot(curves, _HEIGHT if place else _FIRST_HEIGHT) for place, curves in enumerate(plots)]
        for plot in self._plots:
            self._place.addWidget(plot)
        self.set_theme(self._theme)

    def set_curves(self, curves: Mapping[str, Sequence[float]]) -> None:
        """Show values by epoch for each name, such as 'test_elbo'. Drawing takes a frame."""
        if curves is self._shown:
            return
        self._shown = curves
        for plot in self._plots:
            plot.set_curves(curves)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for plot in self._plots:
            plot.set_theme(theme)


class _Plot(QWidget):
    def __init__(self, curves: Sequence[Curve], height: int) -> None:
        super().__init__()
        self._curves = [(curve, label("muted", curve.title)) for curve in curves]
        self._plot = plot = pg.PlotWidget(axisItems={"left": _CurveAxis("left")})
        plot.setFixedHeight(height)
        plot.setMinimumWidth(120)
        remove_controls(plot)
        plot.setMouseEnabled(False, False)
        plot.getAxis("left").setWidth(40)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lines = [plot.plot([], [], symbol="o", symbolSize=4, symbolPen=None) for _ in curves]
        titles = QHBoxLayout()
        titles.setSpacing(8)
        for _, text in self._curves:
            text.setWordWrap(True)  # a narrow panel would cut the last word
            titles.addWidget(text)
        titles.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(titles)
        layout.addWidget(plot)

    def set_curves(self, curves: Mapping[str, Sequence[float]]) -> None:
        for (curve, _), line in zip(self._curves, self._lines, strict=True):
            values = list(curves.get(curve.name, ()))
            line.setData(list(range(1, len(values) + 1)), values)

    def set_theme(self, theme: Theme) -> None:
        self._plot.setBackground(theme.color("window"))
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(theme.pen("border"))
            axis.setTextPen(theme.pen("muted"))
            axis.setStyle(tickFont=font(SMALL - 1))
        self._plot.getAxis("bottom").setHeight(QFontMetrics(font(SMALL - 1)).height() + 8)  # AxisItem reserves too little
        for (curve, text), line in zip(self._curves, self._lines, strict=True):
            color = theme.curves[curve.color]
            line.setPen(pg.mkPen(color, width=2))
            line.setSymbolBrush(color)
            _paint(text, color)


def _paint(text: QLabel, color: str) -> None:
    text.setStyleSheet(f"color: {color}; font-weight: 600;")


def make_panel() -> TrainingPanel:
    return TrainingPanel()
