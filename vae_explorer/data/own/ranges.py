"""Chooses which numbers are shown black and white: one range a channel for the whole set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.own.facts import Facts
from vae_explorer.data.own.reading import Reading
from vae_explorer.errors import UserError

_HALF_OF_BYTES = 128  # a set of numbers up to 255 reaches at least so far

Span = tuple[float, float]  # black, white
_CHANGE = "Change this with --range LOW HIGH."


@dataclass(frozen=True, slots=True)
class Ranges:
    """Black and white of each channel."""

    of_bytes: tuple[Span, ...] = ()  # of 8-bit images; (): their full range
    of_deep: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)  # number of channels of a deep image -> spans


def ranges_of(facts: Facts, reading: Reading, arrays: bool) -> tuple[Ranges, list[str]]:
    """Return the ranges of a set, and sentences about them.

    8-bit images keep their full range. Arrays of floats in [0, 1] or [−1, 1] and of numbers up to 255 keep theirs. Other deep
    images take percentiles 0.1 and 99.9 of the set.
    """
    if reading.ranges:
        return _given(facts, reading.ranges), []
    of_bytes, notes = (((0.0, 1.0),), [_mask_note()]) if facts.brightest == 1 else ((), [])
    if arrays and facts.brightest > 1:
        notes.append(f"Of the 8-bit numbers, 0 is shown black and 255 white. {_CHANGE}")
    usual = _usual_span(facts) if arrays and facts.deep else None
    of_deep = {
        channels: (usual,) * channels if usual else _percentiles(np.concatenate(samples), reading.percentiles)
        for channels, samples in facts.samples.items()
    }
    for spans in of_deep.values():
        notes.append(
            _deep_note(spans, facts, "" if usual else ", percentiles {:g} and {:g} of the set".format(*reading.percentiles))
        )
    return Ranges(of_bytes, of_deep), notes


def _given(facts: Facts, spans: tuple[Span, ...]) -> Ranges:
    """Return the ranges that a person gave: one of all channels, or one of each."""
    channels = max(facts.channels)
    if len(spans) not in (1, channels):
        raise UserError(f"{len(spans)} ranges are given for {channels} channels; give one range, or one for each channel")
    return Ranges(spans, dict.fromkeys(facts.samples, spans))


def _usual_span(facts: Facts) -> Span | None:
    """Return the range that numbers of an array are meant in, None where that is unclear."""
    low, high = facts.lowest, facts.highest
    if low >= 0:
        if high <= 1:
            return 0.0, 1.0
        is_wide = any(depth.endswith("int16") for depth in facts.depths)  # a camera's numbers
        return (0.0, 255.0) if _HALF_OF_BYTES <= high <= 255 and not is_wide else None
    return (-1.0, 1.0) if low >= -1 and high <= 1 else None


def _percentiles(sample: NDArray[np.float64], percentiles: tuple[float, float]) -> tuple[Span, ...]:
    """Return percentiles of each column of `sample` (m, c); its whole range where they coincide."""
    low, high = np.percentile(sample, percentiles, axis=0)
    flat = low >= high
    low, high = np.where(flat, sample.min(axis=0), low), np.where(flat, sample.max(axis=0), high)
    return tuple(zip(low.tolist(), high.tolist(), strict=True))


def _mask_note() -> str:
    return f"All pixels are 0 or 1: 0 is shown black and 1 white. {_CHANGE}"


def _deep_note(spans: tuple[Span, ...], facts: Facts, how: str) -> str:
    kinds = ", ".join(sorted(depth for depth in facts.depths if depth not in ("uint8", "bool")))
    said = "; ".join(f"{_said(low)} is shown black and {_said(high)} white" for low, high in dict.fromkeys(spans))
    return f"Of the numbers ({kinds}), {said}{how}. {_CHANGE}"


def _said(number: float) -> str:
    return f"{number:,.6g}".replace("-", "−")
