"""A linear-Gaussian model of many latents, whose log p(x) has a closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from scipy.stats import multivariate_normal
from torch import Tensor, nn

from tests.inference.evidence_models import small_model
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.posterior import GaussianPosterior

SIDES, SIGMA = (6, 8), 0.05


class _Linear(nn.Module):
    """The logits whose sigmoid is b + W z; with so small a W it stays within (0, 1)."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, z: Tensor) -> Tensor:
        return torch.logit(self.bias + z @ self.weight.T)


class LinearModel:
    """p(x|z) = N(b + W z, σ² I) with p(z) = N(0, I): probabilistic PCA (Tipping & Bishop 1999).

    The columns of W overlap, so p(z|x) is no diagonal Gaussian. The encoder is right in the mean and `wide` times too wide.
    """

    def __init__(self, latents: int, wide: float = 1.3) -> None:
        random, pixels = np.random.default_rng(4), SIDES[0] * SIDES[1]
        self.weight = random.normal(size=(pixels, latents)) * 0.012
        self.bias = random.uniform(0.45, 0.55, size=pixels)
        precision = np.eye(latents) + self.weight.T @ self.weight / SIGMA**2
        gain = torch.from_numpy(np.linalg.solve(precision, self.weight.T / SIGMA**2))
        log_variance = torch.from_numpy(2 * np.log(wide) - np.log(np.diag(precision)))
        self.model = _of_latents(latents)
        bias = torch.from_numpy(self.bias)
        network: nn.Module = self.model.network
        network.decoder = _Linear(torch.from_numpy(self.weight), bias)
        network.encode = lambda images, label=None: GaussianPosterior(  # type: ignore[assignment]
            (images - bias) @ gain.T, log_variance.expand(len(images), -1)
        )

    def images(self, n: int) -> np.ndarray:
        """Draw images (n, H, W, C) of the model."""
        random = np.random.default_rng(8)
        z = random.normal(size=(n, self.weight.shape[1]))
        noise = SIGMA * random.normal(size=(n, len(self.bias)))
        return (self.bias + z @ self.weight.T + noise).reshape(n, *SIDES, 1).astype(np.float32)

    def log_evidence(self, images: np.ndarray) -> np.ndarray:
        covariance = self.weight @ self.weight.T + SIGMA**2 * np.eye(len(self.bias))
        return np.asarray(multivariate_normal.logpdf(images.reshape(len(images), -1), self.bias, covariance))


def _of_latents(latents: int) -> TrainedModel:
    model = small_model("vae", "gaussian", sigma=SIGMA)
    spec = replace(model.card.spec, latent_dim=latents, image_shape=(*SIDES, 1))
    model.card = replace(model.card, spec=spec)
    return model
