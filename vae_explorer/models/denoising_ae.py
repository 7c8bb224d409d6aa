"""The denoising autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.ae import Ae
from vae_explorer.models.base import Batch, LossTerms, mean_of
from vae_explorer.models.spec import ModelSpec


class DenoisingAe(Ae):
    """An autoencoder that minimises −E[log p(x | z = f(x̃))] with corrupted images x̃.

    Vincent et al. 2008, equation 5; a sum over pixels and a mean over the batch. x̃ = m ⊙ (x + σ ε), ε ~ N(0, I), and each
    pixel of m is 0 with probability ν, else 1: their masking noise (section 2.3), and the Gaussian noise of Vincent et al.
    2010, section 3.3. `encode` does not corrupt images.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._mask, self._noise = spec.parameters.get("mask", 0.0), spec.parameters.get("noise", 0.0)

    def corrupt(self, images: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Draw x̃ once for each image, (n, D)."""
        if self._noise:
            images = images + self._noise * torch.empty_like(images).normal_(generator=generator)
        if self._mask:
            images = images * (torch.empty_like(images).uniform_(generator=generator) >= self._mask)
        return images

    def denoising(self, batch: Batch, generator: torch.Generator | None = None) -> Tensor:
        """Return log p(x | f(x̃)) at one draw of x̃ for each image, (n,)."""
        return self.log_prob(batch, self.encode(self.corrupt(batch.images, generator)).mean)

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Return `reconstruction` from clean images and `denoising` from `samples` corrupted ones."""
        draws = [self.denoising(batch, generator) for _ in range(samples)]
        return super().image_terms(batch) | {"denoising": mean_of(draws)}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        terms = {"denoising": self.denoising(batch, generator).mean()}
        return LossTerms(self.objective(terms), terms)

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return -terms["denoising"]
