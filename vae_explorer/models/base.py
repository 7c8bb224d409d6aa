"""The contract of every model family, and `build_model`. Runs on whichever thread calls it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS, Likelihood
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import resolve

MIN_LOG_VARIANCE, MAX_LOG_VARIANCE = -12.0, 4.0


@dataclass(frozen=True, slots=True)
class Posterior:
    """A diagonal Gaussian q(z|x) for each image."""

    mean: Tensor  # (n, 2)
    log_variance: Tensor  # (n, 2), within [MIN_LOG_VARIANCE, MAX_LOG_VARIANCE]

    @property
    def std(self) -> Tensor:
        return torch.exp(0.5 * self.log_variance)

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """z = mean + std · ε with ε ~ N(0, I): Kingma & Welling 2014, section 2.4. (n, 2)."""
        noise = torch.empty_like(self.mean).normal_(generator=generator)
        return self.mean + self.std * noise

    def kl_to_prior(self) -> Tensor:
        """KL(q(z|x) ‖ N(0, I)) in nats, summed over latents: Kingma & Welling 2014, appendix B. (n,)."""
        return 0.5 * (self.mean.square() + self.log_variance.exp() - 1.0 - self.log_variance).sum(dim=1)


@dataclass(frozen=True, slots=True)
class LossTerms:
    """What a training step minimises (`total`) and the named terms it is made of, in nats, means over the batch."""

    total: Tensor  # ()
    terms: dict[str, Tensor]  # each ()


class LatentModel(nn.Module, ABC):
    """An encoder to the plane and a decoder back.

    Images are (n, D) float32 in [0, 1], D = H · W. Losses are sums over pixels and latents and means over the batch.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.likelihood: Likelihood = LIKELIHOODS[spec.likelihood]

    @abstractmethod
    def encode(self, images: Tensor) -> Posterior:
        """q(z|x) of images (n, D)."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """The likelihood's parameters (n, D), such as logits, at latent points (n, 2)."""

    @abstractmethod
    def loss(self, images: Tensor, generator: torch.Generator | None = None) -> LossTerms:
        """The family's objective on a batch (n, D)."""

    def elbo_terms(self, images: Tensor, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        """Reconstruction term E_q[log p(x|z)] by the mean of `samples` draws, and KL term, each (n,) nats.

        Their difference estimates the ELBO without bias.
        """
        posterior = self.encode(images)
        draws = [self.likelihood.log_prob(images, self.decode(posterior.sample(generator))) for _ in range(samples)]
        return (draws[0] if samples == 1 else torch.stack(draws).mean(dim=0)), posterior.kl_to_prior()


def build_model(spec: ModelSpec) -> LatentModel:
    """A fresh model, weights drawn from torch's global generator. Raises `UserError` on an unknown family, body or likelihood."""
    model: LatentModel = resolve(FAMILIES[spec.family].target)(spec)
    return model


def build_blank(spec: ModelSpec) -> LatentModel:
    """The same without weights, for a state dict that is to be assigned: drawing weights takes longer than reading them."""
    make = resolve(FAMILIES[spec.family].target)
    with torch.device("meta"):
        model: LatentModel = make(spec)
    return model
