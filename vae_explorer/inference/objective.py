"""A model's own objective at one image: each term's value and the weight with which it enters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.base import Batch
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.terms import term

DRAWS = 256
_SEED = 0


@dataclass(frozen=True, slots=True)
class ObjectiveTerm:
    """One term of what training minimises."""

    name: str  # in `models.terms.TERMS`
    weight: float | None  # None where training is a game, whose terms do not add up
    value: float  # at this image; where `of_all` that of the model card, NaN if it has none
    of_all: bool


@torch.inference_mode()
def objective_terms(model: TrainedModel, image: ArrayLike, label: int = 0, draws: int = DRAWS) -> tuple[ObjectiveTerm, ...]:
    """The terms of the model's objective at image (H, W) in [0, 1], of the class that a conditional model is told.

    Means over `draws` draws of z, the same every time. Those of a sum come with their weights, in the order of the family's terms; of a
    game all terms come, without weights. Raises `UserError` on another shape or range.
    """
    flat = torch.from_numpy(model.flat(image))
    batch = Batch(flat.expand(draws, -1), torch.full((draws,), label, dtype=torch.int64))
    figures = model.network.figures(batch, torch.Generator().manual_seed(_SEED))
    weights = model.network.weights()
    names = [name for name in FAMILIES[model.card.spec.family].terms if not weights or name in weights]
    return tuple(_term(name, weights.get(name), figures[name].double().numpy(), model) for name in names)


def _term(name: str, weight: float | None, values: NDArray[np.float64], model: TrainedModel) -> ObjectiveTerm:
    of_all = term(name).of_all
    value = model.card.metrics.get(name, float("nan")) if of_all else float(values.mean())
    return ObjectiveTerm(name, weight, value, of_all)
