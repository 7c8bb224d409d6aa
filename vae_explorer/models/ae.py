"""The plain autoencoder, and the base of those that put a price on something."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.base import NO_SWITCHES, Batch, LatentModel, LossTerms
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves
from vae_explorer.models.posterior import PointPosterior
from vae_explorer.models.spec import ModelSpec


class Ae(LatentModel):
    """Encoder f: (n, D) -> (n, 2) and decoder; the code of an image is a point.

    Minimises −log p(x | z = f(x)), a sum over pixels and a mean over the batch: Rumelhart, Hinton & Williams 1986; Hinton &
    Salakhutdinov 2006, whose cross-entropy is the Bernoulli's. Nothing says where codes lie: they spread as far as the decoder likes,
    and between them lies what no image taught it.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        halves = build_halves(spec)
        self.encoder = halves.encoder
        self.head = Linear(halves.features, spec.latent_dim)
        self.decoder = halves.decoder

    def encode(self, images: Tensor, label: Tensor | None = None) -> PointPosterior:
        return PointPosterior(self.head(self.encoder(images)))

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        parameters: Tensor = self.decoder(z)
        return parameters

    def log_prob(self, batch: Batch, z: Tensor) -> Tensor:
        """log p(x|z) of each image at its z (n, 2), in nats, (n,)."""
        return self.likelihood.log_prob(batch.images, self.decode(z))

    def figures(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        return {"reconstruction": self.log_prob(batch, self.encode(batch.images).mean)}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        terms = {name: values.mean() for name, values in self.figures(batch, generator).items()}
        return LossTerms(self.objective(terms), terms)

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        """What is minimised, of the terms' means over the batch, ()."""
        return -terms["reconstruction"]
