"""The sparse autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.ae import Ae
from vae_explorer.models.base import Batch
from vae_explorer.models.spec import ModelSpec


class SparseAe(Ae):
    """An autoencoder that minimises −log p(x | z = f(x)) + λ · ‖h‖₁, with h (n, features).

    Goodfellow, Bengio & Courville 2016, equation 14.2 with 14.2.1. h is the encoder's last hidden layer after its activation;
    the code is z = W h + b. The norm is a sum over units and a mean over the batch.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._weight = spec.parameters.get("sparsity", 0.0)

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        hidden = self.encoder(batch.images)
        return {"reconstruction": self.log_prob(batch, self.head(hidden)), "sparsity": hidden.abs().sum(dim=1)}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return self._weight * terms["sparsity"] - terms["reconstruction"]
