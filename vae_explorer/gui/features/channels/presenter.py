"""Shows the table of channels in the panel, and gives it to every view of images on the map."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.features.channels.panel import ChannelsPanel
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.kit.shows_channels import ShowsChannels


class ChannelsPresenter(QObject):
    """Offers the panel for models that are neither grey nor RGB."""

    def __init__(self, panel: ChannelsPanel, context: Context) -> None:
        super().__init__(context.session)
        self._panel, self._context = panel, context
        table = context.session.channels
        panel.edited.connect(table.set_channels)
        panel.reset_requested.connect(table.reset)
        table.changed.connect(self._on_changed)
        if table.channels:  # panels and views begin without a table
            self._on_changed(table.channels)

    @Slot(object)
    def _on_changed(self, channels: Channels) -> None:
        self._panel.show_table(channels)
        for panel in self._context.panels.values():
            for view in (panel, *panel.findChildren(QWidget)):
                if isinstance(view, ShowsChannels):
                    view.set_channels(channels)
        self._context.docks.offer("channelsDock", bool(channels))


def present(context: Context) -> None:
    ChannelsPresenter(context.panel(ChannelsPanel), context)
