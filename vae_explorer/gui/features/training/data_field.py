"""The choice of a data set in the training dialog, which further data sets may join while the dialog is open."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QSignalBlocker, Signal

from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.foreign import short
from vae_explorer.gui.features.training.fields import choice
from vae_explorer.gui.features.training.package_note import PackageNote
from vae_explorer.gui.kit.widgets import label


class DataField(QObject):
    """A box of data sets, where the images of the chosen set come from, and a note about the search for further sets."""

    changed = Signal()  # another data set was chosen

    def __init__(self, datasets: Mapping[str, DatasetSpec], parent: QObject) -> None:
        super().__init__(parent)
        self._datasets: dict[str, DatasetSpec] = {}
        self.box, self.source = choice("trainDataset", {}), label("muted", name="trainSource")
        self.note = PackageNote("trainNote", self.tr("Looking for data sets of your own and of packages…"), self)
        self.add(datasets)
        self.box.currentIndexChanged.connect(self._on_chosen)
        self._on_chosen()

    @property
    def name(self) -> str:
        return str(self.box.currentData())

    @property
    def spec(self) -> DatasetSpec:
        return self._datasets[self.name]

    @property
    def own(self) -> DatasetSpec | None:
        """The facts of a person's own images, None for a data set of the table."""
        return None if self.name in DATASETS.at_hand() else self.spec

    def add(self, datasets: Mapping[str, DatasetSpec]) -> None:
        """Offer `datasets` too, a person's own after those of the table. The chosen data set stays chosen."""
        with QSignalBlocker(self.box):
            for name in [name for name in datasets if name not in self._datasets]:
                self._datasets[name] = datasets[name]
                last = sum(bool(spec.target) for spec in self._datasets.values()) - 1
                place = last if datasets[name].target else self.box.count()
                self.box.insertItem(place, short(datasets[name].title), name)

    def choose(self, name: str) -> None:
        self.box.setCurrentIndex(self.box.findData(name))

    def _on_chosen(self) -> None:
        self.source.setText(self.tr("{:,} images, {}").format(sum(self.spec.size), self.spec.source))
        self.changed.emit()
