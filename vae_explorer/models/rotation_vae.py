"""The VAE with angle and shift of the object as latents of their own."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vae_explorer.models.autoencoder import Autoencoder
from vae_explorer.models.base import NO_SWITCHES, Batch, mean_of
from vae_explorer.models.posed import MAX_ANGLE_LOG_VARIANCE, PosedPosterior, kl_to_uniform
from vae_explorer.models.posterior import MIN_LOG_VARIANCE, GaussianPosterior, standard_normal_log_prob
from vae_explorer.models.spec import ModelSpec

DEFAULT_SHIFT = 0.2
_FIRST_LOG_VARIANCE = -4.0  # of the angle; at 0, draws of the angle blur the decoder into a disc, which no angle improves
_SHIFTS, _OF_ANGLE = 2, 3  # latents of the shift, and outputs of the encoder for the angle


class RotationVae(Autoencoder):
    """A VAE p(x|z, Δ, θ) p(z) p(Δ) p(θ) over coordinates: Bepler et al. 2019, the spatial VAE.

    z (n, d) is the content, on the map. Δ = σ_Δ · δ is the shift in half sides, δ ~ N(0, I). θ is the angle, uniform on the
    circle. q(z|x) and q(δ|x) are diagonal Gaussians, q(θ|x) is a wrapped normal (the paper has a Gaussian on the line). Its mean
    is the direction of two outputs, as one output would jump somewhere on the circle.

    Minimises −E_q[log p(x|z, Δ, θ)] + KL_z + KL_Δ + KL_θ. KL_θ is a quadrature on the circle. Points are (n, d), or whole
    points (n, d + 3): z, δ to the right and downwards, then θ in radians, counterclockwise as the image is seen.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, 2 * (spec.latent_dim + _SHIFTS) + _OF_ANGLE)
        with torch.no_grad():
            self.head.bias[-1] = _FIRST_LOG_VARIANCE
        self._shift = spec.parameters.get("shift", DEFAULT_SHIFT)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        """Return q(z|x), of the content alone."""
        found, d = self.encode_whole(images), self.spec.latent_dim
        return GaussianPosterior(found.mean[:, :d], found.log_variance[:, :d])

    def encode_whole(self, images: Tensor, label: Tensor | None = None) -> PosedPosterior:
        """Return q(z, δ, θ|x), (n, d + 3)."""
        outputs = self.head(self.encoder(images))
        across, up, angle_log_variance = outputs[:, -_OF_ANGLE:].unbind(dim=1)
        line = GaussianPosterior.of(outputs[:, :-_OF_ANGLE])
        angle = torch.atan2(up, across)
        narrow = angle_log_variance.clamp(MIN_LOG_VARIANCE, MAX_ANGLE_LOG_VARIANCE)
        return PosedPosterior(
            torch.cat([line.mean, angle[:, None]], dim=1), torch.cat([line.log_variance, narrow[:, None]], dim=1)
        )

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        """Return the parameters (n, D) at points (n, d) with pose 0, or at whole points (n, d + 3)."""
        d = self.spec.latent_dim
        moved = self._shift * z[:, d : d + _SHIFTS]
        return super().decode(torch.cat([z[:, :d], moved, z[:, d + _SHIFTS :]], dim=1))

    def reconstruct(self, images: Tensor, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the parameters (n, D) at codes z with the mean pose of q(δ, θ|x)."""
        pose = self.encode_whole(images).mean[:, self.spec.latent_dim :]
        return self.decode(torch.cat([z, pose], dim=1))

    def log_prior(self, points: Tensor) -> Tensor:
        """Return log p(z, δ, θ) in nats of whole points (n, d + 3), (n,)."""
        return standard_normal_log_prob(points[:, :-1]) - math.log(2 * math.pi)

    def with_pose(self, z: Tensor, pose: Tensor) -> Tensor:
        return torch.cat([z, pose[:, 1:] / self._shift, pose[:, :1]], dim=1)

    def poses(self, images: Tensor) -> GaussianPosterior:
        found, d = self.encode_whole(images), self.spec.latent_dim
        scale = torch.tensor([1.0, self._shift, self._shift]).to(found.mean)
        columns = [d + _SHIFTS, d, d + 1]
        return GaussianPosterior(found.mean[:, columns] * scale, found.log_variance[:, columns] + 2 * scale.log())

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        found, d = self.encode_whole(batch.images), self.spec.latent_dim
        reconstruction = mean_of([self.log_prob(batch, found.sample(generator)) for _ in range(samples)])
        parts = {
            "kl": GaussianPosterior(found.mean[:, :d], found.log_variance[:, :d]).kl_to_prior(),
            "kl_shift": GaussianPosterior(found.mean[:, d:-1], found.log_variance[:, d:-1]).kl_to_prior(),
            "kl_angle": kl_to_uniform(found.log_variance[:, -1]),
        }
        return {"elbo": reconstruction - sum(parts.values()), "reconstruction": reconstruction, **parts}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return self.warmth * (terms["kl"] + terms["kl_shift"] + terms["kl_angle"]) - terms["reconstruction"]
