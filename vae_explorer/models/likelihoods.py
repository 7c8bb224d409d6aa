"""What the decoder's numbers mean: log p(x|z) and the mean image. One entry a likelihood."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

from vae_explorer.registry import Registry


class Likelihood(ABC):
    """p(x|z), given the decoder's parameters."""

    @abstractmethod
    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        """log p(x|z) in nats, summed over pixels: images (n, D), parameters (n, D) -> (n,)."""

    @abstractmethod
    def mean(self, parameters: Tensor) -> Tensor:
        """The mean image, (n, D) in [0, 1]."""


class Bernoulli(Likelihood):
    """Independent pixels in {0, 1} with logits a: log p(x|z) = x·a − Σ softplus(a). Kingma & Welling 2014, appendix C.1.

    On grey pixels this is a cross-entropy and no likelihood of anything; the model card's `binarised` says which it was.
    """

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        result: Tensor = _BernoulliLogProb.apply(images, parameters)
        return result

    def mean(self, parameters: Tensor) -> Tensor:
        return torch.sigmoid(parameters)


class _BernoulliLogProb(torch.autograd.Function):
    """Σ x·a − softplus(a), with −softplus(a) = min(−a, 0) + log σ(|a|).

    torch's own softplus is ten times slower where logits are large, as those of a picture's corners are: exp(−|a|) is subnormal.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, logits: Tensor) -> Tensor:
        ctx.save_for_backward(images, logits)
        return torch.sigmoid(logits.abs()).log_().add_(images * logits).sub_(logits.relu()).sum(dim=1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        images, logits = ctx.saved_tensors
        for_images, for_logits = ctx.needs_input_grad
        each = gradient[:, None]
        return logits * each if for_images else None, (images - torch.sigmoid(logits)) * each if for_logits else None


LIKELIHOODS: Registry[Likelihood] = Registry("likelihood")
LIKELIHOODS.register("bernoulli", Bernoulli())
