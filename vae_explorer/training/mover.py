"""One phase of a training step: its weights, their optimiser and schedule."""

from __future__ import annotations

import math

import torch
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from vae_explorer.models.base import Batch, Phase
from vae_explorer.models.linear import short_products

MAX_GRADIENT_NORM = 50.0
# With Adam's usual 0.999 and a third of the run as warm-up, the same network is one to two nats worse after 4 and after 20 epochs.
SECOND_BETA = 0.95
WARM_UP = 0.15  # share of the run


class Mover:
    """Takes a phase's weights down the gradient of its loss: Adam, one cycle of the learning rate, gradients clipped by their norm."""

    def __init__(self, phase: Phase, learning_rate: float, steps: int) -> None:
        self._phase, self._weights = phase, phase.weights
        peak = phase.rate * learning_rate
        fused = self._weights[0].device.type in ("cpu", "cuda")
        betas = (0.9 if phase.momentum is None else phase.momentum, SECOND_BETA)
        self._optimiser = torch.optim.Adam(self._weights, lr=peak, betas=betas, fused=fused)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, peak, total_steps=steps, pct_start=WARM_UP, cycle_momentum=phase.momentum is None
        )

    def move(self, batch: Batch, noise: torch.Generator) -> tuple[dict[str, float], str]:
        """One step: its terms and `loss`, and why training has to stop where it must. A bad step leaves the weights alone.

        With `short_products`, so that the terms of one image are off by half a nat, and those of an epoch by some thousandths.
        """
        for weight in self._weights:
            weight.grad = None
        with short_products():
            loss = self._phase.loss(batch, noise)
            gradients = torch.autograd.grad(loss.total, self._weights, allow_unused=True, materialize_grads=True)
        for weight, gradient in zip(self._weights, gradients, strict=True):
            weight.grad = gradient
        norm = get_total_norm(gradients)
        shown = loss.total if loss.loss is None else loss.loss
        figures = {"total": loss.total, "gradient": norm, "loss": shown} | loss.terms
        values = dict(zip(figures, torch.stack([figure.detach() for figure in figures.values()]).tolist(), strict=True))
        for name, what in (("total", "loss"), ("gradient", "gradient")):
            if not math.isfinite(values[name]):
                return {}, f"the {what} became {values[name]}; kept the last finite weights. Try a lower learning rate"
        if values["gradient"] > MAX_GRADIENT_NORM:
            clip_grads_with_norm_(self._weights, MAX_GRADIENT_NORM, norm)
        self._optimiser.step()
        self._schedule.step()
        return {name: values[name] for name in ("loss", *loss.terms)}, ""
