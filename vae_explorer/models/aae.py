"""The adversarial autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.adversaries import (
    MOMENTUM,
    PointDiscriminator,
    distance_to_prior,
    gradient_penalty,
    log_loss,
    prior_points,
    weights_of,
)
from vae_explorer.models.ae import Ae
from vae_explorer.models.base import Batch, LossTerms, Phase
from vae_explorer.models.spec import ModelSpec


class Aae(Ae):
    """An autoencoder; a discriminator of points draws its codes to N(0, I).

    Makhzani et al. 2016, section 2. Each step first minimises −log p(x|z), a sum over pixels. The discriminator then
    minimises −log D(z′) − log(1 − D(z)) for draws z′ from the prior and codes z: Goodfellow et al. 2014, equation 1. Last,
    the encoder minimises −log D(z), which does not saturate. All losses are means over the batch. The penalty γ_D/2 · ‖∂logit
    D/∂z‖² (Mescheder, Geiger & Nowozin 2018, equation 9) lets codes far away feel a pull.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.discriminator = PointDiscriminator(spec)
        self._rate = spec.parameters.get("regularisation", 0.1)
        self._penalty = spec.parameters.get("gradient_penalty", 0.0)

    def weights(self) -> dict[str, float]:
        return {}

    def phases(self) -> list[Phase]:
        autoencoder = weights_of(self.encoder, self.head, self.decoder, self.likelihood)
        return [
            Phase(autoencoder, self.loss),
            Phase(weights_of(self.discriminator), self.discriminator_loss, self._rate, MOMENTUM),
            Phase(weights_of(self.encoder, self.head), self.encoder_loss, self._rate, MOMENTUM),
        ]

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Add `prior_mismatch`: each code's share of the batch's distance to the prior."""
        z = self.encode(batch.images).mean
        return {
            "reconstruction": self.log_prob(batch, z),
            "discriminator": self._log_losses(z, generator),
            "adversarial": log_loss(self.discriminator(z), real=True),
            "prior_mismatch": distance_to_prior(z),
        }

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        reconstruction = self.log_prob(batch, self.encode(batch.images).mean).mean()
        return LossTerms(-reconstruction, {"reconstruction": reconstruction})

    def discriminator_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        with torch.no_grad():
            z = self.encode(batch.images).mean
        loss = self._log_losses(z, generator).mean()
        terms = {"discriminator": loss, "prior_mismatch": distance_to_prior(z).mean()}
        if not self._penalty:
            return LossTerms(loss, terms)
        slope = gradient_penalty(self.discriminator, prior_points(z, (len(z), z.shape[1]), generator)).mean()
        return LossTerms(loss + self._penalty * slope, terms)

    def encoder_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        loss = log_loss(self.discriminator(self.encode(batch.images).mean), real=True).mean()
        return LossTerms(loss, {"adversarial": loss})

    def _log_losses(self, z: Tensor, generator: torch.Generator | None) -> Tensor:
        """Return −log D(z′) − log(1 − D(z)) of each code and a draw z′ from the prior, (n,) nats."""
        drawn = prior_points(z, (len(z), z.shape[1]), generator)
        return log_loss(self.discriminator(drawn), real=True) + log_loss(self.discriminator(z), real=False)
