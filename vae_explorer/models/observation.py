"""Likelihoods p(x|z) of the decoder's parameters: log-probabilities in nats, and mean images."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from vae_explorer.errors import UserError
from vae_explorer.models.likelihoods import likelihood_of
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import resolve

_LOG_TWO_PI = math.log(2 * math.pi)
_NEAR_ZERO = 1e-2  # below this |logit| a series is used
_MIN_LOG_STD, _MAX_LOG_STD = -4.0, 1.0


class Likelihood(nn.Module, ABC):
    """A likelihood p(x|z) of the decoder's parameters (n, D)."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()

    @abstractmethod
    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over pixels: (n, D), (n, D) -> (n,)."""

    def log_prob_of_seen(self, images: Tensor, parameters: Tensor, seen: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over the pixels that `seen` (D,) marks as true, (n,)."""
        return ((self.of_pixels(images, self.coefficients(parameters)) + self.base(images)) * seen).sum(dim=1)

    @abstractmethod
    def mean(self, parameters: Tensor) -> Tensor:
        """Return the mean image, (n, D) in [0, 1]."""

    @abstractmethod
    def coefficients(self, parameters: Tensor) -> Tensor:
        """Return the number c of each pixel that log p(x|z) depends on, (n, D)."""

    @abstractmethod
    def of_pixels(self, images: Tensor, coefficients: Tensor) -> Tensor:
        """Return log p(x_i|z) − base(x_i) of each pixel; images and coefficients (..., D) broadcast."""

    def base(self, images: Tensor) -> Tensor:
        """Return the part of each pixel that depends on the image only, (n, D) -> (n, D)."""
        return torch.zeros_like(images)


class ProductLikelihood(Likelihood):
    """A likelihood log p(x|z) = Σ_i x_i · c_i − normaliser(c_i) + base(x_i), with the natural parameter c of each pixel.

    Many images at many points are one matrix product.
    """

    @abstractmethod
    def normaliser(self, coefficients: Tensor) -> Tensor:
        """Return the normaliser of each pixel, (n, D) -> (n, D)."""

    def log_prob_of_seen(self, images: Tensor, parameters: Tensor, seen: Tensor) -> Tensor:
        return self.log_prob(images[:, seen], parameters[:, seen])

    def of_pixels(self, images: Tensor, coefficients: Tensor) -> Tensor:
        return (images * coefficients).sub_(self.normaliser(coefficients))


class Bernoulli(ProductLikelihood):
    """Independent pixels in {0, 1} with logits a: log p(x|z) = x·a − Σ softplus(a).

    Kingma & Welling 2014, appendix C.1. On grey pixels it is a cross-entropy, not a likelihood.
    """

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        result: Tensor = _BernoulliLogProb.apply(images, parameters)
        return result

    def mean(self, parameters: Tensor) -> Tensor:
        return torch.sigmoid(parameters)

    def coefficients(self, parameters: Tensor) -> Tensor:
        return parameters

    def normaliser(self, coefficients: Tensor) -> Tensor:
        return coefficients.relu() - torch.sigmoid(coefficients.abs()).log_()


class _BernoulliLogProb(torch.autograd.Function):
    """Σ x·a − softplus(a), with −softplus(a) = min(−a, 0) + log σ(|a|).

    torch's softplus is ten times slower for large logits, where exp(−|a|) is subnormal.
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


class ContinuousBernoulli(ProductLikelihood):
    """Grey pixels in [0, 1] with density exp(a·x) · a / (exp(a) − 1).

    Loaiza-Ganem & Cunningham 2019.
    """

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        return (images * parameters - _log_normaliser(parameters)).sum(dim=1)

    def mean(self, parameters: Tensor) -> Tensor:
        """Return 1 / (1 − exp(−a)) − 1 / a: Loaiza-Ganem & Cunningham 2019."""
        safe = torch.where(parameters.abs() < _NEAR_ZERO, torch.ones_like(parameters), parameters)
        return torch.where(parameters.abs() < _NEAR_ZERO, 0.5 + parameters / 12, -1 / torch.expm1(-safe) - 1 / safe)

    def coefficients(self, parameters: Tensor) -> Tensor:
        return parameters

    def normaliser(self, coefficients: Tensor) -> Tensor:
        return _log_normaliser(coefficients)


def _log_normaliser(logits: Tensor) -> Tensor:
    """Return log ∫₀¹ exp(a·x) dx = log((exp(a) − 1) / a)."""
    size = logits.abs()
    safe = torch.where(size < _NEAR_ZERO, torch.ones_like(size), size)
    large = logits.relu() + torch.log(-torch.expm1(-safe) / safe)
    return torch.where(size < _NEAR_ZERO, logits / 2 + logits.square() / 24, large)


class Gaussian(ProductLikelihood):
    """Independent pixels N(sigmoid(a), σ²).

    log p(x|z) = −Σ (x − sigmoid(a))² / 2σ² − D/2 · log 2πσ²: Kingma & Welling 2014, appendix C.2.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._log_std = math.log(spec.parameters.get("sigma", 0.3))

    def log_std(self) -> Tensor | float:
        return self._log_std

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        log_std = torch.as_tensor(self.log_std(), dtype=parameters.dtype, device=parameters.device)
        squares = (images - torch.sigmoid(parameters)).square().sum(dim=1)
        return -0.5 * squares * torch.exp(-2 * log_std) - images.shape[1] * (log_std + 0.5 * _LOG_TWO_PI)

    def mean(self, parameters: Tensor) -> Tensor:
        return torch.sigmoid(parameters)

    def coefficients(self, parameters: Tensor) -> Tensor:
        return torch.sigmoid(parameters) / self._variance(parameters)

    def normaliser(self, coefficients: Tensor) -> Tensor:
        return 0.5 * coefficients.square() * self._variance(coefficients)

    def base(self, images: Tensor) -> Tensor:
        variance = self._variance(images)
        return -0.5 * (images.square() / variance + torch.log(variance) + _LOG_TWO_PI)

    def _variance(self, like: Tensor) -> Tensor:
        return torch.exp(2 * torch.as_tensor(self.log_std(), dtype=like.dtype, device=like.device))


class LearnedGaussian(Gaussian):
    """A Gaussian whose σ is a weight: Rybkin, Daniilidis & Levine 2021, section 3.1."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.free_log_std = nn.Parameter(torch.full((1,), self._log_std))

    def log_std(self) -> Tensor:
        return self.free_log_std.clamp(_MIN_LOG_STD, _MAX_LOG_STD)


class UnknownLikelihood(Likelihood):
    """The likelihood of a model that came without one: its parameters are the pixels (n, D) in [0, 1]."""

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        raise _not_given()

    def mean(self, parameters: Tensor) -> Tensor:
        return parameters

    def coefficients(self, parameters: Tensor) -> Tensor:
        raise _not_given()

    def of_pixels(self, images: Tensor, coefficients: Tensor) -> Tensor:
        raise _not_given()


def _not_given() -> UserError:
    return UserError("no likelihood p(x|z) was given with this model; open the model again with likelihood=…")


def build_likelihood(spec: ModelSpec) -> Likelihood:
    """Build the likelihood of `spec`. Raises `UserError` on an unknown one."""
    made: Likelihood = resolve(likelihood_of(spec.likelihood).target)(spec)
    return made
