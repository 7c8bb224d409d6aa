"""Round numbers along an axis of the map: evenly apart, or where the normal CDF puts them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)
_FARTHEST = 8  # latent units: as far as an axis through the normal CDF goes
_LONGEST = 8  # signs of a number beside an axis
_PARTS = (2, 5)  # into how many a step is cut, and each of its parts: 1, 0.5, 0.1, 0.05 …


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # coordinate of the map
    text: str  # "" where there is no room for one


def tick_step(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _STEPS if power * step >= least * (1 - 1e-9))


def even_ticks(low: float, high: float, gap: float) -> list[Tick]:
    """The multiples of a round step of `gap` or more from `low` to `high`."""
    step = tick_step(min(gap, high - low))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [Tick(number * step, _text(number * step, decimals)) for number in numbers]


def _text(value: float, decimals: int) -> str:
    """`value` with `decimals`, or by its power of ten where that is longer than an axis is wide."""
    plain = f"{value:.{decimals}f}"
    return plain if len(plain) <= _LONGEST else f"{value:.2g}"


def ticks_at_probabilities(low: float, high: float, gap: float, least_gap: float) -> list[Tick]:
    """Values of z at Φ(z) from `low` to `high`: whole numbers, with text where `least_gap` is free, and between two of them parts
    of a step wherever all of these are `gap` or more apart."""
    ticks = []
    for number in range(-_FARTHEST, _FARTHEST + 1):
        at, inner = _cdf(number), _cdf(number - math.copysign(1, number))  # its neighbour in the middle's direction
        free = number == 0 or abs(at - inner) >= least_gap or not low <= inner <= high
        if low <= at <= high:
            ticks.append(Tick(at, str(number) if free else ""))
    for number in range(-_FARTHEST, _FARTHEST):
        ticks += _between(number, number + 1, 0, (low, high), gap)
    return sorted(ticks, key=lambda tick: tick.at)


def _between(start: float, end: float, level: int, view: tuple[float, float], gap: float) -> Iterator[Tick]:
    """Ticks inside one step, and inside its parts."""
    if _cdf(end) < view[0] or _cdf(start) > view[1]:
        return
    parts = _PARTS[level % 2]
    values = [start + (end - start) * part / parts for part in range(parts + 1)]
    places = [_cdf(value) for value in values]
    if min(after - before for before, after in itertools.pairwise(places)) < gap:
        return
    for value, at in zip(values[1:-1], places[1:-1], strict=True):
        if view[0] <= at <= view[1]:
            yield Tick(at, f"{value:.{level // 2 + 1}f}")
    for before, after in itertools.pairwise(values):
        yield from _between(before, after, level + 1, view, gap)


def _cdf(z: float) -> float:
    """Φ(z)."""
    return 0.5 * math.erfc(-z / math.sqrt(2))
