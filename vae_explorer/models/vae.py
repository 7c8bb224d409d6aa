"""The variational autoencoder, and what other families share with it."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from vae_explorer.models.autoencoder import Autoencoder
from vae_explorer.models.base import Batch
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior
from vae_explorer.models.spec import ModelSpec


class VariationalModel(Autoencoder):
    """A model whose figures are a reconstruction term and a KL term, and that minimises −ELBO, mean over the batch."""

    @abstractmethod
    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        """Reconstruction term E_q[log p(x|z)] by the mean of `samples` draws, and KL term, each (n,) nats.

        Their difference estimates the ELBO without bias.
        """

    def figures(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        reconstruction, kl = self.elbo_terms(batch, generator, samples)
        return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        """With a warm-up the KL term comes in bit by bit."""
        return self.warmth * terms["kl"] - terms["reconstruction"]


class Vae(VariationalModel):
    """Diagonal-Gaussian encoder, reparameterised sample, decoder with a likelihood on its parameters.

    Minimises −ELBO = −E_q[log p(x|z)] + KL(q(z|x) ‖ N(0, I)), sums over pixels and latents, mean over the batch: Kingma & Welling
    2014, equation 10. The log-variance is clamped, without which deep encoders overflow.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, 2 * spec.latent_dim)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        mean, log_variance = self.head(self.encoder(images)).chunk(2, dim=1)
        return GaussianPosterior(mean, log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        posterior = self.encode(batch.images, batch.label)
        draws = [self.log_prob(batch, posterior.sample(generator)) for _ in range(samples)]
        return (draws[0] if samples == 1 else torch.stack(draws).mean(dim=0)), posterior.kl_to_prior()
