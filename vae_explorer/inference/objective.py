"""A model's own objective at one image: each term's value and the weight with which it enters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.inference.evidence.bound import Bound
from vae_explorer.inference.evidence.engine import ACCURATE
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.base import Batch
from vae_explorer.models.terms import term

DRAWS = 256
_SEED = 0
_ROUNDING = 1e-6  # relative, between draws of what does not depend on them


@dataclass(frozen=True, slots=True)
class ObjectiveTerm:
    """One term of what training minimises."""

    name: str  # in `models.terms.TERMS`
    weight: float | None  # None where training is a game, whose terms do not add up
    value: float  # at this image; where `of_all` that of the model card, NaN if it has none
    of_all: bool
    exact: bool = False  # by a quadrature that converged, or in closed form
    sampled: bool = False  # the mean over draws


@torch.inference_mode()
def objective_terms(
    model: TrainedModel,
    image: ArrayLike,
    label: int = 0,
    draws: int = DRAWS,
    exact: Bound | None = None,
    partial: bool = False,
) -> tuple[ObjectiveTerm, ...]:
    """The terms of the model's objective at image (H, W) in [0, 1], of the class that a conditional model is told.

    Those that `exact` has are taken from it, and are exact where its quadrature has converged; others are means over `draws` draws of
    z, the same every time, and exact where all draws agree. With `partial`, what `exact` is of is a part of the image, and other
    terms are NaN. Terms of a sum come with their weights, in the order of the family's terms; of a game those that are in a loss,
    without weights. Raises `UserError` on another shape or range.
    """
    flat = torch.from_numpy(model.flat(image))
    batch = Batch(flat.expand(draws, -1), torch.full((draws,), label, dtype=torch.int64))
    figures = model.network.image_terms(batch, torch.Generator().manual_seed(_SEED))
    weights = _in_force(model)
    family = model.card.family
    names = [name for name in family.terms if (name in weights if weights else name not in family.beside)]
    known, converged = _known(exact), exact is not None and bool(exact.difference[0] <= ACCURATE)
    return tuple(
        ObjectiveTerm(name, weights.get(name), known[name], of_all=False, exact=converged)
        if name in known
        else _term(name, weights.get(name), figures[name].double().numpy(), model, partial)
        for name in names
    )


def _in_force(model: TrainedModel) -> dict[str, float]:
    """The weights of the objective's terms at the end of training: 0 for a KL term that free bits have switched off.

    They do so where the mean over images, which is on the model card, is below them.
    """
    weights, card = model.network.weights(), model.card
    if card.metrics.get("kl", math.inf) < card.spec.parameters.get("free_bits", 0.0):
        weights["kl"] = 0.0
    return weights


def _known(exact: Bound | None) -> dict[str, float]:
    if exact is None:
        return {}
    elbo = float(exact.elbo[0])
    terms = {"reconstruction": float(exact.reconstruction[0]), "kl": float(exact.kl[0])}
    return terms | {"elbo": elbo, "conditional_elbo": elbo}


def _term(name: str, weight: float | None, values: NDArray[np.float64], model: TrainedModel, partial: bool) -> ObjectiveTerm:
    if term(name).of_all:
        return ObjectiveTerm(name, weight, model.card.metrics.get(name, math.nan), of_all=True)
    if partial:
        return ObjectiveTerm(name, weight, math.nan, of_all=False)
    mean = float(values.mean())
    agree = bool(np.ptp(values) <= _ROUNDING * max(abs(mean), 1.0))
    return ObjectiveTerm(name, weight, mean, of_all=False, exact=agree, sampled=not agree)
