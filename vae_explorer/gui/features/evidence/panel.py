"""Shows log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)) of one image. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vae_explorer.gui.features.evidence.help import analysis_lines
from vae_explorer.gui.features.evidence.line_legend import LineLegend
from vae_explorer.gui.features.evidence.subject_bar import SubjectBar
from vae_explorer.gui.kit.panel_state import Nothing, PanelState
from vae_explorer.gui.kit.state_line import StateBody
from vae_explorer.gui.kit.theme import LIGHT, SMALL, Theme, font
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.runtime.guarded import Guarded

_BAR, _SPACE, _BREAK = 20, 20, 10  # pixels: bar, titles above a bar, break
_STRONG, _WEAK = 235, 110  # opacity
_FADED = 4  # divides the opacity of an outdated bar
_STUB = 0.22  # of the width, before the break
_CHIP, _APART = 8, 10  # pixels: the colour before a title, the space between titles


@dataclass(frozen=True, slots=True)
class Segment:
    title: str
    value: float  # nats
    color: str  # a role of the theme
    weak: bool = False


Bar = tuple[Segment, ...]


class _Bars(Guarded, QWidget):
    """Draws bars of one scale. A break shortens their start, which makes differences visible."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("evidenceBars")
        self.setToolTip(self.tr("Both bars start with the same nats. The break shortens that start."))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bars: tuple[Bar, ...] = ()
        self.theme: Theme = LIGHT

    def set_bars(self, bars: tuple[Bar, ...]) -> None:
        if len(bars) != len(self.bars):
            self.updateGeometry()
        self.bars = bars
        self.setAccessibleName("; ".join(", ".join(part.title for part in bar) for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, len(self.bars) * (_BAR + _SPACE))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, len(self.bars) * (_BAR + _SPACE))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.bars:
            return
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        first = min(bar[0].value for bar in self.bars)
        longest = max(sum(part.value for part in bar) for bar in self.bars)
        stub = _STUB * self.width()
        scale = (self.width() - stub - _BREAK - 1) / max(longest - first, 1e-9)
        for place, bar in enumerate(self.bars):
            top = place * (_BAR + _SPACE)
            self._paint_names(painter, bar, top)
            self._paint_bar(painter, bar, top + _SPACE - 4, first, stub, scale)
        painter.end()

    def _paint_names(self, painter: QPainter, bar: Bar, top: float) -> None:
        left, middle = 0.0, top + (_SPACE - 4) / 2
        for part in bar:
            width = painter.fontMetrics().horizontalAdvance(part.title)
            painter.fillRect(QRectF(left, middle - _CHIP / 2, _CHIP, _CHIP), self._brush(part))
            painter.setPen(self.theme.color("muted"))
            words = QRectF(left + _CHIP + 4, top, width + 1, _SPACE - 4)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, part.title)
            left = words.right() + _APART

    def _paint_bar(self, painter: QPainter, bar: Bar, top: float, first: float, stub: float, scale: float) -> None:
        head, *others = bar
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._brush(head))
        painter.drawRect(QRectF(0, top, stub, _BAR))
        painter.setPen(self.theme.color("muted"))
        for at in (stub + _BREAK / 4, stub + 3 * _BREAK / 4):
            painter.drawLine(QPointF(at - 2, top + _BAR + 2), QPointF(at + 2, top - 2))
        painter.setPen(Qt.PenStyle.NoPen)
        left = stub + _BREAK
        for part, width in ((head, (head.value - first) * scale), *((other, other.value * scale) for other in others)):
            painter.setBrush(self._brush(part))
            painter.drawRect(QRectF(left, top, max(width, 0.0), _BAR))
            left += max(width, 0.0)

    def _brush(self, part: Segment) -> QBrush:
        alpha = _WEAK if part.weak else _STRONG
        return self.theme.brush(part.color, alpha if self.isEnabled() else alpha // _FADED)


class EvidencePanel(QWidget):
    visibility_changed = Signal(bool)  # unlike isVisible(), False where another tab covers the panel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evidencePanel")
        self.subject = SubjectBar("evidenceSubject", zooms=True)
        self._legend = LineLegend("evidenceLegend", analysis_lines())
        self._bars = _Bars()
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._words: dict[str, QLabel] = {}
        self._numbers: dict[str, QLabel] = {}
        self.body = StateBody("evidenceNote", self._content())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self.subject)
        layout.addWidget(self.body, 1)

    def _content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._legend)
        column.addWidget(self._bars)
        column.addLayout(self._grid)
        return content

    def add_row(self, name: str, title: str, tip: str, strong: bool = False) -> None:
        row = self._grid.rowCount()
        self._words[name] = label("" if strong else "muted", name=f"evidenceTitle.{name}")
        self.set_words(name, title, tip)
        self._numbers[name] = label("value" if strong else "", "–", f"evidence.{name}")
        self._grid.addWidget(self._words[name], row, 0)
        self._grid.addWidget(self._numbers[name], row, 1, Qt.AlignmentFlag.AlignRight)

    def set_words(self, name: str, title: str, tip: str) -> None:
        self._words[name].setText(title)
        self._words[name].setToolTip(tip)

    def set_legend(self, visible: bool, on_section: bool) -> None:
        """Name the lines on a map of the whole plane or of a section, where there are lines."""
        self._legend.setVisible(visible)
        self._legend.set_on_section(on_section)

    def set_row_visible(self, name: str, visible: bool) -> None:
        self._words[name].setVisible(visible)
        self._numbers[name].setVisible(visible)

    def set_numbers(self, numbers: dict[str, str]) -> None:
        """Show numbers by row name. A row without a number shows a dash."""
        for name, cell in self._numbers.items():
            cell.setText(numbers.get(name, "–"))

    def set_bars(self, bars: tuple[Bar, ...]) -> None:
        self._bars.setEnabled(True)
        self._bars.set_bars(bars)

    def fade_bars(self) -> None:
        """Mark the bars as outdated. They keep their size, so that nothing jumps."""
        self._bars.setEnabled(False)

    def bars(self) -> tuple[Bar, ...]:
        return self._bars.bars

    def set_state(self, state: PanelState) -> None:
        self.subject.setVisible(not isinstance(state, Nothing))
        self.body.set_state(state)

    def set_theme(self, theme: Theme) -> None:
        self._legend.set_theme(theme)
        self._bars.theme = theme
        self._bars.update()


def make_panel() -> EvidencePanel:
    return EvidencePanel()
