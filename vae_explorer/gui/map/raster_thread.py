"""Sorts codes by tile and draws the newest frame, on its own thread."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QObject, QThread, Signal

from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.inference.mailbox import Mailbox
from vae_explorer.latent.raster import RasterRequest, picture
from vae_explorer.latent.tiles import Cloud

_CODES, _PICTURE = "codes", "picture"


class RasterThread(Guarded, QThread):
    sorted = Signal(object, object)  # Cloud, TiledPoints
    drawn = Signal(object, object)  # RasterRequest, pixels (H, W) uint32
    failed = Signal(str, str)  # message, details

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rasterThread")
        self._mailbox: Mailbox[Cloud | RasterRequest] = Mailbox((_CODES, _PICTURE))

    def post(self, request: Cloud | RasterRequest) -> None:
        """Replace an unread request of this kind, and end an older picture. On any thread."""
        self._mailbox.post(_CODES if isinstance(request, Cloud) else _PICTURE, request)

    def shut_down(self) -> None:
        self._mailbox.close()
        self.wait()

    def run(self) -> None:
        while (request := self._mailbox.take()) is not None:
            try:
                self._serve(request)
            except Exception as error:  # noqa: BLE001 (the thread's edge)
                self.failed.emit(f"drawing the map failed: {error}", traceback.format_exc())

    def _serve(self, request: Cloud | RasterRequest) -> None:
        if isinstance(request, Cloud):
            self.sorted.emit(request, request.tiled())
            return
        pixels = picture(request, lambda: self._mailbox.is_stale(_PICTURE))
        if pixels is not None:
            self.drawn.emit(request, pixels)
