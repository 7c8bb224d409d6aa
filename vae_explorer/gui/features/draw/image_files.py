"""Brings image files to the pad. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.features.draw.picture import PictureReader
from vae_explorer.gui.features.feature import Context


class ImageFiles(QObject):
    """Reads the file that a person chooses or drops on the map, with the drawing panel in front."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._session, self._docks, self._shell = context.session, context.docks, context.shell
        context.shell.image_dropped.connect(self.open)
        self._session.part(PictureReader).was_read.connect(context.map_area.banner.dismiss_if_shown)  # an older problem

    @Slot()
    def ask(self) -> None:
        """Ask the person for a file."""
        self._shell.ask_for_image(self.open)

    @Slot(object)
    def open(self, path: Path) -> None:
        """Read the file at `path`. The banner says why a file cannot be read."""
        model = self._session.model
        if model is not None:
            self._docks.show("drawDock", True)
            self._session.part(PictureReader).read(path, model.card.spec.image_shape)
