"""The choice of a family in the training dialog, which families of packages may join while the dialog is open."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from vae_explorer.foreign import short
from vae_explorer.gui.features.training.fields import choice, set_wrapped_text, wrapped
from vae_explorer.gui.features.training.package_note import PackageNote
from vae_explorer.models.spec import Family


class FamilyField(QObject):
    """A box of families, what the chosen family minimises, and a note about the search for further families."""

    changed = Signal()  # another family was chosen

    def __init__(self, families: Mapping[str, Family], parent: QObject) -> None:
        super().__init__(parent)
        self._families: dict[str, Family] = {}
        self.box, self.formula = choice("trainFamily", {}), wrapped("trainFormula")
        self.note = PackageNote("trainFamilyNote", self.tr("Looking for families of packages…"), self)
        self.add(families)
        self.box.currentIndexChanged.connect(self._on_chosen)
        self._on_chosen()

    @property
    def name(self) -> str:
        return str(self.box.currentData())

    @property
    def family(self) -> Family:
        return self._families[self.name]

    def add(self, families: Mapping[str, Family]) -> None:
        """Offer `families` too, after the others. The chosen family stays chosen."""
        for name in [name for name in families if name not in self._families]:
            self._families[name] = families[name]
            self.box.addItem(short(families[name].title), name)

    def _on_chosen(self) -> None:
        set_wrapped_text(self.formula, f"{self.family.formula_by_terms}\n{self.family.source}")
        self.changed.emit()
