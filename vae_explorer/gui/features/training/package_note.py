"""A note of the training dialog about a search in packages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from vae_explorer.gui.core.listings import Listing
from vae_explorer.gui.features.training.fields import set_wrapped_text, wrapped

_PATIENCE_MS = 500  # of a search before the dialog says so
_MOST_LINES = 3  # about packages that fail


class PackageNote(QObject):
    changed = Signal()

    def __init__(self, name: str, looking: str, parent: QObject) -> None:
        """`looking` is what the note says while a search takes long."""
        super().__init__(parent)
        self.label, self._looking = wrapped(name), looking
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_patience_ended)

    def follow(self, listing: Listing) -> None:
        """Say so if the search takes long, and show a line for each package that fails."""
        listing.ended.connect(self._on_ended)
        self._patience.start(_PATIENCE_MS)

    def _on_ended(self, problems: Sequence[str]) -> None:
        self._patience.stop()
        lines = list(problems[:_MOST_LINES])
        if len(problems) > _MOST_LINES:
            lines.append(self.tr("… and {} more; 'vae-explorer doctor' names all").format(len(problems) - _MOST_LINES))
        self._set_text("\n".join(lines))

    def _on_patience_ended(self) -> None:
        self._set_text(self._looking)

    def _set_text(self, text: str) -> None:
        if text:
            set_wrapped_text(self.label, text)
        else:
            self.label.setText("")
        self.changed.emit()
