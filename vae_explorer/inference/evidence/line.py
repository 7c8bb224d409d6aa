"""log p(x) of a model of one latent, by the trapezoidal rule on a decoded line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.joint import Decoded, Joint, log_prior
from vae_explorer.inference.trained import TrainedModel

_REACH = 8.0  # of the line, beyond which N(0, 1) has 1e-15 of its mass
_CODE_REACH = 9.0  # std of a code that the line holds
_OF_NARROWEST = 1 / 3  # step in units of the narrowest code's std
_WIDEST_STEP, _MOST_POINTS = 1 / 16, 8192
_FARTHER = 2048  # points of the line beyond its ends, for images that the encoder places there
_NEGLIGIBLE = 40.0  # nats below the maximum
_TOLERANCE = 1e-5  # nats between a step and half the step
_ROUNDS = 12  # most halvings

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """log p(x, z) of one image at rising points z. The steps are small where p(z|x) lies."""

    z: Floats  # (m,)
    joint: Floats  # (m,) nats
    log_evidence: float  # nats
    difference: float  # nats, of log_evidence between the last step and twice the step

    @property
    def mass(self) -> Floats:
        """p(z|x) times the width of each point's cell, (m,); sums to 1."""
        return np.asarray(np.exp(self.joint - self.log_evidence) * widths(self.z), np.float64)

    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of p(z|x)."""
        mean = float(self.mass @ self.z)
        return mean, math.sqrt(max(float(self.mass @ np.square(self.z - mean)), 0.0))


def widths(z: Floats) -> Floats:
    """Return the weights of the trapezoidal rule at rising points (m,)."""
    steps = np.diff(z)
    return 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))


def integral(z: Floats, log_values: Floats) -> Floats:
    """Return log ∫ exp(log_values) dz by the trapezoidal rule over rising points (m,), (..., m) -> (...)."""
    top = log_values.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(log_values - top) @ widths(z)) + top[..., 0])


def points_of(model: TrainedModel) -> Floats:
    """Return the points of the line of a model: ±_REACH and all codes, with a step below a third of the narrowest code's std."""
    mean, std = (each[:, 0].astype(np.float64) for each in (model.codes.mean, model.codes.std))
    usual = np.isfinite(mean) & np.isfinite(std) & (std > 0)
    mean, std = mean[usual], std[usual]
    low = min(-_REACH, float((mean - _CODE_REACH * std).min(initial=0.0)))
    high = max(_REACH, float((mean + _CODE_REACH * std).max(initial=0.0)))
    step = min(_WIDEST_STEP, _OF_NARROWEST * float(std.min(initial=1.0)))
    return np.linspace(low, high, min(math.ceil((high - low) / step), _MOST_POINTS) + 1)


def lines(joint: Joint, z: Floats, mean: Floats, std: Floats, kept: dict[int, Decoded]) -> list[Line]:
    """Compute log p(x) of n images on the points z, and on further points near the codes (n,) that lie beyond them.

    `kept` holds what was decoded at z before, by class.

    For a Gaussian of std s, a sum of step h has a relative error of 2 · exp(−2π² s² / h²) (Trefethen & Weideman 2014, section 5).
    Steps are halved where p(z|x) lies, until half the step moves log p(x) by less than _TOLERANCE. Raises `UserError` if the
    decoder gives NaN.
    """
    before, after = _beyond(z, mean, std)
    parts = [joint_on(joint, before), joint_on(joint, z, kept), joint_on(joint, after)]
    z, values = np.concatenate([before, z, after]), np.concatenate(parts, axis=1)
    fine, coarse = integral(z, values), integral(z[::2], values[:, ::2])
    found = [Line(z, values[i], float(fine[i]), float(abs(fine[i] - coarse[i]))) for i in range(len(joint))]
    return [_refined(joint, i, line) for i, line in enumerate(found)]


def _beyond(z: Floats, mean: Floats, std: Floats) -> tuple[Floats, Floats]:
    """Return points before and after the points z, as far as the codes (n,) lie."""
    low, high = float((mean - _CODE_REACH * std).min()), float((mean + _CODE_REACH * std).max())
    if not math.isfinite(high - low):
        raise UserError("the encoder gives NaN or infinite codes, so log p(x) cannot be computed; choose another model")
    before = np.linspace(low, z[0], _FARTHER, endpoint=False) if low < z[0] else np.empty(0)
    after = np.flip(np.linspace(high, z[-1], _FARTHER, endpoint=False)).copy() if high > z[-1] else np.empty(0)
    return before, after


def joint_on(joint: Joint, z: Floats, kept: dict[int, Decoded] | None = None) -> Floats:
    """Return log p(x, z) of all images at points (m,), (n, m)."""
    if not len(z):
        return np.empty((len(joint), 0))
    points = torch.from_numpy(z)[:, None]
    values: Tensor = joint.log_likelihood_of_all(points.to(joint.dtype), kept) + log_prior(points)
    if not values.isfinite().all():
        raise UserError(
            "the decoder gives NaN or infinite numbers on parts of the line, so log p(x) cannot be computed; choose another model"
        )
    return np.asarray(values.numpy(), np.float64)


def _refined(joint: Joint, image: int, line: Line) -> Line:
    one = joint.of(torch.tensor([image]))
    for _ in range(_ROUNDS):
        if line.difference <= _TOLERANCE:
            break
        near = line.joint >= line.joint.max() - _NEGLIGIBLE
        between = np.flatnonzero(near[:-1] | near[1:])
        middle = 0.5 * (line.z[between] + line.z[between + 1])
        z = np.insert(line.z, between + 1, middle)
        values = np.insert(line.joint, between + 1, joint_on(one, middle)[0])
        total = float(integral(z, values))
        line = Line(z, values, total, abs(total - line.log_evidence))
    return line
