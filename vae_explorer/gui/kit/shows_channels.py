"""The contract of a view that shows images of several channels."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from vae_explorer.channels import Channels


@runtime_checkable
class ShowsChannels(Protocol):
    def set_channels(self, channels: Channels) -> None:
        """Show the images, and later images, by the table `channels`; empty for grey and RGB images."""
