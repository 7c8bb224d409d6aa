"""Which model a map shows, among others: a combo box above the map, for the models that lie side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from vae_explorer.gui.views.widgets import ElidedLabel

_FILE = object()  # the last entry


class _Combo(QComboBox):
    about_to_open = Signal()

    def showPopup(self) -> None:
        self.about_to_open.emit()
        super().showPopup()


class ModelChoice(QWidget):
    """Shows the model that is open, not the one that was chosen: that one may prove bad."""

    about_to_open = Signal()  # answer with `set_choices`
    chosen = Signal(str)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._is_extra = False  # the first entry is the open model, which is none of the choices
        self._combo = _Combo()
        self._combo.setObjectName("modelChoice")
        self._combo.setAccessibleName(self.tr("Model on this map"))
        self._combo.setToolTip(self.tr("The model on this map"))
        self._combo.setMinimumContentsLength(18)
        self._combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._facts = ElidedLabel("muted", "modelChoiceFacts")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 4)
        layout.addWidget(self._combo)
        layout.addWidget(self._facts, 1)
        self._combo.about_to_open.connect(self.about_to_open)
        self._combo.activated.connect(self._on_activated)

    def set_choices(self, groups: Sequence[Sequence[str]]) -> None:
        """Names to choose from, group by group."""
        self._combo.clear()
        self._is_extra = False
        for group in groups:
            for name in group:
                self._combo.addItem(name, name)
            if group:
                self._combo.insertSeparator(self._combo.count())
        self._combo.addItem(self.tr("Open file…"), _FILE)
        self._show_name()

    def set_model(self, name: str, facts: str) -> None:
        self._name = name
        self._facts.set_text(facts)
        self._show_name()

    def _show_name(self) -> None:
        if self._is_extra and self._combo.itemText(0) != self._name:
            self._combo.removeItem(0)
            self._is_extra = False
        if self._combo.findText(self._name) < 0:
            self._combo.insertItem(0, self._name, self._name)
            self._is_extra = True
        self._combo.setCurrentIndex(self._combo.findText(self._name))

    def _on_activated(self, place: int) -> None:
        choice = self._combo.itemData(place)
        self._show_name()
        if choice is _FILE:
            self.file_wanted.emit()
        elif choice != self._name:
            self.chosen.emit(choice)
