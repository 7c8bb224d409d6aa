"""How many threads a training run uses where the person names no number. Knows no torch."""

from __future__ import annotations

from itertools import pairwise

from vae_explorer.data.sources import DATASETS
from vae_explorer.training.config import TrainConfig

_MLP = "mlp"
_FEW_PRODUCTS = 10_000_000  # of a step; with 6 million two threads gain nothing (the digits), with 25 million a seventh


def threads_for(config: TrainConfig, offered: int) -> int:
    """Choose the threads of a run from those that are `offered`: one where steps are too small to share out.

    A number that the person names in the configuration holds.
    """
    if config.threads:
        return config.threads
    return 1 if _is_small(config) else offered


def _is_small(config: TrainConfig) -> bool:
    """Whether a step of encoder and decoder has few products. Other bodies than the MLP use a weight many times."""
    if config.body != _MLP:
        return False
    height, width = DATASETS[config.dataset].image_shape
    weights = 2 * sum(before * after for before, after in pairwise((height * width, *config.hidden)))
    return config.batch_size * weights < _FEW_PRODUCTS
