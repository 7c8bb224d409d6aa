"""Round numbers along a map axis, spaced evenly or by the normal CDF."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

_ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
_FARTHEST = 8  # latent units: the end of an axis through the normal CDF
_LONGEST = 8  # characters of a number beside an axis
_PARTS = (2, 5)  # divisors of a step, in turn: 1, 0.5, 0.1, 0.05 …


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # map coordinate
    text: str  # "" without room for text


def tick_step(least: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _ROUND_STEPS if power * step >= least * (1 - 1e-9))


def even_ticks(low: float, high: float, gap: float) -> list[Tick]:
    """Return the multiples of a round step of at least `gap` in [low, high]."""
    step = tick_step(min(gap, high - low))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [Tick(number * step, _text(number * step, decimals)) for number in numbers]


def _text(value: float, decimals: int) -> str:
    """Write `value` with `decimals`, or as a power of ten if the text would be too long."""
    plain = f"{value:.{decimals}f}"
    return (plain if len(plain) <= _LONGEST else f"{value:.2g}").replace("-", "−")


def ticks_at_probabilities(low: float, high: float, gap: float, least_gap: float) -> list[Tick]:
    """Return ticks at Φ(z) from `low` to `high`, for whole numbers z and parts of a step.

    Whole numbers have text if `least_gap` is free. A step is divided only if all its parts are at least `gap` apart.
    """
    ticks = []
    for number in range(-_FARTHEST, _FARTHEST + 1):
        at, inner = _cdf(number), _cdf(number - math.copysign(1, number))  # and the neighbour towards 0
        free = number == 0 or abs(at - inner) >= least_gap or not low <= inner <= high
        if low <= at <= high:
            ticks.append(Tick(at, _text(number, 0) if free else ""))
    for number in range(-_FARTHEST, _FARTHEST):
        ticks += _between(number, number + 1, 0, (low, high), gap)
    return sorted(ticks, key=lambda tick: tick.at)


def _between(start: float, end: float, level: int, view: tuple[float, float], gap: float) -> Iterator[Tick]:
    if _cdf(end) < view[0] or _cdf(start) > view[1]:
        return
    parts = _PARTS[level % 2]
    values = [start + (end - start) * part / parts for part in range(parts + 1)]
    places = [_cdf(value) for value in values]
    if min(after - before for before, after in itertools.pairwise(places)) < gap:
        return
    for value, at in zip(values[1:-1], places[1:-1], strict=True):
        if view[0] <= at <= view[1]:
            yield Tick(at, _text(value, level // 2 + 1))
    for before, after in itertools.pairwise(values):
        yield from _between(before, after, level + 1, view, gap)


def _cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
