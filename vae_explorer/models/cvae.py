"""The conditional VAE."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.base import NO_SWITCHES, Batch
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.vae import Vae


class Cvae(Vae):
    """A VAE whose encoder and decoder are given the class c; the plane holds the rest.

    Minimises −E_q(z|x,c)[log p(x|z,c)] + KL(q(z|x,c) ‖ N(0, I)), a bound on −log p(x|c): Sohn et al. 2015, equation 4, with
    the image as their y. The prior does not depend on c: Kingma et al. 2014, equation 6. Class weights w (n, C) enter beside
    pixels and z: encoder (n, D + C), decoder (n, 2 + C). Training sees one-hot weights only; the picture changes smoothly
    between them.
    """

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        return super().encode(torch.cat([images, self.one_hot(label, len(images))], dim=1))

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        weights = self.one_hot(None, len(z)) if condition is None else condition
        return super().decode(torch.cat([z, weights], dim=1))

    def log_prob(self, batch: Batch, z: Tensor) -> Tensor:
        """Return log p(x|z,c) of each image at its z (n, d) and its own class, in nats, (n,)."""
        return self.likelihood.log_prob(batch.images, self.decode(z, self.one_hot(batch.label, len(z))))

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        reconstruction, kl = self.elbo_terms(batch, generator, samples)
        return {"conditional_elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}
