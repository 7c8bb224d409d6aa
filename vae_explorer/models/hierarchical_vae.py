"""The VAE with two stochastic layers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from vae_explorer.models.base import NO_SWITCHES, Batch, LatentModel, LossTerms, mean_of
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves, dense
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.spec import ModelSpec

LOWER_DIM = 8
LOWER_SAMPLED = "lower_sampled"
_WIDTH = 128  # of the hidden layers between the stochastic ones


class HierarchicalVae(LatentModel):
    """A ladder VAE p(x, u, z) = p(x|u) p(u|z) p(z), u (n, LOWER_DIM) below the plane z (n, d).

    Sønderby et al. 2016. Bottom-up, a network gives μ̂, σ̂² of u from the image (equations 13 to 15), and q(z|x). Top-down,
    q(u|x,z) joins them with p(u|z) = N(μ_p, σ_p²): σ² = 1 / (σ̂⁻² + σ_p⁻²), μ = σ² · (μ̂ σ̂⁻² + μ_p σ_p⁻²) (equations 16 to
    18).

    Minimises −E_q[log p(x|u)] + w · (max(KL_z, λ) + E_q[KL(q(u|x,z) ‖ p(u|z))]). KL_z is the batch's mean of KL(q(z|x) ‖
    p(z)). w rises from 0 to 1 during the warm-up (section 2.3). λ are free bits in nats, which keep the top layer in use
    (Kingma et al. 2016, appendix C.8). The term `elbo` has w = 1, λ = 0.

    The map decodes u = μ_p(z), or with `lower_sampled` μ_p + σ_p · ε with one fixed ε. This is not log p(x|z), an integral
    over u. A reconstruction decodes the mean of q(u|x,z).
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        halves = build_halves(replace(spec, latent_dim=LOWER_DIM))
        self.encoder, self.decoder = halves.encoder, halves.decoder
        self.lower_head = Linear(halves.features, 2 * LOWER_DIM)
        self.upper = nn.Sequential(*dense((halves.features, _WIDTH), spec), Linear(_WIDTH, 2 * spec.latent_dim))
        self.lower_prior = nn.Sequential(*dense((spec.latent_dim, _WIDTH, _WIDTH), spec), Linear(_WIDTH, 2 * LOWER_DIM))
        self._free_bits = spec.parameters.get("free_bits", 0.0)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        return GaussianPosterior.of(self.upper(self.encoder(images)))

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        """Return the parameters of p(x|u) at the mean of p(u|z), or at its sample with the fixed ε."""
        lower = self.lower_given(z)
        u = lower.mean + lower.std * fixed_noise().to(z) if LOWER_SAMPLED in switches else lower.mean
        parameters: Tensor = self.decoder(u)
        return parameters

    def reconstruct(self, images: Tensor, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the parameters of p(x|u) at the mean of q(u|x,z)."""
        seen = GaussianPosterior.of(self.lower_head(self.encoder(images)))
        parameters: Tensor = self.decoder(join(seen, self.lower_given(z)).mean)
        return parameters

    def lower_given(self, z: Tensor) -> GaussianPosterior:
        return GaussianPosterior.of(self.lower_prior(z))

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        features = self.encoder(batch.images)
        upper, seen = GaussianPosterior.of(self.upper(features)), GaussianPosterior.of(self.lower_head(features))
        draws = [self._downwards(batch, upper.sample(generator), seen, generator) for _ in range(samples)]
        reconstruction, kl_lower = (mean_of(list(part)) for part in zip(*draws, strict=True))
        kl = upper.kl_to_prior()
        return {"elbo": reconstruction - kl - kl_lower, "reconstruction": reconstruction, "kl": kl, "kl_lower": kl_lower}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        terms = {name: values.mean() for name, values in self.image_terms(batch, generator).items()}
        cost = terms["kl"].clamp(min=self._free_bits) + terms["kl_lower"]
        return LossTerms(self.warmth * cost - terms["reconstruction"], terms)

    def weights(self) -> dict[str, float]:
        """The weights of −ELBO; below the free bits, the KL term of the upper layer has weight 0."""
        return {"reconstruction": -1.0, "kl": 1.0, "kl_lower": 1.0}

    def _downwards(
        self, batch: Batch, z: Tensor, seen: GaussianPosterior, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Return log p(x|u) at a u of q(u|x,z), and KL(q(u|x,z) ‖ p(u|z)), each (n,) nats."""
        prior = self.lower_given(z)
        joined = join(seen, prior)
        log_likelihood = self.likelihood.log_prob(batch.images, self.decoder(joined.sample(generator)))
        return log_likelihood, divergence(joined, prior)


def join(one: GaussianPosterior, other: GaussianPosterior) -> GaussianPosterior:
    """Return the Gaussian with the product of two densities, up to scale."""
    log_precision = torch.logaddexp(-one.log_variance, -other.log_variance)
    share = torch.sigmoid(other.log_variance - one.log_variance)  # the share of `one` in the precision
    return GaussianPosterior(share * one.mean + (1 - share) * other.mean, -log_precision)


def divergence(one: GaussianPosterior, other: GaussianPosterior) -> Tensor:
    """Return KL(one ‖ other) in nats, summed over coordinates, (n,)."""
    ratio = one.log_variance - other.log_variance
    squares = (one.mean - other.mean).square() * torch.exp(-other.log_variance)
    return 0.5 * (ratio.exp() + squares - 1.0 - ratio).sum(dim=1)


@lru_cache(maxsize=1)
def fixed_noise() -> Tensor:
    """Return the fixed ε of the lower layer, (LOWER_DIM,), equal for every z and model."""
    with torch.inference_mode(False):
        return torch.randn(LOWER_DIM, generator=torch.Generator("cpu").manual_seed(0), device="cpu")
