"""Estimates of the aggregate posterior q(z) of codes in any number of dimensions, by draws from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DRAWS, _LEAST_DRAWS = 4000, 500  # most and least draws of z
_PAIRS = 200_000_000  # densities of a draw under a code, of all draws together, about
_AT_ONCE = 4_000_000  # such densities in memory
_SEED = 0
_LOG_TWO_PI = math.log(2 * math.pi)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The parts of the KL term at draws z ~ q(z|x) of k codes, (k,) nats each."""

    information: Floats  # log q(z|x) − log q(z)
    marginal: Floats  # log q(z) − log p(z)


def draw_parts(mean: Floats, std: Floats, check: Callable[[], None]) -> Drawn:
    """Draw z from diagonal Gaussian codes (n, d), evenly spaced in the data set, and weigh each z by all n codes.

    Raises what `check`, called between blocks of draws, raises.
    """
    n, d = mean.shape
    random = np.random.default_rng(_SEED)
    draws = min(_DRAWS, max(_LEAST_DRAWS, _PAIRS // n))
    chosen = np.linspace(0, n - 1, draws).round().astype(int)
    noise = random.standard_normal((draws, d))
    z = mean[chosen] + std[chosen] * noise
    own = -0.5 * (np.square(noise) + _LOG_TWO_PI).sum(axis=1) - np.log(std[chosen]).sum(axis=1)
    prior = -0.5 * (np.square(z) + _LOG_TWO_PI).sum(axis=1)
    mixed = np.concatenate(_log_mixture(z, mean, std, check))
    return Drawn(own - mixed, mixed - prior)


def _log_mixture(z: Floats, mean: Floats, std: Floats, check: Callable[[], None]) -> list[Floats]:
    """Return log 1/n Σ_i N(z; mean_i, std_i²) at points (k, d), in blocks; each block is one matrix product."""
    precision = 1 / np.square(std)
    centre = mean.mean(axis=0)  # about which squares stay small
    beside = mean - centre
    factors = np.concatenate([-0.5 * precision, beside * precision], axis=1).T
    constant = -0.5 * (np.square(beside) * precision + _LOG_TWO_PI).sum(axis=1) - np.log(std).sum(axis=1) - math.log(len(mean))
    blocks, rows = [], max(1, _AT_ONCE // len(mean))
    for start in range(0, len(z), rows):
        check()
        there = z[start : start + rows] - centre
        each = np.concatenate([np.square(there), there], axis=1) @ factors + constant
        top = each.max(axis=1)
        blocks.append(np.log(np.exp(each - top[:, None]).sum(axis=1)) + top)
    return blocks
