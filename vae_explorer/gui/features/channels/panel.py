"""The table of channels: name, colour, range, on or off. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget

from vae_explorer.channels import Channel, Channels
from vae_explorer.gui.kit.colour_button import ColourButton
from vae_explorer.gui.kit.widgets import SpacePassThrough, label

_LONGEST_NAME = 60
_LEVEL_WIDTH, _NAME_WIDTH, _BETWEEN_BLOCKS = 52, 90, 12  # pixels
_IN_A_BLOCK = 3  # rows
_COLUMNS = 6  # of a block: five of widgets, one of room


class ChannelsPanel(QWidget):
    """Lays the table out in blocks of a few rows side by side."""

    edited = Signal(object)  # Channels
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("channelsPanel")
        self._channels: Channels = ()
        self._rows: list[_Row] = []
        self._titles: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        self._reset = QPushButton(self.tr("Reset"))
        self._reset.setObjectName("channels.reset")
        self._reset.setToolTip(self.tr("Give all channels their first names, colours and ranges"))
        self._reset.setProperty("role", "small")
        self._reset.clicked.connect(self.reset_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 4)
        layout.addLayout(self._grid)
        layout.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        layout.addStretch(1)

    def show_table(self, channels: Channels) -> None:
        self._channels = channels
        if len(channels) != len(self._rows):
            self._build(len(channels))
        for row, channel in zip(self._rows, channels, strict=True):
            row.show_channel(channel)

    def _build(self, count: int) -> None:
        for widget in (*self._titles, *(widget for row in self._rows for widget in row.widgets)):
            widget.hide()
            widget.deleteLater()
        self._titles = [title for block in range(-(-count // _IN_A_BLOCK)) for title in self._titled(block * _COLUMNS)]
        self._rows = [_Row(place, self.tr, partial(self._on_edited, place)) for place in range(count)]
        for place, row in enumerate(self._rows):
            block, line = divmod(place, _IN_A_BLOCK)
            for column, widget in enumerate(row.widgets):
                self._grid.addWidget(widget, line + 1, block * _COLUMNS + column)

    def _titled(self, first: int) -> list[QLabel]:
        """Put the titles of a block into the grid, from column `first` on."""
        words = ("", self.tr("name"), self.tr("colour"), self.tr("black"), self.tr("full"))
        titles: list[QLabel] = [label("muted", word) for word in words]
        for column, title in enumerate(titles):
            self._grid.addWidget(title, 0, first + column)
        self._grid.setColumnMinimumWidth(first + len(titles), _BETWEEN_BLOCKS)
        return titles

    def _on_edited(self, place: int, **change: Any) -> None:
        edited = replace(self._channels[place], **change)
        self.edited.emit((*self._channels[:place], edited, *self._channels[place + 1 :]))


class _Row:
    """The widgets of one channel."""

    def __init__(self, place: int, tr: Callable[[str], str], edit: Callable[..., None]) -> None:
        """`edit` takes the changed field of the channel by keyword."""
        self._box = QCheckBox()
        self._name = QLineEdit()
        self._colour = ColourButton(f"channel{place}.colour", tr("Choose the colour of the channel"))
        self._low = _level(f"channel{place}.low", tr("Levels up to this level are black"))
        self._high = _level(f"channel{place}.high", tr("Levels from this level on have the full colour"))
        self._box.setToolTip(tr("Show the channel"))
        self._name.setToolTip(tr("Name of the channel"))
        self._name.setMaxLength(_LONGEST_NAME)
        self._name.setFixedWidth(_NAME_WIDTH)
        self._box.setObjectName(f"channel{place}.on")
        self._name.setObjectName(f"channel{place}.name")
        self._box.toggled.connect(lambda on: edit(on=on))
        self._name.editingFinished.connect(lambda: edit(name=self._name.text()))
        self._colour.chosen.connect(lambda colour: edit(colour=QColor(*colour).name()))
        self._low.valueChanged.connect(lambda level: edit(low=level))
        self._high.valueChanged.connect(lambda level: edit(high=level))
        self.widgets: tuple[QWidget, ...] = (self._box, self._name, self._colour, self._low, self._high)

    def show_channel(self, channel: Channel) -> None:
        for widget in self.widgets:
            widget.blockSignals(True)
        self._box.setChecked(channel.on)
        if self._name.text() != channel.name:
            self._name.setText(channel.name)
        self._colour.show_colour(QColor(channel.colour))
        self._low.setRange(0, channel.high - 1)
        self._high.setRange(channel.low + 1, 255)
        self._low.setValue(channel.low)
        self._high.setValue(channel.high)
        for widget in self.widgets:
            widget.blockSignals(False)
            widget.setAccessibleName(f"{channel.name}: {widget.toolTip()}")


def _level(name: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setFixedWidth(_LEVEL_WIDTH)
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.lineEdit().installEventFilter(SpacePassThrough(box))
    return box


def make_panel() -> ChannelsPanel:
    return ChannelsPanel()
