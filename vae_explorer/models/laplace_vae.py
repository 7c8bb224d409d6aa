"""The VAE whose posterior comes from Newton steps on the decoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_explorer.models.base import Batch, LossTerms, mean_of
from vae_explorer.models.linear import short_products
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

DEFAULT_STEPS = 4
_SHORTER = 0.3  # factor of the next step after one that led down
ENOUGH = 0.01  # nats; the least gain for which a step is taken


@dataclass(frozen=True, slots=True)
class _Slope:
    """log p(x, z) of n images around a z of each."""

    z: Tensor  # (n, 2)
    height: Tensor  # (n,): log p(x|z) + log p(z) in nats, up to a constant
    step: Tensor  # (n, 2): Newton's, to the top of the parabola
    gain: Tensor  # (n,): nats gained by the step
    precision: Tensor  # (n, 2): the diagonal of H

    def put(self, rows: Tensor, other: _Slope) -> None:
        """Take rows (m,) from `other`, in its order."""
        for name in ("z", "height", "step", "gain", "precision"):
            getattr(self, name)[rows] = getattr(other, name)

    def where(self, chosen: Tensor) -> _Slope:
        return _Slope(self.z[chosen], self.height[chosen], self.step[chosen], self.gain[chosen], self.precision[chosen])


@contextmanager
def _whole_numbers() -> Iterator[None]:
    """Compute products in full precision; the slopes are differences of nearly equal numbers."""
    cudnn = torch.backends.cudnn
    same = {"enabled": cudnn.enabled, "benchmark": cudnn.benchmark, "deterministic": cudnn.deterministic}
    with short_products(False), cudnn.flags(**same, allow_tf32=False):
        yield


@contextmanager
def _fixed(*modules: nn.Module) -> Iterator[None]:
    """Compute without gradients for the weights of `modules`."""
    weights = [weight for module in modules for weight in module.parameters() if weight.requires_grad]
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)


class LaplaceVae(Vae):
    """A VAE with q(z|x) = N(z_T, diag(H)⁻¹), z_T after T Newton steps from the encoder's mean z_0.

    Park, Kim & Kim 2019, algorithm 1. H is the Gauss-Newton matrix Jᵀ A″ J + I of −log p(x, z) (equation 13), J the decoder's
    Jacobian in the natural parameters and A″ the pixels' variances. The paper uses the full H⁻¹; here q is the nearest
    diagonal Gaussian in KL(q ‖ ·). A step that leads down is shortened. A step that promises less than ENOUGH is left out.

    Decoder and likelihood minimise −ELBO at this q, the encoder −ELBO of its guess N(z_0, std_0²), both without gradients
    through the steps: Krishnan, Liang & Hoffman 2018, section 3. Over the first share `steps_from` of the run the decoder
    learns at the guess, in a third of the time.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.steps = int(spec.parameters.get("steps", DEFAULT_STEPS))
        self._steps_from = spec.parameters.get("steps_from", 0.0)

    def guess(self, images: Tensor) -> GaussianPosterior:
        """Return the encoder's guess for images (n, D), before any step."""
        return super().encode(images)

    @torch.no_grad()
    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior:
        """Return q(z|x) of images (n, D), without gradients."""
        with _whole_numbers():
            best = self._slope(images, self.guess(images).mean.clone())
            length = torch.ones_like(best.height)
            for _ in range(self.steps):
                rows = torch.nonzero(length * (2 - length) * best.gain > ENOUGH).flatten()  # of a parabola
                if not len(rows):
                    break
                tried = self._slope(images[rows], best.z[rows] + length[rows, None] * best.step[rows])
                better = tried.height > best.height[rows]  # False for NaN
                best.put(rows[better], tried.where(better))
                length[rows] = torch.where(better, 1.0, _SHORTER * length[rows])
        return GaussianPosterior(best.z, (-best.precision.log()).clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        found = super().image_terms(batch, generator, samples)
        guess = self.guess(batch.images)
        return found | {"guess_elbo": mean_of([self._elbo_at(guess, batch, generator) for _ in range(samples)])}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        guess = self.guess(batch.images)
        if self.progress < self._steps_from:
            terms = {"reconstruction": self.log_prob(batch, guess.sample(generator)).mean(), "kl": guess.kl_to_prior().mean()}
            total = super().objective(terms)
            return LossTerms(total, terms | {"elbo": -total, "guess_elbo": -total})
        terms = {name: values.mean() for name, values in super().image_terms(batch, generator).items()}
        with _fixed(self.decoder, self.likelihood):
            terms["guess_elbo"] = self._elbo_at(guess, batch, generator).mean()
        return LossTerms(self.objective(terms), terms, -terms["elbo"])

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the sum of the decoder's and the encoder's part."""
        return super().objective(terms) - terms["guess_elbo"]

    def _elbo_at(self, q: GaussianPosterior, batch: Batch, generator: torch.Generator | None) -> Tensor:
        """Return the ELBO of each image by one draw of its q, (n,)."""
        return self.log_prob(batch, q.sample(generator)) - q.kl_to_prior()

    def _slope(self, images: Tensor, z: Tensor) -> _Slope:
        """Return height, gradient and Gauss-Newton matrix of log p(x, z) at z (n, 2), J by differences."""
        offset = torch.finfo(z.dtype).eps ** 0.4
        sides = torch.eye(2, dtype=z.dtype, device=z.device) * offset
        decoded = self.decode(torch.cat([z, z + sides[0], z + sides[1]]))
        natural, mean = self.likelihood.coefficients(decoded), self.likelihood.mean(decoded)
        at, *beside = natural.chunk(3)
        mean_at, *mean_beside = mean.chunk(3)
        j, variance_j = [(each - at) / offset for each in beside], [(each - mean_at) / offset for each in mean_beside]
        rest = images - mean_at
        gradient = torch.stack([(rest * each).sum(dim=1) for each in j], dim=1) - z
        a, b, c = ((j[i] * variance_j[k]).sum(dim=1) + float(i == k) for i, k in ((0, 0), (0, 1), (1, 1)))
        first, second = gradient.unbind(dim=1)
        step = torch.stack([c * first - b * second, a * second - b * first], dim=1) / (a * c - b.square())[:, None]
        height = self.likelihood.log_prob(images, decoded[: len(z)]) - 0.5 * z.square().sum(dim=1)
        return _Slope(z, height, step, 0.5 * (step * gradient).sum(dim=1), torch.stack([a, c], dim=1))
