"""What an own model takes and gives, in plain values. Knows no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from vae_explorer.errors import UserError
from vae_explorer.kinds import Word
from vae_explorer.models.card import ModelCard
from vae_explorer.models.card_text import list_of, text_of, whole_of
from vae_explorer.shapes import ImageShape, written

CONTRACT = "contract"  # key of the card's `extra`
_MOST_ARRAYS = 16  # that an encoder gives


class Pixels(Word):
    """What numbers stand for the pixels of an image."""

    UNIT = "unit"  # [0, 1]
    SIGNED = "signed"  # [−1, 1]
    BYTES = "bytes"  # [0, 255]
    LOGITS = "logits"  # sigmoid gives [0, 1]


class Layout(Word):
    """The axes of an array of images."""

    CHANNELS_FIRST = "nchw"
    CHANNELS_LAST = "nhwc"
    GREY = "nhw"
    FLAT = "flat"  # (n, C · H · W)
    FLAT_CHANNELS_LAST = "flat-nhwc"  # (n, H · W · C)


class Spread(Word):
    """What an encoder gives beside the mean."""

    NONE = "mean"  # the mean alone
    LOG_VARIANCE = "log-variance"
    STD = "std"
    JOINED = "joined"  # one array (n, 2 d): mean, then log-variance
    DISTRIBUTION = "distribution"  # an object with .mean and .stddev


PIXELS_IN_WORDS = {Pixels.UNIT: "[0, 1]", Pixels.SIGNED: "[−1, 1]", Pixels.BYTES: "[0, 255]", Pixels.LOGITS: "logits"}
_SPREAD_IN_WORDS = {
    Spread.NONE: "the mean",
    Spread.LOG_VARIANCE: "mean and log-variance",
    Spread.STD: "mean and std",
    Spread.JOINED: "mean and log-variance in one array",
    Spread.DISTRIBUTION: "a distribution",
}


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a decoder takes and gives."""

    latents: int
    image_shape: ImageShape  # (H, W, C)
    pixels: Pixels
    layout: Layout
    ones: int = 0  # axes of length 1 behind the latents, as in (n, d, 1, 1)

    @property
    def takes(self) -> str:
        return f"(n, {self.latents}{', 1' * self.ones})"

    @property
    def gives(self) -> str:
        return written_layout(self.layout, self.image_shape)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What an encoder takes and gives."""

    pixels: Pixels
    layout: Layout
    spread: Spread
    places: tuple[int, ...] = (0, 1)  # of mean and spread among the encoder's arrays
    ones: int = 0  # axes of length 1 behind the latents


@dataclass(frozen=True, slots=True)
class Contract:
    """What an own model takes and gives, and what was not plain about it."""

    decoding: Decoding
    encoding: Encoding | None = None
    notes: tuple[str, ...] = ()  # choices that a person may want to overrule

    @property
    def said(self) -> str:
        """One line about what was found out."""
        made, read = self.decoding, self.encoding
        words = f"decode takes {made.takes} and gives {made.gives}, pixels in {PIXELS_IN_WORDS[made.pixels]}"
        words = words.replace("pixels in logits", "logits of pixels")
        if made.layout in (Layout.FLAT, Layout.FLAT_CHANNELS_LAST):
            words += f", read as {written(made.image_shape)}"
        if read is None:
            words += "; there is no encoder"
        else:
            takes = written_layout(read.layout, made.image_shape)
            words += f"; encode takes {takes} in {PIXELS_IN_WORDS[read.pixels]} and gives {_SPREAD_IN_WORDS[read.spread]}"
        return "; ".join((words, *self.notes))

    def noting(self, *notes: str) -> Contract:
        return replace(self, notes=(*self.notes, *notes))

    def to_json(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return made

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Contract:
        """Read a contract. Raises `KeyError`, `TypeError` or `ValueError` on anything else."""
        made, read = value["decoding"], value["encoding"]
        height, width, channels = (whole_of(side) for side in list_of(made["image_shape"]))
        decoding = Decoding(
            whole_of(made["latents"]),
            (height, width, channels),
            Pixels(text_of(made["pixels"])),
            Layout(text_of(made["layout"])),
            _ones(made),
        )
        notes = tuple(text_of(note) for note in list_of(value["notes"]))
        if read is None:
            return Contract(decoding, None, notes)
        places = tuple(whole_of(place) for place in list_of(read["places"]))
        if len(places) != 2 or not 0 <= min(places) <= max(places) < _MOST_ARRAYS:
            raise ValueError("the places of mean and spread")
        encoding = Encoding(
            Pixels(text_of(read["pixels"])),
            Layout(text_of(read["layout"])),
            Spread(text_of(read["spread"])),
            places,
            _ones(read),
        )
        return Contract(decoding, encoding, notes)


def contract_of(card: ModelCard) -> Contract:
    """Return what an own model takes and gives. Raises `UserError` if its card does not say so."""
    try:
        return Contract.from_json(card.extra[CONTRACT])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError("its card does not say what the model takes and gives; save the model again") from error


def _ones(value: Mapping[str, Any]) -> int:
    ones = whole_of(value["ones"])
    if not 0 <= ones <= 3:
        raise ValueError(f"{ones} axes of length 1")
    return ones


def written_layout(layout: Layout, shape: ImageShape) -> str:
    """Write the shape of images, such as '(n, 1, 28, 28)'."""
    return f"(n, {', '.join(str(side) for side in axes(layout, shape))})"


def axes(layout: Layout, shape: ImageShape) -> tuple[int, ...]:
    """Return the sides of one image of `shape` (H, W, C) in a layout."""
    height, width, channels = shape
    return {
        Layout.CHANNELS_FIRST: (channels, height, width),
        Layout.CHANNELS_LAST: (height, width, channels),
        Layout.GREY: (height, width),
    }.get(layout, (height * width * channels,))
