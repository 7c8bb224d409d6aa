"""The model's objective as an equation, with the numbers of one image under its symbols. GUI thread only."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from math import log10

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from vae_explorer.gui.views.subject_bar import SubjectBar
from vae_explorer.gui.views.widgets import label

_STEPS = 50  # of the slider to ten times the weight
MIN_BETA, MAX_BETA = 0.01, 100.0


@dataclass(frozen=True, slots=True)
class EquationTerm:
    """One term as it is written."""

    name: str
    sign: str  # '+', '−', or empty in front of the first one, or where nothing is added up
    weight: str  # such as 'β ·'; empty for 1
    symbol: str
    value: str
    how: str  # the value came about: exactly, or by sampling
    tip: str


class _Term(QFrame):
    """A symbol with its number below; says when the mouse or the keyboard is on it."""

    entered = Signal(str)
    left = Signal()

    def __init__(self, term: EquationTerm) -> None:
        super().__init__()
        self.setProperty("role", "term")
        self.setObjectName(f"term.{term.name}")
        self.setAccessibleName(f"{term.tip} {term.value} {term.how}")
        self.setToolTip(term.tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name = term.name
        symbol = label("symbol", _typeset(f"{term.weight} {term.symbol}".strip()))
        symbol.setTextFormat(Qt.TextFormat.RichText)
        self.number = label("value", term.value, f"value.{term.name}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(0)
        self.how = label("muted", term.how, f"how.{term.name}")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.number)
        line.addWidget(self.how, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(line)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.entered.emit(self._name)

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit(self._name)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class EquationPanel(QWidget):
    term_hovered = Signal(str)  # its name; empty when none is
    beta_changed = Signal(float)
    visibility_changed = Signal(bool)  # whether it can be seen: a dock behind another one is not hidden for Qt

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equationPanel")
        self._shown: tuple[str, ...] = ()
        self._boxes: dict[str, _Term] = {}
        self.subject = SubjectBar("equationSubject")
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._about = label("muted", name="equationAbout")
        self._terms = QHBoxLayout()
        self._terms.setSpacing(2)
        self._sum = label("title", name="equationSum")
        self._row.addWidget(self._about)
        self._row.addLayout(self._terms)
        self._row.addWidget(self._sum)
        self._row.addStretch(1)
        self._explanation = label("", name="equationExplanation")
        self._explanation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(4)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._make_slider(), 3)
        below.addWidget(self.subject, 2)
        layout.addLayout(self._row)
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
        self._slider.setToolTip(self.tr("Re-weights the sum that is shown; the model stays as it was trained"))
        self._slider.setRange(-2 * _STEPS, 2 * _STEPS)
        self._slider.setMaximumWidth(280)
        self._slider.valueChanged.connect(lambda step: self.beta_changed.emit(10 ** (step / _STEPS)))
        row.addWidget(self._beta_text)
        row.addWidget(self._slider)
        row.addStretch(1)
        return self._beta_row

    def set_terms(self, about: str, terms: tuple[EquationTerm, ...]) -> None:
        """`about` stands in front. The same terms with other numbers change the numbers alone, so that nothing jumps."""
        self._about.setText(about)
        written = tuple(f"{term.sign}{term.weight}{term.symbol}" for term in terms)
        if written == self._shown:
            for term in terms:
                self._boxes[term.name].number.setText(term.value)
                self._boxes[term.name].how.setText(term.how)
            return
        self._shown = written
        self._clear()
        for term in terms:
            if term.sign:
                self._terms.addWidget(label("symbol", term.sign))
            box = _Term(term)
            box.entered.connect(self.term_hovered)
            box.left.connect(lambda: self.term_hovered.emit(""))
            self._boxes[term.name] = box
            self._terms.addWidget(box)

    def set_sum(self, text: str) -> None:
        """Such as '= 134.20 exact'; empty where nothing is added up."""
        self._sum.setText(text)

    def set_beta(self, beta: float | None) -> None:
        """The slider's place; None where there is no KL term to weigh."""
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


def _typeset(symbol: str) -> str:
    """The letter after an underscore as an index."""
    return re.sub(r"_(\w)", r"<sub>\1</sub>", html.escape(symbol))
