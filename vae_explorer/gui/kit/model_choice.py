"""The combo box above a map that chooses its model in a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.widgets import ElidedLabel
from vae_explorer.gui.runtime.guarded import Guarded

_FILE = object()  # the last entry


class _Combo(Guarded, QComboBox):
    about_to_open = Signal()

    def showPopup(self) -> None:
        self.about_to_open.emit()
        super().showPopup()


class ModelChoice(QWidget):
    """Shows the open model, since a chosen file may turn out bad. Files identify models."""

    about_to_open = Signal()  # call `set_choices` now
    chosen = Signal(object)  # Path, or None for the open model without a file
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""  # of the open model
        self._path: Path | None = None
        self._is_extra = False  # the first entry is the open model, which is not among the choices
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

    def set_choices(self, groups: Sequence[Mapping[str, Path]]) -> None:
        self._combo.clear()
        self._is_extra = False
        for group in groups:
            for name, path in group.items():
                self._add(self._combo.count(), name, path)
            if group:
                self._combo.insertSeparator(self._combo.count())
        self._combo.addItem(self.tr("Open file…"), _FILE)
        self._show_model()

    def set_model(self, name: str, path: Path | None, facts: str) -> None:
        """Show the open model. `path` is None before the model is saved."""
        self._name, self._path = name, path
        self._facts.set_text(facts)
        self._show_model()

    def _show_model(self) -> None:
        if self._is_extra:
            self._combo.removeItem(0)
        place = self._place_of_model()
        self._is_extra = place is None
        if place is None:
            where = self._path.parent if self._path is not None else self.tr("in no file yet")
            name = self._name if self._combo.findText(short(self._name)) < 0 else f"{self._name} ({where})"
            self._add(0, name, self._path)
        self._combo.setCurrentIndex(place or 0)

    def _place_of_model(self) -> int | None:
        places = range(self._combo.count())
        return next((place for place in places if self._path is not None and self._combo.itemData(place) == self._path), None)

    def _add(self, place: int, name: str, path: Path | None) -> None:
        self._combo.insertItem(place, short(name), path)
        self._combo.setItemData(place, str(path or ""), Qt.ItemDataRole.ToolTipRole)

    def _on_activated(self, place: int) -> None:
        choice = self._combo.itemData(place)
        self._show_model()
        if choice is _FILE:
            self.file_wanted.emit()
        else:
            self.chosen.emit(choice)
