"""The label columns of the images, and the column that a person chose for the colours. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes, Labels
from vae_explorer.data.base import Dataset
from vae_explorer.data.columns import Column, ColumnKind, Columns
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.class_palette import ClassPalette, palette_of
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.latent.scale import Circle, Scale


@dataclass(frozen=True)
class KeptColumn(Kept):
    column: str


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """The groups of codes that the map names and the legend lists: the classes, or the categories of a column."""

    column: str  # empty for the classes
    names: tuple[str, ...]
    label: Labels  # (n,)
    palette: ClassPalette

    @staticmethod
    def of(column: str, names: tuple[str, ...], label: Labels) -> Grouping:
        return Grouping(column, names, label, palette_of(label, names))

    def is_like(self, other: Grouping) -> bool:
        """Return whether both have the same groups."""
        return (self.column, self.names) == (other.column, other.names)


class CodeLabels(SessionPart):
    """Knows the labels of the inspected images, and the chosen column. The columns come with the images."""

    kept_as = "column"
    changed = Signal()  # the columns on offer, or the chosen column

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._codes = Codes.empty()
        self._classes: tuple[str, ...] = ()
        self._all = Columns()
        self._groupings: dict[str, Grouping] = {}  # column -> groups that were worked out; "" for the classes
        self._wanted = ""
        self._model_is_new = False  # since the last `ask_again`

    @property
    def wanted(self) -> str:
        """The name of the chosen column, which other images may lack; empty for the classes."""
        return self._wanted

    @property
    def column(self) -> Column | None:
        """The chosen column, None for the classes."""
        return next((column for column in self.offered if column.name == self._wanted), None)

    @property
    def offered(self) -> tuple[Column, ...]:
        """The columns that can colour the codes, without the class."""
        return tuple(
            column for column in self._known if column.kind is not ColumnKind.TEXT and column.name != self._all.class_name
        )

    @property
    def values(self) -> NDArray[np.float64] | None:
        """The numbers (n,) of a chosen continuous column, NaN where missing; None for other columns."""
        column = self.column
        if column is None or column.kind is not ColumnKind.CONTINUOUS:
            return None
        return np.asarray(column.values, np.float64)

    @property
    def scale(self) -> Scale | Circle | None:
        """The colour scale of `values`, None without values."""
        column, values = self.column, self.values
        if column is None or values is None:
            return None
        return Circle(*column.turn) if column.turn is not None else Scale.of(values)

    @property
    def classes(self) -> Grouping:
        """The classes of the codes, worked out once for each model."""
        if "" not in self._groupings:
            self._groupings[""] = Grouping.of("", self._classes, self._codes.label)
        return self._groupings[""]

    @property
    def grouping(self) -> Grouping:
        """The groups of the chosen column, else the classes; worked out once for each column."""
        column = self.column
        if column is None or column.kind is not ColumnKind.CATEGORICAL:
            return self.classes
        if column.name not in self._groupings:
            self._groupings[column.name] = Grouping.of(column.name, column.classes, column.labels)
        return self._groupings[column.name]

    def of(self, index: int) -> list[tuple[str, str]]:
        """Return name and text of each label of an image; the text is empty where missing."""
        return [(column.name, column.text(index)) for column in self._known]

    @property
    def _known(self) -> tuple[Column, ...]:
        return tuple(column for column in self._all if len(column) == len(self._codes))

    @Slot(str)
    def choose(self, column: str) -> None:
        """Choose a column by name; an empty name stands for the classes. Images to come may have the column."""
        if column != self._wanted:
            self._wanted = column
            self.changed.emit()

    def kept(self) -> KeptColumn:
        return KeptColumn(self._wanted)

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptColumn)
        self.choose(kept.column)

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._codes, self._classes, self._model_is_new = model.file.codes, model.card.classes, True
        self._groupings.clear()
        if not same_data:
            self._all = Columns()

    def ask_again(self) -> None:
        if self._model_is_new:
            self._model_is_new = False
            self.changed.emit()

    @Slot(object)
    def set_images(self, images: Dataset) -> None:
        self._all = images.columns
        self._groupings = {"": self.classes}
        self.changed.emit()
