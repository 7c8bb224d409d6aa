"""The base class of models with an encoder body and a decoder body."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from vae_explorer.models.base import NO_SWITCHES, Batch, LatentModel, LossTerms
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves
from vae_explorer.models.spec import ModelSpec


class Autoencoder(LatentModel):
    """An encoder body with one more layer, `head`, to `outputs` numbers, and a decoder body.

    It minimises `objective` of its terms' means over the batch.
    """

    def __init__(self, spec: ModelSpec, outputs: int) -> None:
        super().__init__(spec)
        halves = build_halves(spec)
        self.encoder = halves.encoder
        self.head = Linear(halves.features, outputs)
        self.decoder = halves.decoder

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        parameters: Tensor = self.decoder(z)
        return parameters

    def log_prob(self, batch: Batch, z: Tensor) -> Tensor:
        """Return log p(x|z) of each image at its z (n, d), in nats, (n,)."""
        return self.likelihood.log_prob(batch.images, self.decode(z))

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        terms = {name: values.mean() for name, values in self.image_terms(batch, generator).items()}
        return LossTerms(self.objective(terms), terms)

    def weights(self) -> dict[str, float]:
        nothing = {name: torch.zeros(()) for name in FAMILIES[self.spec.family].terms}
        alone = {name: self.objective(nothing | {name: torch.ones(())}).item() for name in nothing}
        return {name: weight for name, weight in alone.items() if weight}

    @abstractmethod
    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the weighted sum of the terms' means, which training minimises, ()."""
