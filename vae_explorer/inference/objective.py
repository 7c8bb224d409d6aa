"""A model's training objective at one image: the value and the weight of each term."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.inference.evidence.bound import Bound
from vae_explorer.inference.evidence.results import ACCURATE
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.base import Batch
from vae_explorer.models.terms import term

DRAWS = 256
_SEED = 0
_ROUNDING = 1e-6  # relative; draws that differ less are equal


@dataclass(frozen=True, slots=True)
class ObjectiveTerm:
    """One term of the training objective at an image."""

    name: str  # in `models.terms.TERMS`
    weight: float | None  # None in a game, whose terms do not add up
    value: float  # at this image; for a term `of_all`, the model card's value or NaN
    of_all: bool
    exact: bool = False  # by a converged quadrature, or in closed form
    sampled: bool = False  # a mean over draws


@torch.inference_mode()
def objective_terms(
    model: TrainedModel,
    image: ArrayLike,
    label: int = 0,
    draws: int = DRAWS,
    exact: Bound | None = None,
    partial: bool = False,
) -> tuple[ObjectiveTerm, ...]:
    """Return the objective's terms at image (H, W, C) in [0, 1], given class `label` if needed.

    Terms in `exact` come from the quadrature, and are exact if it converged. Other terms are means over `draws` reproducible
    draws of z, and exact if all draws agree. With `partial`, `exact` covers a part of the image, and other terms are NaN. A sum
    gives all its terms with weights, in the family's order. A game gives its losses' terms without weights. Raises `UserError`
    on a wrong shape or range.
    """
    flat = torch.from_numpy(model.flat(image))
    batch = Batch(flat.expand(draws, -1), torch.full((draws,), label, dtype=torch.int64))
    terms = model.network.image_terms(batch, torch.Generator().manual_seed(_SEED))
    weights = _in_force(model)
    family = model.card.family
    names = [name for name in family.terms if (name in weights if weights else name not in family.beside)]
    known, converged = _known(exact), exact is not None and bool(exact.difference[0] <= ACCURATE)
    return tuple(
        ObjectiveTerm(name, weights.get(name), known[name], of_all=False, exact=converged)
        if name in known
        else _term(name, weights.get(name), terms[name].double().numpy(), model, partial)
        for name in names
    )


def _in_force(model: TrainedModel) -> dict[str, float]:
    """Return the weights of the terms at the end of training.

    A KL term has weight 0 if its mean on the model card is below the free bits.
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
