"""Shows images of 2 or of 4 to 16 channels in colours: a table of channels, and their additive blend."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHOWN_AS_THEY_ARE = (1, 3)  # channels of grey and of RGB images
_PAIR = ("#00ff00", "#ff00ff")  # add up to white, and differ for people who do not tell red from green


@dataclass(frozen=True, slots=True)
class Channel:
    """How one channel is shown: from black at level `low` to its colour at level `high`."""

    name: str
    colour: str  # '#rrggbb'
    low: int = 0
    high: int = 255
    on: bool = True


Channels = tuple[Channel, ...]


def usual_channels(count: int) -> Channels:
    """Return the table that a person begins with; empty for grey and RGB images. The hues are evenly apart."""
    if count in _SHOWN_AS_THEY_ARE:
        return ()
    colours = _PAIR if count == len(_PAIR) else tuple(_hue(place / count) for place in range(count))
    return tuple(Channel(f"channel {place}", colour) for place, colour in enumerate(colours, 1))


def blended(images: NDArray[np.uint8], channels: Channels = ()) -> NDArray[np.uint8]:
    """Return images (..., C) as they are shown: grey and RGB unchanged, others as RGB (..., 3).

    A table of another length than C stands for the usual table. The colours of the channels add up.
    """
    count = images.shape[-1]
    if count in _SHOWN_AS_THEY_ARE:
        return images
    table = channels if len(channels) == count else usual_channels(count)
    total = np.zeros((*images.shape[:-1], 3), np.float32)
    for place, channel in enumerate(table):
        if channel.on:
            total += _colours(channel)[images[..., place]]
    return np.rint(np.minimum(total, 255)).astype(np.uint8)


def _colours(channel: Channel) -> NDArray[np.float32]:
    """Return the colour of each level, (256, 3)."""
    share = np.clip((np.arange(256, dtype=np.float32) - channel.low) / (channel.high - channel.low), 0, 1)
    red_green_blue = [int(channel.colour[place : place + 2], 16) for place in (1, 3, 5)]
    return np.outer(share, red_green_blue).astype(np.float32)


def _hue(turn: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hsv_to_rgb(turn, 1, 1))
