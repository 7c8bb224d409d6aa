"""Lists the files that give no image, with their reasons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from vae_explorer.data.own.found import Skipped
from vae_explorer.foreign import short
from vae_explorer.gui.kit.widgets import label

_MOST_LINES = 1_000  # of a list; the table that is saved has all
_LINE, _HEIGHT = 300, 110  # characters, pixels


class SkippedList(QWidget):
    """Hides while nothing is skipped."""

    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._list = label("muted", name="imagesSkippedTitle"), QListWidget()
        self._list.setObjectName("imagesSkipped")
        self._list.setAccessibleName(self.tr("Skipped files and their reasons"))
        self._list.setFixedHeight(_HEIGHT)
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        save = QPushButton(self.tr("Save list…"))
        save.setObjectName("imagesSaveSkipped")
        save.setProperty("role", "small")
        save.clicked.connect(self.save_wanted)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self._list)
        self._skipped: Sequence[Skipped] = ()
        self.hide()

    @property
    def skipped(self) -> Sequence[Skipped]:
        return self._skipped

    def set_skipped(self, skipped: Sequence[Skipped], title: str) -> None:
        self._skipped = skipped
        self._title.setText(title)
        self._list.clear()
        self._list.addItems([short(f"{each.name}: {each.reason}", _LINE) for each in skipped[:_MOST_LINES]])
        self.setVisible(bool(skipped))
