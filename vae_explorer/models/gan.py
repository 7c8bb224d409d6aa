"""The generative adversarial network."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.adversaries import (
    MOMENTUM,
    ImageDiscriminator,
    energy_distance,
    gradient_penalty,
    log_loss,
    prior_points,
    weights_of,
)
from vae_explorer.models.base import NO_SWITCHES, Batch, LatentModel, LossTerms, Phase
from vae_explorer.models.networks import build_halves
from vae_explorer.models.posterior import PointPosterior
from vae_explorer.models.search import CodeSearch
from vae_explorer.models.spec import ModelSpec


class Gan(LatentModel):
    """A generator of images from z ~ N(0, I) against a discriminator, without an encoder.

    Goodfellow et al. 2014, equation 1, means over the batch. The discriminator minimises −log D(x) − log(1 − D(G(z))). The
    generator G, the decoder, minimises −log D(G(z)), which does not saturate (section 3). Without the penalty γ_D/2 · ‖∂logit
    D/∂x‖² (Mescheder, Geiger & Nowozin 2018, equation 9) it soon draws a single digit.

    The code of an image is the z with the nearest image: Creswell & Bharath 2018, equation 1, squared error.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.decoder = build_halves(spec).decoder
        self.discriminator = ImageDiscriminator(spec)
        self._search: tuple[list[Tensor], CodeSearch] | None = None  # and the weights that it belongs to
        self._penalty = spec.parameters.get("gradient_penalty", 1.0)

    def encode(self, images: Tensor, label: Tensor | None = None) -> PointPosterior:
        with torch.no_grad():
            return PointPosterior(self._searched(images).nearest(images))

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        parameters: Tensor = self.decoder(z)
        return parameters

    def generate(self, z: Tensor) -> Tensor:
        """Return the images (n, D) in [0, 1] at z (n, 2)."""
        return self.likelihood.mean(self.decode(z))

    def phases(self) -> list[Phase]:
        return [
            Phase(weights_of(self.decoder), self.loss, momentum=MOMENTUM),
            Phase(weights_of(self.discriminator), self.discriminator_loss, momentum=MOMENTUM),
        ]

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Add `distance`: each image's share of the distance between the batch and drawn images."""
        drawn = self._drawn(batch, generator)
        seen = self.discriminator(drawn)
        return {
            "distance": energy_distance(batch.images, drawn),
            "reconstruction": self.likelihood.log_prob(batch.images, self.decode(self.encode(batch.images).mean)),
            "discriminator": log_loss(self.discriminator(batch.images), real=True) + log_loss(seen, real=False),
            "adversarial": log_loss(seen, real=True),
        }

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """Return the generator's loss.

        The shown loss is the distance of drawn images to the batch, which falls as they get better.
        """
        drawn = self._drawn(batch, generator)
        adversarial = log_loss(self.discriminator(drawn), real=True).mean()
        distance = energy_distance(batch.images, drawn).mean()
        return LossTerms(adversarial, {"distance": distance, "adversarial": adversarial}, distance)

    def discriminator_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        with torch.no_grad():
            drawn = self._drawn(batch, generator)
        real, unreal = self.discriminator(batch.images), self.discriminator(drawn)
        loss = (log_loss(real, real=True) + log_loss(unreal, real=False)).mean()
        penalty = gradient_penalty(self.discriminator, batch.images).mean() if self._penalty else 0.0
        return LossTerms(loss + self._penalty * penalty, {"discriminator": loss})

    def _searched(self, like: Tensor) -> CodeSearch:
        """Return the search over decoded images of the plane.

        It is made again after the weights have changed, which costs as much as decoding 4096 images.
        """
        weights = weights_of(self.decoder)
        if self._search is None or not all(
            map(_same, self._search[0], weights)
        ):  # fused Adam does not raise a tensor's version
            self._search = [weight.clone() for weight in weights], CodeSearch(self.generate, like)
        return self._search[1]

    def _drawn(self, batch: Batch, generator: torch.Generator | None) -> Tensor:
        return self.generate(prior_points(batch.images, (len(batch), self.spec.latent_dim), generator))


def _same(weight: Tensor, other: Tensor) -> bool:
    return (weight.device, weight.dtype) == (other.device, other.dtype) and torch.equal(weight, other)
