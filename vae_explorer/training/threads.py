"""Chooses the threads of a run if the person names no number. Knows no torch."""

from __future__ import annotations

import math
from itertools import pairwise

from vae_explorer.training.config import TrainConfig

_MLP = "mlp"
_FEW_PRODUCTS = 10_000_000  # of a step; two threads gain nothing at 6 million (digits), a seventh at 25 million


def threads_for(config: TrainConfig, offered: int) -> int:
    """Return the threads of a run, at most `offered`; one if its steps are small.

    A number in the configuration holds.
    """
    if config.threads:
        return config.threads
    return 1 if _is_small(config) else offered


def _is_small(config: TrainConfig) -> bool:
    """Whether a step has few products. Bodies other than the MLP use a weight many times."""
    if config.body != _MLP:
        return False
    numbers = math.prod(config.data.image_shape)
    weights = 2 * sum(before * after for before, after in pairwise((numbers, *config.hidden)))
    return config.batch_size * weights < _FEW_PRODUCTS
