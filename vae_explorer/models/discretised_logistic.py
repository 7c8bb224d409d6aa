"""The discretised logistic likelihood of 8-bit pixels."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vae_explorer.models.observation import Likelihood
from vae_explorer.models.spec import ModelSpec

_HALF_BIN = 1 / 510
_FIRST_LOG_SCALE = math.log(0.3 * math.sqrt(3) / math.pi)  # a std of 0.3
_MIN_LOG_SCALE, _MAX_LOG_SCALE = -6.0, 1.0  # two thirds of a bin at least, so the closed mean is near the sum over 256 values
_FAR = 80.0  # scales; beyond, exp(−|u|) would become subnormal, which is slow


class DiscretisedLogistic(Likelihood):
    """Independent 8-bit pixels whose values are bins of a logistic distribution.

    P(x|z) = σ((x + h − m) / s) − σ((x − h − m) / s) with half a bin h = 1/510, pixels x in [0, 1] and m = ½ + a / 4. The bins of
    black and white are open. The scale s of each channel is a weight. Salimans et al. 2017, equation 2, with one logistic.

    With u = (m − x) / s, inner bins have P = sinh(h/s) / (cosh(h/s) + cosh u), which is exact in float32 far from the mean.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.free_log_scale = nn.Parameter(torch.full((spec.image_shape[2],), _FIRST_LOG_SCALE))

    def log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        return (self.of_pixels(images, self.coefficients(parameters)) + self.base(images)).sum(dim=1)

    def mean(self, parameters: Tensor) -> Tensor:
        """Return E[x] = ∫₀¹ σ((m − t) / s) dt, within 0.02 grey levels of the sum over 256 values."""
        m, scale = self.coefficients(parameters), self._scale(parameters)
        beyond = _log_one_and(m.abs() / scale) - _log_one_and((m - 1).abs() / scale)
        return (m.clamp(0, 1) + scale * beyond).clamp(0, 1)

    def coefficients(self, parameters: Tensor) -> Tensor:
        """Return the mean m of each pixel's logistic, (n, D). The slope is that of the sigmoid at 0."""
        return 0.5 + 0.25 * parameters

    def of_pixels(self, images: Tensor, coefficients: Tensor) -> Tensor:
        scale = self._scale(coefficients)
        black, white, inner = _bins(images)
        edges = images + _HALF_BIN * (black - white)
        u = (coefficients - edges) / scale
        size = u.abs()
        near = torch.exp(-size.clamp(max=_FAR))
        middle = torch.where(inner.bool(), 2 * torch.cosh(_HALF_BIN / scale), 1.0)
        tail = torch.log(1 + near * (middle + inner * near))  # log1p takes ten times as long
        return -((0.5 + 0.5 * inner) * size + (0.5 * (black - white)) * u + tail)

    def base(self, images: Tensor) -> Tensor:
        inner = _bins(images)[2]
        return inner * torch.log(2 * torch.sinh(_HALF_BIN / self._scale(images)))

    def _scale(self, like: Tensor) -> Tensor:
        """Return the scale of each pixel and channel, (D,)."""
        log_scale = self.free_log_scale.to(like.dtype).clamp(_MIN_LOG_SCALE, _MAX_LOG_SCALE)
        return log_scale.exp().repeat(like.shape[-1] // len(log_scale))


def _log_one_and(size: Tensor) -> Tensor:
    """Return log(1 + exp(−size)) of numbers from 0."""
    return torch.log(1 + torch.exp(-size.clamp(max=_FAR)))


def _bins(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return masks of 0 and 1 for black pixels, white pixels and others, each in the shape and type of `images`."""
    black, white = (images < _HALF_BIN).to(images.dtype), (images > 1 - _HALF_BIN).to(images.dtype)
    return black, white, 1 - black - white
