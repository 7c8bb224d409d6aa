"""The status bar: model, data, device, and the time of the last decoding."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QStatusBar, QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.widgets import ElidedLabel

_NOTICE = 8000  # milliseconds
_ROOM = 260  # pixels of each part
_MOST = 300  # characters of a notice
_PARTS = ("statusModel", "statusData", "statusDevice")


class StatusBar(QStatusBar):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self._parts = {name: ElidedLabel("status", name, room=_ROOM) for name in _PARTS}
        for part in self._parts.values():
            self.addPermanentWidget(part)
        self._decode = ElidedLabel("status", "statusDecode")
        self._decode.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._decode.setFixedWidth(140)
        self._decode.set_text(self.tr("decoder is starting…"))
        self.addPermanentWidget(self._decode)

    def set_model(self, name: str, data: str) -> None:
        self._parts["statusModel"].set_text(name)
        self._parts["statusData"].set_text(data)

    def set_device(self, text: str) -> None:
        self._parts["statusDevice"].set_text(text)

    def set_decode_time(self, milliseconds: float) -> None:
        self._decode.set_text(self.tr("decoded in {:.1f} ms").format(milliseconds))

    @Slot()
    def set_decoder_failed(self, *_: object) -> None:
        self._decode.set_text(self.tr("decoder failed"))

    def show_notice(self, text: str) -> None:
        self.showMessage(short(text, _MOST), _NOTICE)
