"""How the channels of a model's images are shown. GUI thread only."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.channels import Channel, Channels, usual_channels
from vae_explorer.data.base import Dataset
from vae_explorer.foreign import short
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
        self._names: tuple[str, ...] = ()  # of the channels, by the data set

    @property
    def channels(self) -> Channels:
        return self._tables.get(self._count, self._usual)

    @property
    def _usual(self) -> Channels:
        return usual_channels(self._count, self._names)

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        before = self.channels
        if not same_data:
            self._rename(())
        self._count = model.card.spec.image_shape[2]
        if self.channels != before:
            self.changed.emit(self.channels)

    @Slot(object)
    def set_data(self, data: Dataset) -> None:
        """Take the names of the channels from the data set of the model. Names that a person has given stay."""
        before = self.channels
        self._rename(tuple(map(short, data.channels)))
        if self.channels != before:
            self.changed.emit(self.channels)

    def _rename(self, names: tuple[str, ...]) -> None:
        usual, self._names = self._usual, names
        if self._count in self._tables:
            rows = zip(self._tables[self._count], usual, self._usual, strict=True)
            self._tables[self._count] = tuple(
                replace(row, name=new.name) if row.name == old.name else row for row, old, new in rows
            )

    @Slot(object)
    def set_channels(self, channels: Channels) -> None:
        """Show the images by `channels`, one for each channel of the model."""
        before, self._tables[len(channels)] = self.channels, channels
        if self.channels != before:
            self.changed.emit(self.channels)

    @Slot()
    def reset(self) -> None:
        self.set_channels(self._usual)

    def kept(self) -> KeptChannels:
        return KeptChannels(tuple(astuple(channel) for channel in self.channels))

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptChannels)
        if kept.rows:
            self.set_channels(tuple(Channel(*row) for row in kept.rows))
