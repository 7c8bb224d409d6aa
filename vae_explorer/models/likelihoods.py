"""What the decoder's numbers mean: log p(x|z) and the mean image. One entry a likelihood."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

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
        return (images * parameters - functional.softplus(parameters)).sum(dim=1)

    def mean(self, parameters: Tensor) -> Tensor:
        return torch.sigmoid(parameters)


LIKELIHOODS: Registry[Likelihood] = Registry("likelihood")
LIKELIHOODS.register("bernoulli", Bernoulli())
