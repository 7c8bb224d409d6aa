"""The ELBO, KL(q(z|x) ‖ p(z|x)) and the best Gaussian of models of one latent, by the trapezoidal rule."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.bound import Bound
from vae_explorer.inference.evidence.gaps import Best
from vae_explorer.inference.evidence.joint import Joint, log_prior, numpy_of
from vae_explorer.inference.evidence.line import Line, widths
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, FamilyPosterior, GaussianPosterior

_SPREAD = 8.0  # std of q that its nodes cover
_FIRST, _FINEST = 0.25, 1 / 64  # steps of the nodes, in std
_TOLERANCE = 1e-5  # nats between a step and half the step
_SHIFT = 1 / 3  # of a step, between the nodes of the ELBO and of KL(q(z|x) ‖ p(z|x))
_PEAKS, _LOW_PEAK = 4, 15.0  # most maxima of p(z|x) that a climb starts from, and how many nats they may lie below the highest
_STEPS, _LEAST_SHARE, _ENOUGH = 60, 1e-3, 1e-9  # of a climb: most steps, least share of Newton's step, least gain in nats
_WINDOW = 8.0  # std of q around its mean in which a climb sums
_MIN_STD, _MAX_STD = math.exp(0.5 * MIN_LOG_VARIANCE), math.exp(0.5 * MAX_LOG_VARIANCE)

Floats = NDArray[np.float64]
_LOG_TWO_PI = math.log(2 * math.pi)


def line_bound(joint: Joint, posterior: FamilyPosterior, shift: float = 0.0) -> Bound:
    """Compute the ELBO of n images over even nodes of the noise of q, decoding at each node.

    `shift` moves the nodes by a share of their step, for a second sum that has no node of the first.
    """
    n = len(joint)
    out, left, step = Bound(np.zeros(n), np.zeros(n), np.full(n, np.inf)), np.arange(n), _FIRST
    while len(left) and step >= _FINEST:
        rows = torch.from_numpy(left)
        fit, kl = _over(joint.of(rows), posterior.select(rows), step, shift)
        fine, coarse = (_means(each, step, shift) for each in ((fit, kl), (fit[::2], kl[::2])))
        out.reconstruction[left], out.kl[left] = fine
        out.difference[left] = np.abs((fine[0] - fine[1]) - (coarse[0] - coarse[1]))
        left, step = left[out.difference[left] > _TOLERANCE], step / 2
    return out


@torch.inference_mode()
def _over(joint: Joint, posterior: FamilyPosterior, step: float, shift: float) -> tuple[Floats, Floats]:
    """Return log p(x|z) and log q(z|x) − log p(z) at the nodes, (k, n) each."""
    z, log_q = posterior.place(torch.from_numpy(_nodes(step, shift)).to(joint.dtype)[:, None, None])
    fit = joint.log_likelihood_at(z.transpose(0, 1)).T
    return numpy_of(fit), numpy_of(log_q.double() - log_prior(z))


def _nodes(step: float, shift: float) -> Floats:
    reach = round(_SPREAD / step)
    return np.asarray((np.arange(-reach, reach + 1) + shift) * step, np.float64)


def _means(values: tuple[Floats, Floats], step: float, shift: float) -> tuple[Floats, Floats]:
    nodes = _nodes(step, shift)
    nodes = nodes if len(nodes) == len(values[0]) else nodes[::2]
    density: Floats = np.exp(-0.5 * np.square(nodes))
    density /= density.sum()
    return np.asarray(density @ values[0], np.float64), np.asarray(density @ values[1], np.float64)


def line_divergence(joint: Joint, posterior: FamilyPosterior, log_evidence: Floats) -> tuple[Floats, Floats]:
    """Return KL(q(z|x) ‖ p(z|x)) in nats and its step-halving difference, (n,) each, over nodes that `line_bound` has not."""
    other = line_bound(joint, posterior, _SHIFT)
    return log_evidence - other.elbo, other.difference


def best_on_line(joint: Joint, lines: list[Line]) -> Best:
    """Find the best Gaussian of each image by climbs from the moments and from the maxima of p(z|x)."""
    found = [max((_climbed(line, *start) for start in _starts(line)), key=lambda end: end[2]) for line in lines]
    mean, std, _ = (np.array(each) for each in zip(*found, strict=True))
    q = GaussianPosterior(torch.from_numpy(mean)[:, None], torch.from_numpy(2 * np.log(std))[:, None])
    there = line_bound(joint, GaussianPosterior(q.mean.to(joint.dtype), q.log_variance.to(joint.dtype)))
    return Best(mean[:, None], std[:, None], there.elbo, there.difference)


def _starts(line: Line) -> list[tuple[float, float]]:
    mean, spread = line.moments()
    rising = np.diff(line.joint) > 0
    peaks = np.flatnonzero(rising[:-1] & ~rising[1:]) + 1
    peaks = peaks[line.joint[peaks] > line.joint.max() - _LOW_PEAK]
    peaks = peaks[np.argsort(-line.joint[peaks])][:_PEAKS]
    slope = np.gradient(line.joint, line.z)
    bend = -np.gradient(slope, line.z)[peaks]
    std = 1 / np.sqrt(np.maximum(bend, 1.0))
    return [(mean, min(max(spread, _MIN_STD), _MAX_STD)), *zip(line.z[peaks].tolist(), std.tolist(), strict=True)]


def _climbed(line: Line, mean: float, std: float) -> tuple[float, float, float]:
    """Climb by Newton's method to a maximum of the ELBO, and return mean, std and ELBO.

    At the maximum 1 / std² = −E_q[f''] with f = log p(x, z) (Opper & Archambeau 2009, section 3).
    """
    share, (elbo, slope, bend) = 1.0, _slope(line, mean, std)
    for _ in range(_STEPS):
        move = slope / bend if bend > 0 else slope * std**2
        stretch = -0.5 * math.log(max(bend, 0.25 / std**2)) - math.log(std)
        further = mean + share * min(max(move, -std), std)
        wider = min(max(std * math.exp(share * min(max(stretch, -0.5), 0.5)), _MIN_STD), _MAX_STD)
        there = _slope(line, further, wider)
        gain = there[0] - elbo
        if gain >= 0:
            mean, std, (elbo, slope, bend), share = further, wider, there, min(1.0, 2 * share)
        else:
            share /= 2
        if share < _LEAST_SHARE or 0 <= gain < _ENOUGH:
            break
    return mean, std, elbo


def _slope(line: Line, mean: float, std: float) -> tuple[float, float, float]:
    """Return the ELBO, E_q[f'] and −E_q[f''], by Stein's lemma: E[f'] = E[u f] / s and E[f''] = E[(u² − 1) f] / s²."""
    low, high = np.searchsorted(line.z, (mean - _WINDOW * std, mean + _WINDOW * std))
    z, f = line.z[max(low - 1, 0) : high + 1], line.joint[max(low - 1, 0) : high + 1]
    u = (z - mean) / std
    weight = widths(z) * np.exp(-0.5 * u * u)
    total = float(weight.sum())
    if total <= 0:
        return -math.inf, 0.0, 0.0
    weight /= total
    elbo = float(weight @ f) + math.log(std) + 0.5 * (_LOG_TWO_PI + 1)
    return elbo, float(weight @ (u * f)) / std, -float(weight @ ((u * u - 1) * f)) / std**2
