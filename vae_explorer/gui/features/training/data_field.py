"""The choice of a data set in the training dialog, which further data sets may join while the dialog is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, QTimer, Signal

from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.foreign import short
from vae_explorer.gui.features.training.fields import choice, set_wrapped_text, wrapped
from vae_explorer.gui.kit.widgets import label

_PATIENCE_MS = 500  # of looking for data sets before the dialog says so
_MOST_LINES = 3  # about packages that fail


class DataField(QObject):
    """A box of data sets, where the images of the chosen set come from, and a note about the search for further sets."""

    changed = Signal()  # another data set was chosen
    note_changed = Signal()

    def __init__(self, datasets: Mapping[str, DatasetSpec], parent: QObject) -> None:
        super().__init__(parent)
        self._datasets: dict[str, DatasetSpec] = {}
        self.box, self.source, self.note = choice("trainDataset", {}), label("muted", name="trainSource"), wrapped("trainNote")
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_patience_ended)
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

    def begin_looking(self) -> None:
        """Say so if the search for further data sets takes long."""
        self._patience.start(_PATIENCE_MS)

    def end_looking(self, problems: Sequence[str]) -> None:
        """Show a line for each package that fails."""
        self._patience.stop()
        lines = list(problems[:_MOST_LINES])
        if len(problems) > _MOST_LINES:
            lines.append(self.tr("… and {} more; 'vae-explorer doctor' names all").format(len(problems) - _MOST_LINES))
        self._set_note("\n".join(lines))

    def _on_patience_ended(self) -> None:
        self._set_note(self.tr("Looking for data sets of your own and of packages…"))

    def _on_chosen(self) -> None:
        self.source.setText(self.tr("{:,} images, {}").format(sum(self.spec.size), self.spec.source))
        self.changed.emit()

    def _set_note(self, text: str) -> None:
        if text:
            set_wrapped_text(self.note, text)
        else:
            self.note.setText("")
        self.note_changed.emit()
