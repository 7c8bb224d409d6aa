"""Connects the codes of a map to the raster thread. GUI thread only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.map.codes_item import CodesItem
from vae_explorer.gui.map.raster_thread import RasterThread


class MapDrawing(QObject):
    failed = Signal(str, str)  # message, details

    def __init__(self, item: CodesItem, parent: QObject) -> None:
        super().__init__(parent)
        self._thread, self._ended = RasterThread(self), False
        self._thread.setObjectName("rasterThread")
        self._thread.sorted.connect(item.set_sorted)
        self._thread.drawn.connect(item.set_picture)
        self._thread.failed.connect(self.failed)
        item.sorting_wanted.connect(self._post)
        item.picture_wanted.connect(self._post)

    def shut_down(self) -> None:
        """End the thread for good. A closing map still asks for a picture once."""
        self._ended = True
        self._thread.shut_down()

    @Slot(object)
    def _post(self, request: Any) -> None:
        if self._ended:
            return
        if not self._thread.isRunning():
            self._thread.start()
        self._thread.post(request)
