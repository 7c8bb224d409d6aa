"""Shows the objective as an equation with the numbers of one image. GUI thread only."""

from __future__ import annotations

from math import log10

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSlider, QVBoxLayout, QWidget

from vae_explorer.gui.features.equation.term_box import FULL, SHORT, SMALL, EquationTerm, TermBox
from vae_explorer.gui.features.evidence.subject_bar import SubjectBar
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.widgets import label, restyle
from vae_explorer.gui.runtime.guarded import Guarded

_STEPS = 50  # slider steps for a factor of ten
_MARGIN = 16  # pixels left and right
MIN_BETA, MAX_BETA = 0.01, 100.0


class _Line(Guarded, QScrollArea):
    """A line of widgets that scrolls sideways."""

    changed = Signal()  # the widgets or their sizes

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("equationLine")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self.row = QHBoxLayout(self._inside)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)
        self.setWidget(self._inside)
        self.setFixedHeight(1)  # an empty QScrollArea would take a page of height

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        result = super().eventFilter(watched, event)
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self.changed.emit()
        return result

    def content_size(self) -> QSize:
        return self._inside.sizeHint()


class EquationPanel(Guarded, QWidget):
    term_hovered = Signal(str)  # the term's name; empty after the mouse has left
    beta_changed = Signal(float)
    visibility_changed = Signal(bool)  # unlike isVisible(), False where another tab covers the panel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equationPanel")
        self._formula: tuple[str, ...] = ()
        self._boxes: dict[str, TermBox] = {}
        self.subject = SubjectBar("equationSubject")
        self._line = _Line()
        self._line.changed.connect(self._fit)
        self._size, self._widths = FULL, [0, 0, 0]  # widths of the line by size; 0: not measured
        self._prefix = label("muted", name="equationAbout")
        self._terms = QHBoxLayout()
        self._terms.setSpacing(2)
        self._sum = label("title", name="equationSum")
        self._line.row.addWidget(self._prefix)
        self._line.row.addLayout(self._terms)
        self._line.row.addWidget(self._sum)
        self._line.row.addStretch(1)
        self._explanation = label("", name="equationExplanation")
        self._explanation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 4, _MARGIN, 12)
        layout.setSpacing(4)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        self.state_line = StateLine("equationNote")
        below.addWidget(self._make_slider(), 3)
        below.addWidget(self.state_line, 3)
        below.addWidget(self.subject, 2)
        layout.addWidget(self._line)
        layout.addLayout(below)
        layout.addWidget(self._explanation)
        layout.addStretch(1)

    def _make_slider(self) -> QWidget:
        self._beta_row = QWidget()
        row = QHBoxLayout(self._beta_row)
        row.setContentsMargins(0, 0, 0, 0)
        self._beta_text = label("muted", name="equationBeta")
        self._beta_text.setMinimumWidth(self.fontMetrics().horizontalAdvance("β = 100.00  "))
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("betaSlider")
        self._slider.setAccessibleName(self.tr("β, the weight of the KL term in the sum"))
        self._slider.setToolTip(self.tr("Weighs the KL term in the sum. The model does not change."))
        self._slider.setRange(-2 * _STEPS, 2 * _STEPS)
        self._slider.setMaximumWidth(280)
        self._slider.valueChanged.connect(lambda step: self.beta_changed.emit(10 ** (step / _STEPS)))
        row.addWidget(self._beta_text)
        row.addWidget(self._slider)
        row.addStretch(1)
        return self._beta_row

    def set_terms(self, prefix: str, terms: tuple[EquationTerm, ...]) -> None:
        """Show `prefix` and the terms. An unchanged formula keeps its widgets."""
        self._prefix.setText(prefix)
        formula = tuple(f"{term.sign}{term.weight}{term.symbol}" for term in terms)
        if formula == self._formula:
            for term in terms:
                self._boxes[term.name].set_value(term)
            return
        self._formula = formula
        self._clear()
        for term in terms:
            if term.sign:
                self._terms.addWidget(label("symbol", term.sign))
            box = TermBox(term)
            box.entered.connect(self.term_hovered)
            box.left.connect(lambda: self.term_hovered.emit(""))
            self._boxes[term.name] = box
            self._terms.addWidget(box)
        self._size, self._widths = FULL, [0, 0, 0]
        restyle(self._sum, "compact", False)

    def set_sum(self, text: str) -> None:
        """`text` is such as '= 134.20 (exact)', or empty."""
        self._sum.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Take the largest size that fits. The line keeps its full height, so that nothing jumps."""
        content = self._line.content_size()
        self._widths[self._size] = content.width()
        if self._size == FULL:
            self._line.setFixedHeight(content.height())
        room = self.contentsRect().width() - 2 * _MARGIN
        size = next((size for size in (FULL, SMALL) if self._widths[size] <= room), SHORT)
        if size != self._size:
            self._size = size
            for box in self._boxes.values():
                box.set_size(size)
            restyle(self._sum, "compact", size != FULL)

    def set_beta(self, beta: float | None) -> None:
        """Move the slider. None, for a model without a KL term, hides the slider."""
        self._beta_row.setVisible(beta is not None)
        if beta is not None:
            self._beta_text.setText(f"β = {beta:.2f}")
            step = round(_STEPS * log10(min(max(beta, MIN_BETA), MAX_BETA)))
            if step != self._slider.value():
                self._slider.blockSignals(True)
                self._slider.setValue(step)
                self._slider.blockSignals(False)

    def set_explanation(self, text: str) -> None:
        self._explanation.setText(text)

    def _clear(self) -> None:
        self._boxes = {}
        while (item := self._terms.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()


def make_panel() -> EquationPanel:
    return EquationPanel()
