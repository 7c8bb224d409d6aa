"""Decides from the facts of a set how every image of it is prepared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from vae_explorer.data.own.facts import Facts
from vae_explorer.data.own.ranges import Ranges, ranges_of
from vae_explorer.data.own.reading import MOST_CHANNELS, SIDES, Colour, Reading
from vae_explorer.errors import UserError
from vae_explorer.kinds import Fit


@dataclass(frozen=True, slots=True)
class Plan:
    """How raw images become images (H, W, C) of bytes; equal for all images of a set."""

    size: tuple[int, int]
    channels: int
    ranges: Ranges = field(default_factory=Ranges)
    fit: Fit = Fit.PAD
    invert: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        return (*self.size, self.channels)


def settle(facts: Facts, reading: Reading, arrays: bool) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan, and a sentence for each choice that a person may want to change.

    `arrays`: the images come from arrays, whose channels and ranges are meant as they are. Raises `UserError` if there are more
    channels than a model takes.
    """
    size, size_note = _size(facts, reading)
    channels, channels_note = _channels(facts, reading, arrays)
    ranges, range_notes = ranges_of(facts, reading, arrays)
    notes = tuple(note for note in (size_note, channels_note, *range_notes) if note)
    return Plan(size, channels, ranges, reading.fit, reading.invert), notes


def _size(facts: Facts, reading: Reading) -> tuple[tuple[int, int], str]:
    if len(facts.sizes) == 1 and reading.size in (None, *facts.sizes):
        size = _within(*next(iter(facts.sizes)))
        if size in facts.sizes:
            return size, ""
    size = reading.size or _within(*_most_common(facts.sizes))
    other = facts.sizes.total() - facts.sizes[size]
    verb = {Fit.PAD: "scaled and padded", Fit.CROP: "scaled and cropped", Fit.STRETCH: "stretched"}[reading.fit]
    images = "1 image is" if other == 1 else f"{other:,} images are"
    why = "" if reading.size else " Give another size with --size HxW."
    return size, f"{images} {verb} to {size[0]}×{size[1]} (height × width).{why}"


def _most_common(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    """Return the most common size; of equally common sizes, the middle one by area."""
    most = max(sizes.values())
    candidates = sorted((size for size, count in sizes.items() if count == most), key=lambda size: (size[0] * size[1], size))
    return candidates[len(candidates) // 2]


def _within(height: int, width: int) -> tuple[int, int]:
    """Shrink a size until it is within the limits, keeping proportions; then enlarge short sides."""
    scale = min(1.0, SIDES[1] / max(height, width))
    return max(SIDES[0], round(height * scale)), max(SIDES[0], round(width * scale))


def _channels(facts: Facts, reading: Reading, arrays: bool) -> tuple[int, str]:
    count = max(facts.channels, key=lambda channels: (facts.channels[channels], channels))
    if max(facts.channels) > MOST_CHANNELS:
        raise UserError(f"the images have {max(facts.channels)} channels, and an image has at most {MOST_CHANNELS}; save fewer")
    if reading.colour is Colour.GREY:
        return 1, ""
    if set(facts.channels) - {1, 3}:
        return count, ""
    if reading.colour is Colour.COLOUR or facts.coloured or (arrays and 3 in facts.channels):
        grey = facts.channels[1]
        return 3, f"{grey:,} grey images stand among {facts.channels[3]:,} coloured images." if grey and facts.channels[
            3
        ] else ""
    return 1, "All images are grey, though their files have three channels." if 3 in facts.channels else ""
