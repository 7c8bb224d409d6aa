"""Inverse autoregressive flow in the plane, and its posterior."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior

CONTEXT = 32  # size of the context h
WIDTH = 32  # hidden units of a step
MOMENT_POINTS = 64
_MIN_GATE, _MAX_GATE = -3.0, 8.0  # of s: σ = sigmoid(s) > 0.047, so float32 can invert all steps
_FORGET_BIAS = 1.5  # a new step is nearly the identity: Kingma et al. 2016, section 4
_SPREAD = 0.7548776662466927, 0.5698402909980532  # 1 / ρ and 1 / ρ² with ρ³ = ρ + 1: the R2 sequence of Roberts 2018


class FlowStep(nn.Module):
    """The step z' = σ · z + (1 − σ) · m, with σ = sigmoid(s).

    Kingma et al. 2016, equations 13 and 14. m and s of the first coordinate depend on h. The second coordinate's m and s come
    from a tanh layer of h and the first. `first` names the first coordinate. Shapes broadcast: z (..., 2), contexts (...,
    CONTEXT).
    """

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first
        self.alone = nn.Linear(CONTEXT, 2)
        self.hidden = nn.Linear(CONTEXT, WIDTH)
        self.before = nn.Parameter(torch.empty(WIDTH).uniform_(-1, 1))  # from the first coordinate to the hidden layer
        self.given = nn.Linear(WIDTH, 2)

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Return z' (..., 2) and log |∂z'/∂z| = Σ log σ, (...)."""
        first, second = z[..., self._first], z[..., 1 - self._first]
        shift, gate = _shift_and_gate(self.alone(context))
        next_shift, next_gate = self._of_second(first, context)
        moved = gate.sigmoid() * first + (1 - gate.sigmoid()) * shift
        next_moved = next_gate.sigmoid() * second + (1 - next_gate.sigmoid()) * next_shift
        return self._in_order(moved, next_moved), functional.logsigmoid(gate) + functional.logsigmoid(next_gate)

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Return the z that `forward` maps to this z, and its log-determinant."""
        moved, next_moved = z[..., self._first], z[..., 1 - self._first]
        shift, gate = _shift_and_gate(self.alone(context))
        first = (moved - (1 - gate.sigmoid()) * shift) / gate.sigmoid()
        next_shift, next_gate = self._of_second(first, context)
        second = (next_moved - (1 - next_gate.sigmoid()) * next_shift) / next_gate.sigmoid()
        return self._in_order(first, second), functional.logsigmoid(gate) + functional.logsigmoid(next_gate)

    def _of_second(self, first: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        return _shift_and_gate(self.given(torch.tanh(self.hidden(context) + first[..., None] * self.before)))

    def _in_order(self, first: Tensor, second: Tensor) -> Tensor:
        return torch.stack([second, first] if self._first else [first, second], dim=-1)


def _shift_and_gate(parameters: Tensor) -> tuple[Tensor, Tensor]:
    return parameters[..., 0], (parameters[..., 1] + _FORGET_BIAS).clamp(_MIN_GATE, _MAX_GATE)


class FlowPosterior(FamilyPosterior):
    """A diagonal Gaussian for each image, bent by flow steps.

    z_0 = mean + std · ε, z_t = step_t(z_{t−1}, h). `mean` and `std` are moments over `MOMENT_POINTS` fixed ε, computed on
    first use.
    """

    def __init__(self, base: GaussianPosterior, context: Tensor, steps: Sequence[FlowStep]) -> None:
        """`base` is q(z_0|x) of n images, `context` their h (n, CONTEXT)."""
        self._base, self._context, self._steps = base, context, steps

    @cached_property
    def _points(self) -> Tensor:
        """Return z_T at the fixed ε, (MOMENT_POINTS, n, 2)."""
        noise = fixed_noise().to(self._base.mean)[:, None]
        return _through(self._base.mean + self._base.std * noise, self._context, self._steps)[0]

    @cached_property
    def mean(self) -> Tensor:
        return self._points.mean(dim=0)

    @property
    def std(self) -> Tensor:
        return self._points.std(dim=0, correction=0)

    def select(self, rows: Tensor) -> FlowPosterior:
        return FlowPosterior(self._base.select(rows), self._context[rows], self._steps)

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        return self.sample_with_log_prob(generator)[0]

    def sample_with_log_prob(self, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw one z for each image, (n, 2), with log q(z|x) there, (n,).

        log q(z_0) − Σ_t Σ log σ_t: Kingma et al. 2016, equation 11.
        """
        noise = torch.empty_like(self._base.mean).normal_(generator=generator)
        z, log_q = self.place(noise[None])
        return z[0], log_q[0]

    def place(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        start, log_q = self._base.place(noise)
        z, log_volume = _through(start, self._context, self._steps)
        return z, log_q - log_volume

    def log_prob(self, z: Tensor) -> Tensor:
        return _log_prob(z, self._base, self._context, self._steps)

    def log_density(self, image: int, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats of one image at many points, (m, 2) -> (m,)."""
        one = slice(image, image + 1)
        base = GaussianPosterior(self._base.mean[one], self._base.log_variance[one])
        return _log_prob(z, base, self._context[one], self._steps)


def _log_prob(z: Tensor, base: GaussianPosterior, context: Tensor, steps: Sequence[FlowStep]) -> Tensor:
    total = torch.zeros_like(z[:, 0])
    for step in reversed(steps):
        z, log_volume = step.inverse(z, context)
        total = total + log_volume
    return base.log_prob(z) - total


def _through(z: Tensor, context: Tensor, steps: Sequence[FlowStep]) -> tuple[Tensor, Tensor]:
    """Send z (..., 2) through all steps; return it and the sum of log-determinants."""
    total = torch.zeros_like(z[..., 0])
    for step in steps:
        z, log_volume = step(z, context)
        total = total + log_volume
    return z, total


@lru_cache(maxsize=1)
def fixed_noise() -> Tensor:
    """Return even ε ~ N(0, I), (MOMENT_POINTS, 2) float64, in pairs ±ε and with covariance I."""
    with torch.inference_mode(False), torch.device("cpu"):
        index = torch.arange(MOMENT_POINTS // 2, dtype=torch.float64)[:, None]
        even = (0.5 + (index + 1) * torch.tensor(_SPREAD, dtype=torch.float64)) % 1
        radius, angle = (-2 * torch.log(even[:, 0])).sqrt(), math.pi * even[:, 1]  # half a turn; −ε covers the other half
        half = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
        points = torch.cat([half, -half])
        covariance = points.T @ points / len(points)
        white: Tensor = torch.linalg.solve_triangular(torch.linalg.cholesky(covariance), points.T, upper=False).T
        return white.contiguous()
