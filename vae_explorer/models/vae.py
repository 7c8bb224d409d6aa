"""The variational autoencoder, and what other families share with it."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from vae_explorer.models.autoencoder import Autoencoder
from vae_explorer.models.base import Batch, mean_of
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.spec import ModelSpec


class VariationalModel(Autoencoder):
    """A model whose figures are a reconstruction term and a KL term, and that minimises −ELBO, mean over the batch."""

    @abstractmethod
    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        """Reconstruction term E_q[log p(x|z)] by the mean of `samples` draws, and KL term, each (n,) nats.

        Their difference estimates the ELBO without bias.
        """

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        reconstruction, kl = self.elbo_terms(batch, generator, samples)
        return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}

    @property
    def kl_weight(self) -> float:
        """The weight of the KL term now: with a warm-up it comes in bit by bit."""
        return self.warmth

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return self.kl_weight * terms["kl"] - terms["reconstruction"]


class Vae(VariationalModel):
    """Diagonal-Gaussian encoder, reparameterised sample, decoder with a likelihood on its parameters.

    Minimises −ELBO = −E_q[log p(x|z)] + KL(q(z|x) ‖ N(0, I)), sums over pixels and latents, mean over the batch: Kingma & Welling
    2014, equation 10. The log-variance is clamped, without which deep encoders overflow.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, 2 * spec.latent_dim)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        return GaussianPosterior.of(self.head(self.encoder(images)))

    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        posterior = self.encode(batch.images, batch.label)
        draws = [self.log_prob(batch, posterior.sample(generator)) for _ in range(samples)]
        return mean_of(draws), posterior.kl_to_prior()
