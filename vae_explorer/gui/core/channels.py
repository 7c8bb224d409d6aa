"""How the channels of a model's images are shown. GUI thread only."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.channels import Channel, Channels, usual_channels
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.kept import Kept


@dataclass(frozen=True)
class KeptChannels(Kept):
    rows: tuple[tuple[str, str, int, int, bool], ...]  # the fields of each `Channel`


class ChannelTable(SessionPart):
    """Remembers one table for each number of channels. Grey and RGB images have an empty table."""

    kept_as = "channels"
    changed = Signal(object)  # Channels

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tables: dict[int, Channels] = {}
        self._count = 1

    @property
    def channels(self) -> Channels:
        return self._tables.get(self._count, usual_channels(self._count))

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        count = model.card.spec.image_shape[2]
        if count != self._count:
            self._count = count
            self.changed.emit(self.channels)

    @Slot(object)
    def set_channels(self, channels: Channels) -> None:
        """Show the images by `channels`, one for each channel of the model."""
        before, self._tables[len(channels)] = self.channels, channels
        if self.channels != before:
            self.changed.emit(self.channels)

    @Slot()
    def reset(self) -> None:
        self.set_channels(usual_channels(self._count))

    def kept(self) -> KeptChannels:
        return KeptChannels(tuple(astuple(channel) for channel in self.channels))

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptChannels)
        if kept.rows:
            self.set_channels(tuple(Channel(*row) for row in kept.rows))
