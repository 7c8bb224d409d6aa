"""Shows the pad with its tools, and fillings of hidden pixels. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.gui.features.draw.filling_grid import Filling, FillingGrid
from vae_explorer.gui.features.draw.pad import DrawPad, Tool
from vae_explorer.gui.features.evidence.help import analysis_lines
from vae_explorer.gui.features.evidence.line_legend import LineLegend
from vae_explorer.gui.features.evidence.subject_bar import SubjectBar
from vae_explorer.gui.kit.colour_button import ColourButton
from vae_explorer.gui.kit.panel_state import Nothing, PanelState, Ready
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.kit.theme import Theme

_AROUND_WORDS = 16  # pixels of a button


class DrawPanel(QWidget):
    centre_requested = Signal()
    inspected_requested = Signal()
    file_requested = Signal()
    visibility_changed = Signal(bool)  # unlike isVisible(), False where another tab covers the panel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawPanel")
        self.pad = DrawPad()
        self._can_draw = True
        self.subject = SubjectBar("drawSubject", zooms=True)
        self.fillings = FillingGrid("fillings", self.tr("Fillings of the hidden pixels"))
        self._fillings: tuple[tuple[Filling, ...], NDArray[np.bool_]] = (), np.zeros((1, 1), bool)
        self._legend = LineLegend("drawLegend", analysis_lines())
        self.note, self._below = StateLine("drawNote"), StateLine("fillingsNote")
        self.note.align_top()
        self._beside = QStackedWidget()  # a constant size hint keeps the pad in place
        self._beside.addWidget(self.note.as_page())
        self._beside.addWidget(self.fillings)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.pad, 1)
        row.addWidget(self._beside, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 12)
        layout.setSpacing(6)
        layout.addWidget(self.subject)
        layout.addLayout(self._tool_grid())
        layout.addLayout(row, 1)
        layout.addWidget(self._legend)
        layout.addWidget(self._below)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self.pad, context=Qt.ShortcutContext.WidgetShortcut)
        undo.activated.connect(self.pad.undo)

    def set_fillings(self, fillings: tuple[Filling, ...], hidden: NDArray[np.bool_]) -> None:
        """Show fillings of the pixels `hidden` (H, W), or the note where there are none."""
        self._fillings = fillings, hidden
        if fillings:
            self.fillings.set_fillings(fillings, hidden, None)
        self._beside.setCurrentIndex(1 if fillings else 0)
        self._below.set_state(self.note.state if fillings else Ready())

    def choose_filling(self, index: int) -> None:
        self.fillings.set_fillings(*self._fillings, index)

    def set_state(self, state: PanelState) -> None:
        """Show the state of the analysis. A model without posteriors needs no legend."""
        self.note.set_state(state)
        self._below.set_state(state if self._fillings[0] else Ready())
        self._legend.setVisible(not isinstance(state, Nothing))

    def set_can_draw(self, can_draw: bool) -> None:
        """Enable the tools. A model without an encoder cannot analyse a drawing."""
        self._can_draw = can_draw
        self.pad.setEnabled(can_draw)
        self._enable_buttons()

    def set_on_section(self, on_section: bool) -> None:
        """Name the lines on a map of the whole plane or of a section."""
        self._legend.set_on_section(on_section)

    def set_theme(self, theme: Theme) -> None:
        for part in (self.pad, self.fillings, self._legend):
            part.set_theme(theme)

    def _tool_grid(self) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(4)
        tools, buttons = self._make_tools(), self._make_buttons()
        for part in (tools, buttons[:4], buttons[4:]):
            line = QHBoxLayout()
            line.setSpacing(4)
            for button in part:
                line.addWidget(button, _wish(button))
                button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # lets the panel be narrower
            lines.addLayout(line)
        return lines

    def _make_tools(self) -> list[QAbstractButton]:
        self._group = QButtonGroup(self)
        tools: list[QAbstractButton] = []
        for tool, title, tip in (
            (Tool.PEN, self.tr("Pen"), self.tr("Draw in white, or in the chosen colour")),
            (Tool.ERASER, self.tr("Eraser"), self.tr("Draw in black")),
            (Tool.HIDE, self.tr("Hide"), self.tr("Hide pixels: p(z|x) then depends on the other pixels alone")),
            (Tool.SHOW, self.tr("Unhide"), self.tr("Show hidden pixels again")),
        ):
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setObjectName(f"draw.{tool.value}")
            button.setCheckable(True)
            button.setProperty("role", "tool")
            button.setChecked(tool is self.pad.tool)
            button.clicked.connect(lambda _=False, tool=tool: setattr(self.pad, "tool", tool))
            self._group.addButton(button)
            tools.append(button)
        self.brush = ColourButton("draw.colour", self.tr("Choose the colour of the pen"))
        self.brush.chosen.connect(self._on_colour_chosen)
        self.brush.hide()
        return [tools[0], self.brush, *tools[1:]]

    def offer_colours(self, offered: bool) -> None:
        """Offer colours for the pen."""
        self.brush.setVisible(offered)

    @Slot(object)
    def _on_colour_chosen(self, colour: tuple[int, ...]) -> None:
        self.pad.colour = colour
        self._group.buttons()[0].click()  # the pen

    def _make_buttons(self) -> list[QAbstractButton]:
        buttons: list[QAbstractButton] = []
        centring = self.tr("Move and scale the drawing to match the data set's images")
        opening = self.tr("Put an image file on the pad. You can also drop a file on the window.")
        for name, title, tip, act in (
            ("undo", self.tr("Undo"), self.tr("Undo the last stroke"), self.pad.undo),
            ("clear", self.tr("Clear"), self.tr("Empty the pad"), self.pad.clear),
            ("invert", self.tr("Invert"), self.tr("Swap black and white, and each colour with its opposite"), self.pad.invert),
            ("tidy", self.tr("Centre"), centring, self.centre_requested.emit),
            ("take", self.tr("From code"), self.tr("Put the inspected image on the pad"), self.inspected_requested.emit),
            ("open", self.tr("From file…"), opening, self.file_requested.emit),
            ("reveal", self.tr("Unhide all"), self.tr("Show all hidden pixels"), self.pad.show_all),
        ):
            button = QPushButton(title)
            button.setToolTip(tip)
            button.setObjectName(f"draw.{name}")
            button.setProperty("role", "small")
            button.clicked.connect(act)
            buttons.append(button)
        self._buttons = {button.objectName().removeprefix("draw."): button for button in buttons}
        self.pad.changed.connect(self._enable_buttons)
        self._enable_buttons()
        return buttons

    @Slot()
    def _enable_buttons(self, *_: object) -> None:
        can = {
            "undo": self.pad.can_undo(),
            "clear": not self.pad.is_empty(),
            "tidy": bool(self.pad.canvas().any()),
            "reveal": bool(self.pad.hidden().any()),
        }
        for name, button in self._buttons.items():
            button.setEnabled(self._can_draw and can.get(name, True))
        for tool in (*self._group.buttons(), self.brush):
            tool.setEnabled(self._can_draw)


def _wish(button: QAbstractButton) -> int:
    words = button.fontMetrics().horizontalAdvance(button.text()) + _AROUND_WORDS
    return words if button.text() else words + button.iconSize().width()


def make_panel() -> DrawPanel:
    return DrawPanel()
