"""The importance weighted autoencoder."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vae_explorer.models.base import Batch
from vae_explorer.models.posterior import GaussianPosterior, standard_normal_log_prob
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

ROWS = 10_000  # latent points decoded at a time


class Iwae(Vae):
    """A VAE that minimises −E[log 1/K Σ_k w_k], w_k = p(x|z_k) p(z_k) / q(z_k|x), z_k ~ q(z|x).

    Burda, Grosse & Salakhutdinov 2016, equation 8; mean over the batch. K = 1 is the ELBO. More draws tighten the bound and
    let q spread.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._draws = int(spec.parameters.get("draws", 1.0))

    def log_weights(self, batch: Batch, generator: torch.Generator | None, draws: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return log w_k and log p(x|z_k), each (draws, n), and the KL term, (n,)."""
        posterior = self.encode(batch.images, batch.label)
        n = len(batch)
        each = GaussianPosterior(posterior.mean.repeat(draws, 1), posterior.log_variance.repeat(draws, 1))
        z = each.sample(generator)  # (draws · n, d), draw by draw
        parts = torch.split(z, max(1, ROWS // n) * n)
        found = [self.likelihood.log_prob(batch.images.repeat(len(part) // n, 1), self.decode(part)) for part in parts]
        likelihood = torch.cat(found)
        weights = likelihood + standard_normal_log_prob(z) - each.log_prob(z)
        return weights.view(draws, n), likelihood.view(draws, n), posterior.kl_to_prior()

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Return the terms; `iwae` is the mean bound over as many groups of K draws as hold `samples`."""
        groups = math.ceil(samples / self._draws)
        log_weights, likelihood, kl = self.log_weights(batch, generator, groups * self._draws)
        bounds = log_weights.view(groups, self._draws, -1).logsumexp(dim=1) - math.log(self._draws)
        reconstruction = likelihood.mean(dim=0)
        return {"iwae": bounds.mean(dim=0), "elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return -terms["iwae"]
