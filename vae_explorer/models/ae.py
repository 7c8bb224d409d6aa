"""The plain autoencoder, the base class of the other autoencoders."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.autoencoder import Autoencoder
from vae_explorer.models.base import Batch
from vae_explorer.models.posterior import PointPosterior
from vae_explorer.models.spec import ModelSpec


class Ae(Autoencoder):
    """Encoder f: (n, D) -> (n, d) and decoder; the code of an image is a point.

    Minimises −log p(x | z = f(x)), a sum over pixels and a mean over the batch: Rumelhart, Hinton & Williams 1986; Hinton &
    Salakhutdinov 2006. No term places the codes, so the decoder's images between them are untrained.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, spec.latent_dim)

    def encode(self, images: Tensor, label: Tensor | None = None) -> PointPosterior:
        return PointPosterior(self.head(self.encoder(images)))

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        return {"reconstruction": self.log_prob(batch, self.encode(batch.images).mean)}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return -terms["reconstruction"]
