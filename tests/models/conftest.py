from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vae_explorer.codes import Codes
from vae_explorer.kinds import Binarised
from vae_explorer.models.base import build_model
from vae_explorer.models.card import ModelCard
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.models.spec import ModelSpec


def a_card(spec: ModelSpec, **changes: Any) -> ModelCard:
    values: dict[str, Any] = {
        "name": "small",
        "spec": spec,
        "dataset": "digits",
        "classes": tuple("0123456789"),
        "binarised": Binarised.DYNAMIC,
        "training": {"epochs": 3, "hidden": [4], "parameters": {"beta": 2.0}},
        "seed": 7,
        "command": "vae-explorer train --seed 7",
        "metrics": {"elbo": -1 / 3, "kl": 0.1},
        "versions": {"torch": "2"},
        "created": "2026-11-21T00:00:00+00:00",
        "extra": {"β": "ß"},
    }
    return ModelCard(**(values | changes))


@pytest.fixture
def make_model_file() -> Callable[..., ModelFile]:
    """A model at rest with weights and codes from a fixed seed."""

    def make(spec: ModelSpec | None = None, n: int = 6, **changes: Any) -> ModelFile:
        spec = spec or ModelSpec("vae", "mlp", (8, 8, 1), (4,), parameters={"beta": 2.0})
        torch.manual_seed(1)
        weights = {name: tensor.numpy() for name, tensor in build_model(spec).state_dict().items()}
        random = np.random.default_rng(0)
        mean, std = random.normal(size=(n, 2)).astype(np.float32), random.uniform(0.1, 1, (n, 2)).astype(np.float32)
        std *= not FAMILIES[spec.family].has_points
        split = np.sort(random.integers(0, 2, n, dtype=np.uint8))
        codes = Codes(mean, std, random.integers(0, 10, n, dtype=np.uint8), split)
        return ModelFile(a_card(spec, **changes), weights, codes)

    return make


@pytest.fixture
def good(make_model_file: Callable[..., ModelFile], tmp_path: Path) -> Path:
    """A good model file, to be made bad."""
    path = tmp_path / "good.safetensors"
    write_model_file(path, make_model_file())
    return path
