"""The posterior of a code together with a pose, whose angle lives on the circle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from vae_explorer.models.posterior import GaussianPosterior

MAX_ANGLE_LOG_VARIANCE = 2 * math.log(math.pi)  # at this std a wrapped normal is uniform to within 1e-4 nats
_TURN = 2 * math.pi
_LOG_TURN = math.log(_TURN)
_REACH, _STEP = 8.0, 0.25  # std of the quadrature's nodes on each side, and between two nodes
_WINDINGS = 5  # turns to each side, which the widest angle needs for `_REACH`


@runtime_checkable
class Posed(Protocol):
    """What a network of a family with `posed` also answers. Poses (n, 3) are angle, then shift right and down."""

    def with_pose(self, z: Tensor, pose: Tensor) -> Tensor:
        """Return points (n, d + 3) that `decode` takes, of z (n, d) in poses (n, 3)."""

    def poses(self, images: Tensor) -> GaussianPosterior:
        """Return mean and std of the poses of images (n, D), (n, 3) each."""


@dataclass(frozen=True, slots=True)
class PosedPosterior(GaussianPosterior):
    """q(z, Δ, θ|x) of each image: a diagonal Gaussian whose last coordinate, the angle, is wrapped round the circle.

    Draws of the angle lie on the line. Densities are those on the circle, so they repeat after a whole turn.
    """

    def select(self, rows: Tensor) -> PosedPosterior:
        return PosedPosterior(self.mean[rows], self.log_variance[rows])

    def place(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        z = self.mean + self.std * noise
        beside, angle = self._beside, z[..., -1] - self.mean[..., -1]
        log_q = beside.place(noise[..., :-1])[1] + log_wrapped(angle, self.log_variance[..., -1])
        return z, log_q

    def log_prob(self, z: Tensor) -> Tensor:
        angle = log_wrapped(z[:, -1] - self.mean[:, -1], self.log_variance[:, -1])
        return self._beside.log_prob(z[:, :-1]) + angle

    def log_density(self, image: int, z: Tensor) -> Tensor:
        one = slice(image, image + 1)
        return PosedPosterior(self.mean[one], self.log_variance[one]).log_prob(z)

    def kl_to_prior(self) -> Tensor:
        """Return KL(q(z, Δ, θ|x) ‖ p(z) p(Δ) p(θ)) in nats, with the uniform p(θ), (n,)."""
        return self._beside.kl_to_prior() + kl_to_uniform(self.log_variance[:, -1])

    @property
    def _beside(self) -> GaussianPosterior:
        """The Gaussian of all coordinates but the angle."""
        return GaussianPosterior(self.mean[..., :-1], self.log_variance[..., :-1])


def log_wrapped(angle: Tensor, log_variance: Tensor) -> Tensor:
    """Return the log-density of a wrapped normal at an angle from its mean, in nats; shapes broadcast.

    The sum over whole turns: Mardia & Jupp 2000, section 3.5.7.
    """
    std = torch.exp(0.5 * log_variance)
    turns = math.ceil(_REACH * float(std.detach().max()) / _TURN) if std.numel() else 1
    near = torch.remainder(angle + math.pi, _TURN) - math.pi
    each = near[..., None] + _TURN * torch.arange(-turns, turns + 1, dtype=angle.dtype, device=angle.device)
    logs = -0.5 * (each / std[..., None]).square()
    return torch.logsumexp(logs, dim=-1) - 0.5 * (log_variance + _LOG_TURN)


def kl_to_uniform(log_variance: Tensor) -> Tensor:
    """Return KL(wrapped normal ‖ uniform on the circle) in nats, (n,) -> (n,).

    It is log 2π less the entropy. With θ = σ t and t ~ N(0, 1), the density of the line is multiplied by Σ_k exp(−a k t − a² k²
    / 2), a = 2π / σ. The mean of the sum's logarithm over even nodes of t gives the loss of entropy by wrapping.
    """
    t = torch.arange(-_REACH, _REACH + _STEP / 2, _STEP, dtype=log_variance.dtype, device=log_variance.device)
    weight = torch.exp(-0.5 * t.square()) * (_STEP / math.sqrt(_TURN))
    k = torch.arange(-_WINDINGS, _WINDINGS + 1, dtype=t.dtype, device=t.device)
    a = _TURN * torch.exp(-0.5 * log_variance)[:, None, None]
    overlap = torch.logsumexp(-a * k * (t[:, None] + 0.5 * a * k), dim=2)
    return _LOG_TURN - 0.5 * (_LOG_TURN + 1 + log_variance) + (overlap * weight).sum(dim=1)
