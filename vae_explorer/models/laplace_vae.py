"""The VAE whose encoder only guesses: its posterior is found by Newton's steps on the decoder."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vae_explorer.models.adversaries import weights_of
from vae_explorer.models.base import Batch, LossTerms, Phase
from vae_explorer.models.linear import short_products
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

DEFAULT_STEPS = 4
_SHORTER = 0.3  # the next step, where one led down


@dataclass(frozen=True, slots=True)
class _Slope:
    """log p(x, z) of n images around a z of each."""

    z: Tensor  # (n, 2)
    height: Tensor  # (n,): log p(x|z) + log p(z) in nats, but for what does not depend on z
    step: Tensor  # (n, 2): Newton's, to the top of the parabola
    precision: Tensor  # (n, 2): the diagonal of H

    def or_better(self, other: _Slope) -> tuple[_Slope, Tensor]:
        """For each image the higher of the two, and where that is `other`, (n,)."""
        better = other.height > self.height  # not where it is no number
        each = better[:, None]
        chosen = _Slope(
            torch.where(each, other.z, self.z),
            torch.where(better, other.height, self.height),
            torch.where(each, other.step, self.step),
            torch.where(each, other.precision, self.precision),
        )
        return chosen, better


class LaplaceVae(Vae):
    """A VAE with q(z|x) = N(z_T, diag(H)⁻¹), where T Newton steps lead from the encoder's mean z_0 up log p(x, z) to z_T.

    Park, Kim & Kim 2019, algorithm 1, with H of equation 13: the Gauss-Newton matrix Jᵀ A″ J + I of −log p(x, z), J the decoder's
    Jacobian in the likelihood's natural parameters and A″ their variances. The paper has all of H⁻¹ for q's covariance, here it is the
    diagonal Gaussian nearest to it in KL(q ‖ ·). A step that leads down is tried again shorter.

    Decoder and likelihood minimise −ELBO = −E_q[log p(x|z)] + KL(q(z|x) ‖ N(0, I)) at this q, the encoder −ELBO of its own guess
    N(z_0, std_0²), neither with a gradient through the steps: Krishnan, Liang & Hoffman 2018, section 3. Over the first share
    `steps_from` of the run the decoder learns at the guess too, as a VAE's does: that takes a quarter of the time, and keeps the plane
    such that a guess is near.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._steps = int(spec.parameters.get("steps", DEFAULT_STEPS))
        self._steps_from = spec.parameters.get("steps_from", 0.0)

    def guess(self, images: Tensor) -> GaussianPosterior:
        """What the encoder says of images (n, D) before any step."""
        return super().encode(images)

    @torch.no_grad()
    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        """q(z|x) of images (n, D), through which no gradients pass."""
        with short_products(False):  # the slopes are differences
            best = self._slope(images, self.guess(images).mean)
            length = torch.ones_like(best.height)
            for _ in range(self._steps):
                best, better = best.or_better(self._slope(images, best.z + length[:, None] * best.step))
                length = torch.where(better, torch.ones_like(length), _SHORTER * length)
        return GaussianPosterior(best.z, (-best.precision.log()).clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    def phases(self) -> list[Phase]:
        return [
            Phase(weights_of(self.decoder, self.likelihood), self.loss),
            Phase(weights_of(self.encoder, self.head), self.guess_loss),
        ]

    def figures(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        return super().figures(batch, generator, samples) | {"guess_elbo": self._guess_elbo(batch, generator)}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """The decoder's part."""
        with torch.no_grad():
            q = (self.guess if self.progress < self._steps_from else self.encode)(batch.images)
        reconstruction, kl = self.log_prob(batch, q.sample(generator)).mean(), q.kl_to_prior().mean()
        terms = {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}
        return LossTerms(self.objective(terms), terms)

    def guess_loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """The encoder's part."""
        elbo = self._guess_elbo(batch, generator).mean()
        return LossTerms(-elbo, {"guess_elbo": elbo})

    def _guess_elbo(self, batch: Batch, generator: torch.Generator | None) -> Tensor:
        guess = self.guess(batch.images)
        return self.log_prob(batch, guess.sample(generator)) - guess.kl_to_prior()

    def _slope(self, images: Tensor, z: Tensor) -> _Slope:
        """Height, gradient and Gauss-Newton matrix of log p(x, z) at z (n, 2), J by differences of the decoder."""
        offset = torch.finfo(z.dtype).eps ** 0.4
        sides = torch.eye(2, dtype=z.dtype, device=z.device) * offset
        decoded = self.decode(torch.cat([z, z + sides[0], z + sides[1]]))
        natural, mean = self.likelihood.coefficients(decoded), self.likelihood.mean(decoded)
        at, *beside = torch.split(natural, len(z))
        mean_at, *mean_beside = torch.split(mean, len(z))
        j, variance_j = [(each - at) / offset for each in beside], [(each - mean_at) / offset for each in mean_beside]
        rest = images - mean_at
        gradient = torch.stack([(rest * each).sum(dim=1) for each in j], dim=1) - z
        a, b, c = ((j[i] * variance_j[k]).sum(dim=1) + float(i == k) for i, k in ((0, 0), (0, 1), (1, 1)))
        first, second = gradient.unbind(dim=1)
        step = torch.stack([c * first - b * second, a * second - b * first], dim=1) / (a * c - b.square())[:, None]
        height = (images * at - self.likelihood.normaliser(at)).sum(dim=1) - 0.5 * z.square().sum(dim=1)
        return _Slope(z, height, step, torch.stack([a, c], dim=1))
