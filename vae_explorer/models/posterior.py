"""Posteriors of an encoder: a distribution over the plane, or a point."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

MIN_LOG_VARIANCE, MAX_LOG_VARIANCE = -12.0, 4.0  # deep encoders overflow without these bounds
_LOG_TWO_PI = math.log(2 * math.pi)


class FamilyPosterior(ABC):
    """q(z|x) of each of n images."""

    if TYPE_CHECKING:  # at run time a dataclass would take the property for a field's default

        @property
        def mean(self) -> Tensor:
            """The mean, (n, d)."""

    @property
    @abstractmethod
    def std(self) -> Tensor:
        """The standard deviation by coordinate, (n, d); 0 for a point."""

    @abstractmethod
    def select(self, rows: Tensor) -> FamilyPosterior:
        """Return the posteriors of rows (m,); a row may occur more than once."""

    @abstractmethod
    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw one z for each image, (n, d), with gradients."""

    @abstractmethod
    def place(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Map noise (k, 1, d) or (k, n, d) of N(0, I) to z (k, n, d) and log q(z|x), (k, n) nats."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats of one z for each image, (n, d) -> (n,)."""

    @abstractmethod
    def log_density(self, image: int, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats of one image at many points, (m, d) -> (m,)."""


@dataclass(frozen=True, slots=True)
class GaussianPosterior(FamilyPosterior):
    """A diagonal Gaussian for each image."""

    mean: Tensor  # (n, d)
    log_variance: Tensor  # (n, d), within [MIN_LOG_VARIANCE, MAX_LOG_VARIANCE]

    @staticmethod
    def of(outputs: Tensor) -> GaussianPosterior:
        """Return the Gaussians of a network's outputs (n, 2 d): means, then log-variances, clamped."""
        mean, log_variance = outputs.chunk(2, dim=1)
        return GaussianPosterior(mean, log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    @property
    def std(self) -> Tensor:
        return torch.exp(0.5 * self.log_variance)

    def select(self, rows: Tensor) -> GaussianPosterior:
        return GaussianPosterior(self.mean[rows], self.log_variance[rows])

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw z = mean + std · ε with ε ~ N(0, I): Kingma & Welling 2014, section 2.4."""
        noise = torch.empty_like(self.mean).normal_(generator=generator)
        return self.mean + self.std * noise

    def place(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        log_q = -0.5 * (noise.square() + self.log_variance + _LOG_TWO_PI).sum(dim=-1)
        return self.mean + self.std * noise, log_q

    def log_prob(self, z: Tensor) -> Tensor:
        squares = (z - self.mean).square() * torch.exp(-self.log_variance)
        return -0.5 * (squares + self.log_variance + _LOG_TWO_PI).sum(dim=1)

    def log_density(self, image: int, z: Tensor) -> Tensor:
        one = slice(image, image + 1)
        return GaussianPosterior(self.mean[one], self.log_variance[one]).log_prob(z)

    def kl_to_prior(self) -> Tensor:
        """Return KL(q(z|x) ‖ N(0, I)) in nats, summed over latents, (n,).

        Kingma & Welling 2014, appendix B.
        """
        return 0.5 * (self.mean.square() + self.log_variance.exp() - 1.0 - self.log_variance).sum(dim=1)


@dataclass(frozen=True, slots=True)
class PointPosterior(FamilyPosterior):
    mean: Tensor  # (n, d)

    @property
    def std(self) -> Tensor:
        return torch.zeros_like(self.mean)

    def select(self, rows: Tensor) -> PointPosterior:
        return PointPosterior(self.mean[rows])

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        return self.mean

    def place(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Raises `NotImplementedError`: a point has no density."""
        raise NotImplementedError("a deterministic code has no density")

    def log_prob(self, z: Tensor) -> Tensor:
        """Raises `NotImplementedError`: a point has no density."""
        raise NotImplementedError("a deterministic code has no density")

    def log_density(self, image: int, z: Tensor) -> Tensor:
        """Raises `NotImplementedError`: a point has no density."""
        return self.log_prob(z)


def standard_normal_log_prob(z: Tensor) -> Tensor:
    """Return log N(z; 0, I) in nats, (n, d) -> (n,)."""
    return -0.5 * (z.square() + _LOG_TWO_PI).sum(dim=1)
