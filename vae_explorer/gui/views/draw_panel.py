"""The pad with its tools. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from vae_explorer.gui.theme import Theme
from vae_explorer.gui.views.draw_pad import DrawPad, Tool
from vae_explorer.gui.views.widgets import label


class DrawPanel(QWidget):
    tidy_wanted = Signal()  # move and scale what is drawn as the data set's images are
    visibility_changed = Signal(bool)  # whether it can be seen: a dock behind another one is not hidden for Qt
    inspected_wanted = Signal()  # lay the inspected image on the pad

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawPanel")
        self.pad = DrawPad()
        self._note = label("muted", name="drawNote")
        self._note.setWordWrap(True)
        grid = QGridLayout()
        grid.setSpacing(4)
        tools, buttons = self._make_tools(), self._make_buttons()
        for place, button in enumerate(tools):
            grid.addWidget(button, place // 2, place % 2)
        for line, one in enumerate(buttons, start=grid.rowCount()):
            grid.addWidget(one, line, 0, 1, 2)
        grid.setRowStretch(grid.rowCount(), 1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.pad, 1)
        row.addLayout(grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(6)
        layout.addLayout(row, 1)
        layout.addWidget(self._note)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self.pad, context=Qt.ShortcutContext.WidgetShortcut)
        undo.activated.connect(self.pad.undo)

    def set_note(self, text: str) -> None:
        self._note.setText(text)

    def set_theme(self, theme: Theme) -> None:
        self.pad.set_theme(theme)

    def _make_tools(self) -> list[QToolButton]:
        self._group = QButtonGroup(self)
        made = []
        for tool, title, tip in (
            (Tool.PEN, self.tr("Pen"), self.tr("Draw in white")),
            (Tool.ERASER, self.tr("Eraser"), self.tr("Draw in black")),
            (Tool.HIDE, self.tr("Hide"), self.tr("Hide pixels: what is left decides where the image may lie")),
            (Tool.SHOW, self.tr("Show"), self.tr("Show hidden pixels again")),
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
            made.append(button)
        return made

    def _make_buttons(self) -> list[QPushButton]:
        made = []
        for name, title, tip, act in (
            ("undo", self.tr("Undo"), self.tr("Take the last stroke back"), self.pad.undo),
            ("clear", self.tr("Clear"), self.tr("Empty the pad"), self.pad.clear),
            ("invert", self.tr("Invert"), self.tr("White becomes black"), self.pad.invert),
            ("tidy", self.tr("Centre"), self.tr("Move and scale it as the data set's images are"), self.tidy_wanted.emit),
            ("take", self.tr("Inspected"), self.tr("Lay the inspected image on the pad"), self.inspected_wanted.emit),
            ("reveal", self.tr("Show all"), self.tr("Hide no pixel any more"), self.pad.show_all),
        ):
            button = QPushButton(title)
            button.setToolTip(tip)
            button.setObjectName(f"draw.{name}")
            button.setProperty("role", "small")
            button.clicked.connect(act)
            made.append(button)
        return made
