"""The variational autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.base import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, LatentModel, LossTerms, Posterior
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves
from vae_explorer.models.spec import ModelSpec


class Vae(LatentModel):
    """Diagonal-Gaussian encoder, reparameterised sample, decoder with a likelihood on its parameters.

    Minimises −E_q[log p(x|z)] + β · KL(q(z|x) ‖ N(0, I)), sums over pixels and latents, mean over the batch; at β = 1 that is
    −ELBO: Kingma & Welling 2014, equation 10; β: Higgins et al. 2017, equation 4. The log-variance is clamped, without which
    deep encoders overflow.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        halves = build_halves(spec)
        self.encoder = halves.encoder
        self.head = Linear(halves.features, 2 * spec.latent_dim)
        self.decoder = halves.decoder
        self.beta = spec.parameters.get("beta", 1.0)

    def encode(self, images: Tensor) -> Posterior:
        mean, log_variance = self.head(self.encoder(images)).chunk(2, dim=1)
        return Posterior(mean, log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    def decode(self, z: Tensor) -> Tensor:
        parameters: Tensor = self.decoder(z)
        return parameters

    def loss(self, images: Tensor, generator: torch.Generator | None = None) -> LossTerms:
        per_image, kl_per_image = self.elbo_terms(images, generator)
        reconstruction, kl = per_image.mean(), kl_per_image.mean()
        terms = {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}
        return LossTerms(self.beta * kl - reconstruction, terms)
