"""Offers metrics of images, and label columns for the colours of the codes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from vae_explorer.gui.kit.plain import fitted

Choice = tuple[str, str, str]  # name, title, tool tip
_TITLE_ROOM = 240  # pixels


class MetricChoice(QComboBox):
    metric_chosen = Signal(str)  # name, or empty for the choice without a metric

    def __init__(self, name: str, nothing: str, tip: str, parent: QWidget | None = None) -> None:
        """`nothing` is the text of the choice without a metric."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(100)
        self.addItem(nothing, "")
        self.activated.connect(lambda _: self.metric_chosen.emit(self.currentData()))

    def set_nothing(self, nothing: str) -> None:
        """Set the text of the choice without a metric."""
        self.setItemText(0, nothing)

    def set_choices(self, *groups: Sequence[Choice]) -> None:
        """Set the choices. A line parts groups."""
        while self.count() > 1:
            self.removeItem(1)
        for group in filter(None, groups):
            if self.count() > 1:
                self.insertSeparator(self.count())
            for name, title, tip in group:
                self.addItem(fitted(self, title, _TITLE_ROOM), name)
                self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    @Slot(str)
    def set_metric(self, name: str) -> None:
        self.setCurrentIndex(max(self.findData(name), 0))
