"""The variational autoencoder, and the base class of other variational families."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from vae_explorer.models.autoencoder import Autoencoder
from vae_explorer.models.base import Batch, mean_of
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.spec import ModelSpec


class VariationalModel(Autoencoder):
    """A model with reconstruction term and KL term that minimises −ELBO, mean over the batch."""

    @abstractmethod
    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        """Return the reconstruction term E_q[log p(x|z)] and the KL term, each (n,) nats.

        `samples` draws estimate the first. The difference estimates the ELBO without bias.
        """

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        reconstruction, kl = self.elbo_terms(batch, generator, samples)
        return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}

    @property
    def kl_weight(self) -> float:
        """The present weight of the KL term, which grows during a warm-up."""
        return self.warmth

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return self.kl_weight * terms["kl"] - terms["reconstruction"]


class Vae(VariationalModel):
    """A VAE: diagonal-Gaussian encoder, reparameterised sample, decoder.

    Minimises −ELBO = −E_q[log p(x|z)] + KL(q(z|x) ‖ N(0, I)), sums over pixels and latents, mean over the batch: Kingma &
    Welling 2014, equation 10. The log-variance is clamped, as deep encoders overflow.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, 2 * spec.latent_dim)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        return GaussianPosterior.of(self.head(self.encoder(images)))

    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        posterior = self.encode(batch.images, batch.label)
        draws = [self.log_prob(batch, posterior.sample(generator)) for _ in range(samples)]
        return mean_of(draws), posterior.kl_to_prior()
