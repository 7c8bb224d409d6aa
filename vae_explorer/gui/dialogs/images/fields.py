"""The fields of the dialog Data ▸ Open images…, which say how the images are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from vae_explorer.data.columns import ColumnKind, Columns
from vae_explorer.data.own.labels import NO_COLUMN
from vae_explorer.data.own.reading import MOST_SHARE, Colour, Reading, size_of
from vae_explorer.gui.features.training.fields import whole_number
from vae_explorer.gui.kit.plain import fitted
from vae_explorer.gui.kit.widgets import choice_box
from vae_explorer.kinds import Fit

_NAME_ROOM = 150  # pixels of a column's name


@dataclass(frozen=True, slots=True)
class Size:
    """The size of prepared images, or the size that a source has itself."""

    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.height}×{self.width}"


class ReadingFields(QWidget):
    """Holds a `Reading`. Emits `changed` when the person has chosen another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._share = QLineEdit(), whole_number("imagesTestShare", 0, int(100 * MOST_SHARE))
        self._fit = choice_box("imagesFit", self.tr("What happens to images of other proportions"), self._fits())
        self._colour = choice_box("imagesColour", self.tr("Whether the images are grey or coloured"), self._colours())
        self._invert = QCheckBox(self.tr("swap black and white"))
        self._class = choice_box("imagesClass", self.tr("The label that colours the map, and that conditional models are told"))
        self._lay_out()
        self._size.editingFinished.connect(self._on_edited)
        self._share.editingFinished.connect(self._on_edited)
        for box in (self._fit, self._colour, self._class):
            box.activated.connect(self.changed)
        self._invert.toggled.connect(self.changed)
        self._told: tuple[str, int] = ("", 0)  # size and share of the last `changed`

    def reading(self) -> Reading:
        """Return the choices. Raises `UserError` if a field is invalid."""
        size, share = self._size.text().strip(), self._share.value()
        return Reading(
            size=size_of(size) if size else None,
            fit=self._fit.currentData(),
            colour=self._colour.currentData(),
            invert=self._invert.isChecked(),
            class_column=self._class.currentData(),
            test_share=share / 100 if share else None,
        )

    def forget_source(self) -> None:
        """Forget the class and the size that only an earlier source has."""
        with QSignalBlocker(self._class):
            self._class.clear()
        self._size.setPlaceholderText("")

    def show_source(self, size: Size, columns: Columns) -> None:
        """Say which size the images have, and offer their labels as the class."""
        self._size.setPlaceholderText(str(size))
        chosen = self._class.currentData()
        with QSignalBlocker(self._class):
            self._class.clear()
            for text, data in self._classes(columns):
                self._class.addItem(fitted(self._class, text, _NAME_ROOM), data)
            self._class.setCurrentIndex(max(self._class.findData(chosen), 0))

    def _classes(self, columns: Columns) -> Sequence[tuple[str, str | None]]:
        usual = self.tr("{} (found out)").format(columns.class_name or self.tr("none"))
        able = [column.name for column in columns if column.kind is not ColumnKind.CONTINUOUS]
        return [(usual, None), *((name, name) for name in able), (self.tr("none"), NO_COLUMN)]

    def _fits(self) -> Sequence[tuple[object, str]]:
        return [(Fit.PAD, self.tr("pad")), (Fit.CROP, self.tr("crop")), (Fit.STRETCH, self.tr("stretch"))]

    def _colours(self) -> Sequence[tuple[object, str]]:
        return [
            (Colour.OWN, self.tr("as the images are")),
            (Colour.GREY, self.tr("grey")),
            (Colour.COLOUR, self.tr("colour")),
        ]

    def _lay_out(self) -> None:
        self._size.setObjectName("imagesSize")
        self._size.setToolTip(self.tr("Height × width in pixels, such as 64×64. Empty: the most common size of the images"))
        self._share.setSuffix(" %")
        self._share.setSpecialValueText(self.tr("usual"))
        self._share.setToolTip(self.tr("Share of the test images. Usual: as the source says, else a fifth"))
        self._invert.setObjectName("imagesInvert")
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Size"), self._size),
            (self.tr("Proportions"), self._fit),
            (self.tr("Colour"), self._colour),
            ("", self._invert),
            (self.tr("Class"), self._class),
            (self.tr("Test images"), self._share),
        )
        for title, field in rows:
            form.addRow(title, field)
            field.setAccessibleName(title or self._invert.text())

    def _on_edited(self) -> None:
        """A field tells that its editing is finished also if nothing has changed."""
        now = (self._size.text().strip(), self._share.value())
        if now != self._told:
            self._told = now
            self.changed.emit()
