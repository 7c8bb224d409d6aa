from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished, TrainEvent
from vae_explorer.training.loop import train


@pytest.fixture
def short() -> Callable[..., TrainConfig]:
    """A config that trains in a moment: 1,437 digits are 5 batches, grey ones."""

    def make(**changes: Any) -> TrainConfig:
        return TrainConfig(
            **({"dataset": "digits", "hidden": (16,), "epochs": 2, "batch_size": 300, "binarised": "none"} | changes)
        )

    return make


@pytest.fixture
def run() -> Callable[..., tuple[list[TrainEvent], Finished]]:
    """All events of a training, and the last one again."""

    def run(config: TrainConfig, **options: Any) -> tuple[list[TrainEvent], Finished]:
        events = list(train(config, **options))
        assert isinstance(events[-1], Finished)
        return events, events[-1]

    return run
