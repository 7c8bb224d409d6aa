"""Shows images of 2 or of 4 to 16 channels in colours: a table of channels, and their additive blend."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHOWN_AS_THEY_ARE = (1, 3)  # channels of grey and of RGB images
_AT_ONCE = 1 << 12  # pixels; the threads of BLAS would share larger products, which takes ten times as long on a busy machine
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


def usual_channels(count: int, names: Sequence[str] = ()) -> Channels:
    """Return the table that a person begins with; empty for grey and RGB images. The hues are evenly apart.

    Names of another number than `count` stand for no names. A name of digits alone, or no name, is written "channel 1".
    """
    if count in _SHOWN_AS_THEY_ARE:
        return ()
    colours = _PAIR if count == len(_PAIR) else tuple(_hue(place / count) for place in range(count))
    names = names if len(names) == count else [str(place) for place in range(1, count + 1)]
    return tuple(
        Channel(f"channel {name}" if name.isdecimal() else name, colour) for name, colour in zip(names, colours, strict=True)
    )


def blended(images: NDArray[np.uint8], channels: Channels = ()) -> NDArray[np.uint8]:
    """Return images (..., C) as they are shown: grey and RGB unchanged, others as RGB (..., 3).

    A table of another length than C stands for the usual table. The colours of the channels add up.
    """
    count = images.shape[-1]
    if count in _SHOWN_AS_THEY_ARE:
        return images
    table = channels if len(channels) == count else usual_channels(count)
    low, high = (np.array([getattr(channel, end) for channel in table], np.float32) for end in ("low", "high"))
    colours = np.array([_levels(channel) for channel in table], np.float32)  # (C, 3)
    pixels = images.reshape(-1, count)
    shown = np.empty((len(pixels), 3), np.uint8)
    for start in range(0, len(pixels), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        shares = np.clip((pixels[rows] - low) / (high - low), 0, 1)
        shown[rows] = np.rint(np.minimum(shares @ colours, 255))
    return shown.reshape(*images.shape[:-1], 3)


def _levels(channel: Channel) -> tuple[int, ...]:
    """Return red, green and blue of the channel, 0 to 255; black for a channel that is off."""
    return tuple(int(channel.colour[place : place + 2], 16) if channel.on else 0 for place in (1, 3, 5))


def _hue(turn: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hsv_to_rgb(turn, 1, 1))
