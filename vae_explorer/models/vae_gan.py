"""The VAE whose decoder is the generator of a GAN."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.adversaries import (
    MOMENTUM,
    ImageDiscriminator,
    gradient_penalty,
    log_loss,
    prior_points,
    weights_of,
)
from vae_explorer.models.base import Batch, LossTerms, Phase
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

_FOLLOWING = 0.1  # share of the newest batch
_LEAST_SCALE = 1e-6


class VaeGan(Vae):
    """A VAE that compares images in a hidden layer D_l of a discriminator, which learns beside it.

    Larsen et al. 2016, algorithm 1, means over the batch. L_feature = ½ ‖D_l(x) − D_l(x̃)‖² / s (section 2.3) is a sum over
    units, s the layer's variance over the data, x_p an image from the prior.

    - The encoder minimises KL(q(z|x) ‖ N(0, I)) + w · L_feature,
    - the decoder γ · w · L_feature − ½ log D(x̃) − ½ log D(x_p),
    - the discriminator −log D(x) − ½ log(1 − D(x̃)) − ½ log(1 − D(x_p)) + γ_D/2 · ‖∂logit D/∂x‖².

    The halves balance real and made images. s keeps L_feature steady while the layer grows. The paper has w = s = 1, the
    decoder's saturating form, and no gradient penalty.
    """

    scale: Tensor  # (): s, a mean over the last batches

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.discriminator = ImageDiscriminator(spec)
        self.register_buffer("scale", torch.ones(()))
        self._weight = spec.parameters.get("feature_weight", 100.0)
        self._gamma = spec.parameters.get("gamma", 0.02)
        self._penalty = spec.parameters.get("gradient_penalty", 1.0)

    def weights(self) -> dict[str, float]:
        return {}

    def phases(self) -> list[Phase]:
        return [
            Phase(weights_of(self.encoder, self.head), self.loss),
            Phase(weights_of(self.decoder), self.decoder_loss, momentum=MOMENTUM),
            Phase(weights_of(self.discriminator), self.discriminator_loss, momentum=MOMENTUM),
        ]

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        reconstruction, kl = self.elbo_terms(batch, generator, samples)
        rebuilt, drawn = self._rebuilt(batch, generator), self._drawn(batch, generator)
        return {
            "reconstruction": reconstruction,
            "feature": self._feature(batch.images, rebuilt),
            "kl": kl,
            "elbo": reconstruction - kl,
            "discriminator": self._log_losses(batch.images, rebuilt, drawn),
            "adversarial": self._fooling(rebuilt, drawn),
        }

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """Return the encoder's loss.

        The shown loss is the reconstruction error in pixels, as the discriminator's layer keeps changing.
        """
        posterior = self.encode(batch.images)
        parameters = self.decode(posterior.sample(generator))
        reconstruction = self.likelihood.log_prob(batch.images, parameters).mean()
        feature = self._feature(batch.images, self.likelihood.mean(parameters)).mean()
        kl = posterior.kl_to_prior().mean()
        terms = {"reconstruction": reconstruction, "feature": feature, "kl": kl, "elbo": reconstruction - kl}
        return LossTerms(kl + self._weight * feature, terms, -reconstruction)

    def decoder_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        rebuilt = self._rebuilt(batch, generator)
        adversarial = self._fooling(rebuilt, self._drawn(batch, generator)).mean()
        feature = self._feature(batch.images, rebuilt).mean()
        return LossTerms(self._gamma * self._weight * feature + adversarial, {"adversarial": adversarial})

    def discriminator_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        with torch.no_grad():
            rebuilt, drawn = self._rebuilt(batch, generator), self._drawn(batch, generator)
        loss = self._log_losses(batch.images, rebuilt, drawn).mean()
        self._follow(self.discriminator.features(batch.images))
        penalty = gradient_penalty(self.discriminator, batch.images).mean() if self._penalty else 0.0
        return LossTerms(loss + self._penalty * penalty, {"discriminator": loss})

    def _rebuilt(self, batch: Batch, generator: torch.Generator | None) -> Tensor:
        """Return x̃ of each image at a draw of z without gradients, (n, D)."""
        with torch.no_grad():
            z = self.encode(batch.images).sample(generator)
        return self.likelihood.mean(self.decode(z))

    def _drawn(self, batch: Batch, generator: torch.Generator | None) -> Tensor:
        return self.likelihood.mean(self.decode(prior_points(batch.images, (len(batch), self.spec.latent_dim), generator)))

    def _feature(self, images: Tensor, rebuilt: Tensor) -> Tensor:
        difference = self.discriminator.features(images) - self.discriminator.features(rebuilt)
        return 0.5 * difference.square().sum(dim=1) / self.scale.clamp_min(_LEAST_SCALE)

    @torch.no_grad()
    def _follow(self, features: Tensor) -> None:
        """Move s towards the mean of ½ ‖D_l(x) − mean D_l‖², if that is finite."""
        if len(features) > 1:
            spread = 0.5 * features.var(dim=0).sum()
            self.scale.lerp_(torch.where(spread.isfinite(), spread, self.scale), _FOLLOWING)

    def _fooling(self, rebuilt: Tensor, drawn: Tensor) -> Tensor:
        return 0.5 * (log_loss(self.discriminator(rebuilt), real=True) + log_loss(self.discriminator(drawn), real=True))

    def _log_losses(self, images: Tensor, rebuilt: Tensor, drawn: Tensor) -> Tensor:
        made = log_loss(self.discriminator(rebuilt), real=False) + log_loss(self.discriminator(drawn), real=False)
        return log_loss(self.discriminator(images), real=True) + 0.5 * made
