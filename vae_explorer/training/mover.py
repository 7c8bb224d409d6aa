"""Moves the weights of one phase: optimiser and schedule."""

from __future__ import annotations

import math

import torch
from torch.nn.utils import get_total_norm

from vae_explorer.kinds import Optimiser
from vae_explorer.models.adam import Adam
from vae_explorer.models.base import Batch, Phase
from vae_explorer.models.linear import short_products
from vae_explorer.models.muon import Muon

MAX_GRADIENT_NORM = 50.0
# With β₂ = 0.999 and a third of the run as warm-up, the same network is 1 to 2 nats worse after 4 and after 20 epochs.
SECOND_BETA = 0.95
WARM_UP = 0.15  # share of the run
_FIRST, _LAST = 1 / 25, 1 / 25e4  # times the peak, at the run's ends
_SLOW, _QUICK = 0.95, 0.85  # Adam's first β at the ends and at the peak
_OPTIMISERS: dict[Optimiser, type[Adam] | type[Muon]] = {Optimiser.ADAM: Adam, Optimiser.MUON: Muon}


class Mover:
    """Moves a phase's weights down its loss, by a one-cycle rate and clipped gradients."""

    def __init__(self, phase: Phase, learning_rate: float, steps: int, optimiser: Optimiser = Optimiser.ADAM) -> None:
        self._phase, self._weights = phase, phase.weights
        self._peak, self._steps, self._done = phase.rate * learning_rate, steps, 0
        self._optimiser = _OPTIMISERS[optimiser](self._weights)

    def move(self, batch: Batch, noise: torch.Generator) -> tuple[dict[str, float], str]:
        """Take a step; return its terms with `loss`, and why training must stop, or empty.

        A bad step leaves the weights alone. `short_products` shift the terms of an image by half a nat, of an epoch by
        thousandths.
        """
        with short_products():
            loss = self._phase.loss(batch, noise)
            gradients = torch.autograd.grad(loss.total, self._weights, allow_unused=True, materialize_grads=True)
        norm = get_total_norm(gradients)
        shown = loss.total if loss.loss is None else loss.loss
        figures = {"total": loss.total, "gradient": norm, "loss": shown} | loss.terms
        values = dict(zip(figures, torch.stack([figure.detach() for figure in figures.values()]).tolist(), strict=True))
        for name, what in (("total", "loss"), ("gradient", "gradient")):
            if not math.isfinite(values[name]):
                return {}, f"the {what} became {values[name]}; kept the last finite weights. Try a lower learning rate"
        if values["gradient"] > MAX_GRADIENT_NORM:
            gradients = tuple(gradient * (MAX_GRADIENT_NORM / values["gradient"]) for gradient in gradients)
        rate, beta = one_cycle(self._done, self._steps, self._peak)
        momentum = beta if self._phase.momentum is None else self._phase.momentum
        self._optimiser.step(gradients, rate, (momentum, SECOND_BETA))
        self._done += 1
        return {name: values[name] for name in ("loss", *loss.terms)}, ""


def one_cycle(step: int, steps: int, peak: float) -> tuple[float, float]:
    """Return learning rate and first β of a step: half a cosine up to the peak, another down.

    Smith & Topin 2018.
    """
    top, end = WARM_UP * steps - 1, steps - 1
    if step <= top:
        share = step / top
        return _between(_FIRST * peak, peak, share), _between(_SLOW, _QUICK, share)
    share = (step - top) / (end - top)
    return _between(peak, _LAST * peak, share), _between(_QUICK, _SLOW, share)


def _between(one: float, other: float, share: float) -> float:
    return other + (one - other) / 2 * (1 + math.cos(math.pi * share))
