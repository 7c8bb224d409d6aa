"""Shows a term of the equation as a symbol with its number below. GUI thread only."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from vae_explorer.gui.kit.plain import TIP_ABOVE
from vae_explorer.gui.kit.widgets import label, restyle
from vae_explorer.gui.runtime.guarded import Guarded

FULL, SMALL, SHORT = range(3)
_MARGIN = 6  # pixels left and right


@dataclass(frozen=True, slots=True)
class EquationTerm:
    name: str
    sign: str  # '+', '−', or empty
    weight: str  # such as 'β ·'; empty for 1
    symbol: str
    value: str
    how: str  # such as 'exact' or 'sampled'
    tip: str


class TermBox(Guarded, QFrame):
    """`entered` and `left` tell of the mouse and of the keyboard focus."""

    entered = Signal(str)
    left = Signal()

    def __init__(self, term: EquationTerm) -> None:
        super().__init__()
        self.setProperty("role", "term")
        self.setObjectName(f"term.{term.name}")
        self._tip = term.tip
        self.setProperty(TIP_ABOVE, True)  # the explanation lies below
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name = term.name
        self._symbol = label("symbol", _typeset(f"{term.weight} {term.symbol}".strip()), f"symbol.{term.name}")
        self._symbol.setTextFormat(Qt.TextFormat.RichText)
        self.number = label("value", term.value, f"value.{term.name}")
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 2, _MARGIN, 2)
        layout.setSpacing(0)
        self.how = label("muted", term.how, f"how.{term.name}")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.number)
        line.addWidget(self.how, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(line)
        self.set_value(term)

    def set_value(self, term: EquationTerm) -> None:
        self.setAccessibleName(f"{term.tip} {term.value} {term.how}")
        self.number.setText(term.value)
        self.how.setText(term.how)
        self.setToolTip(f"{self._tip} ({term.how})" if term.how else self._tip)

    def set_size(self, size: int) -> None:
        """SHORT shows `how` in the tip alone."""
        self.how.setVisible(size != SHORT)
        side = _MARGIN if size != SHORT else _MARGIN // 2
        self._layout.setContentsMargins(side, 2, side, 2)
        for part in (self._symbol, self.number, self.how):
            restyle(part, "compact", size != FULL)

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


def _typeset(symbol: str) -> str:
    """Write the letter after an underscore as an index, in rich text."""
    return re.sub(r"_(\w)", r"<sub>\1</sub>", html.escape(symbol))
