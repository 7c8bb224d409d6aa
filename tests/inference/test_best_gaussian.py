"""The best diagonal Gaussian against a search of its own: random starts, on sums over a lattice that is decoded here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

import vae_explorer as vx
from tests.inference.test_evidence import images_of
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import TrainedModel

REACH = 8.0  # of the lattice; a Gaussian of few pixels is so wide that a lattice to 4 cuts it
SHORT = 0.01  # nats that the best Gaussian may be below the best of all starts


def test_that_the_best_gaussian_is_found_where_few_pixels_are_seen() -> None:
    """Climbs from q and from the highest point of p(z|x) end at −12.378 and below."""
    seen = np.zeros((28, 28), bool)
    seen[::4, ::4] = True
    image = np.zeros((28, 28), np.float32)
    image[4, 16] = image[8, 12] = 1  # p(z|x) is one piece with several tops
    evidence, gaps = EvidenceEngine(vx.load("mnist-vae-small")).gaps(image[None], seen=seen)
    assert evidence.log_evidence - gaps.approximation == pytest.approx([-11.2769], abs=1e-3)
    assert gaps.best_mean[0] == pytest.approx([0.582, 0.471], abs=2e-3)
    assert gaps.best_std[0] == pytest.approx([0.104, 0.118], abs=2e-3)


@dataclass(frozen=True)
class Plane:
    """log p(x|z) of one image on a square lattice of `axis` (m,) along both axes, (m, m) float32."""

    axis: np.ndarray
    fit: np.ndarray

    def minus_elbo(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """−ELBO of the Gaussian with mean theta[:2] and log std theta[2:], and its gradient."""
        (mean_x, mean_y), (std_x, std_y) = theta[:2], np.exp(theta[2:])
        columns, u, across = self._weights(mean_x, std_x)
        rows, v, along = self._weights(mean_y, std_y)
        fit = self.fit[rows, columns].astype(np.float64)
        by_row = fit @ across
        slope = [along @ (fit @ (u * across)) / std_x, (v * along) @ by_row / std_y]
        stretch = [along @ (fit @ ((u**2 - 1) * across)), ((v**2 - 1) * along) @ by_row]
        kl = 0.5 * (theta[:2] @ theta[:2] + std_x**2 + std_y**2 - 2) - theta[2:].sum()
        variance = np.array([std_x**2, std_y**2])
        gradient = np.concatenate([slope - theta[:2], stretch - variance + 1])
        return float(kl - along @ by_row), -gradient

    def _weights(self, mean: float, std: float) -> tuple[slice, np.ndarray, np.ndarray]:
        first, last = np.searchsorted(self.axis, (mean - 6 * std, mean + 6 * std))
        step = max(1, int(std / (self.axis[1] - self.axis[0]) / 2))
        part = slice(first, last, step)
        u = (self.axis[part] - mean) / std
        weight = np.exp(-0.5 * u**2)
        return part, u, weight / weight.sum()


def best_of_random_starts(plane: Plane, starts: int, random: np.random.Generator) -> np.ndarray:
    """The highest ELBO that L-BFGS reaches from random Gaussians, half of them around points of p(z|x)."""
    m = len(plane.axis)
    joint = plane.fit.astype(np.float64) - 0.5 * (plane.axis[:, None] ** 2 + plane.axis**2)
    share = np.exp(joint - joint.max()).ravel()
    drawn = random.choice(m * m, starts // 2, p=share / share.sum())
    means = np.concatenate([plane.axis[np.stack([drawn % m, drawn // m], axis=1)], random.standard_normal((starts // 2, 2))])
    log_std = np.log(10) * random.uniform(-1.7, 0, means.shape)
    step = plane.axis[1] - plane.axis[0]
    bounds = [(-3.9, 3.9)] * 2 + [(np.log(step), np.log(2))] * 2
    theta = np.concatenate([means.clip(-3.5, 3.5), log_std], axis=1)
    options = {"maxiter": 60}
    ends = [minimize(plane.minus_elbo, one, jac=True, method="L-BFGS-B", bounds=bounds, options=options) for one in theta]
    best: np.ndarray = min(ends, key=lambda end: float(end.fun)).x
    return best


@torch.inference_mode()
def elbo_at(model: TrainedModel, image: np.ndarray, seen: np.ndarray, theta: np.ndarray) -> float:
    """The ELBO of one Gaussian by points a tenth of its std apart, decoded at their own places.

    The sums of `Plane` are coarse and stop at REACH, so that they may be off by 0.04 nats.
    """
    noise = np.linspace(-6, 6, 121)
    weight = np.exp(-0.5 * noise**2) / np.exp(-0.5 * noise**2).sum()
    counts = torch.from_numpy(seen.reshape(-1).astype(np.float32))
    pixels = torch.from_numpy(image.reshape(-1)) * counts
    mean, std = theta[:2], np.exp(theta[2:])
    fit = 0.0
    for share, y in zip(weight, mean[1] + std[1] * noise, strict=True):
        z = torch.from_numpy(np.stack([mean[0] + std[0] * noise, np.full(len(noise), y)], axis=1)).float()
        logits = model.network.decode(z)
        row = (logits @ pixels - torch.nn.functional.softplus(logits) @ counts).double().numpy()
        fit += float(share * (weight @ row))
    return fit - float((0.5 * (mean @ mean + std @ std - 2)) - theta[2:].sum())


def planes(model: TrainedModel, images: np.ndarray, seen: np.ndarray, points: int) -> list[Plane]:
    """log p(x|z) of images (n, H, W) by pixels seen (H, W) within REACH of the origin, decoded row by row."""
    axis = np.linspace(-REACH, REACH, points)
    counts = torch.from_numpy(seen.reshape(-1).astype(np.float32))
    flat = torch.from_numpy(images.reshape(len(images), -1)) * counts
    fits = []
    for y in axis:
        z = torch.from_numpy(np.stack([axis, np.full(points, y)], axis=1)).float()
        with torch.inference_mode():
            logits = model.network.decode(z)
            fits.append((flat @ logits.T - torch.nn.functional.softplus(logits) @ counts).numpy())
    return [Plane(axis, fit) for fit in np.stack(fits, axis=1)]


def _seen(pixels: int) -> np.ndarray:
    """A mask (28, 28) of so many pixels."""
    seen = np.zeros((28, 28), bool)
    seen[{16: np.s_[3::7, 3::7], 49: np.s_[::4, ::4], 392: np.s_[:14], 784: np.s_[:]}[pixels]] = True
    assert seen.sum() == pixels
    return seen


@pytest.mark.exhaustive
@pytest.mark.real_data
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("pixels", [16, 49, 392, 784])
def test_that_no_random_start_leads_to_a_better_gaussian(pixels: int) -> None:
    model, images, _ = images_of("mnist-vae-small", 75)
    seen, random = _seen(pixels), np.random.default_rng(pixels)
    evidence, gaps = EvidenceEngine(model).gaps(images, seen=seen)
    found = evidence.log_evidence - gaps.approximation
    ends = [best_of_random_starts(plane, 50, random) for plane in planes(model, images, seen, 1025)]
    wanted = np.array([elbo_at(model, image, seen, end) for image, end in zip(images, ends, strict=True)])
    assert (found >= wanted - SHORT).all(), np.max(wanted - found)
