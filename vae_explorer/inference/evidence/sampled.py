"""Estimates log p(x) by importance sampling, for models of any number of latents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.climb import climbs, others_of
from vae_explorer.inference.evidence.joint import Joint, numpy_of
from vae_explorer.inference.evidence.results import Estimate, Estimates, Rows, gathered
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior

DRAWS = 500  # as in published figures
_LEAST_OF_PART = 2  # draws from each part of the mixture
_TOGETHER = 32  # images between two answers of `stream`
_BEYOND = 1.4  # std by which further parts of the mixture reach farther, so that weights in the tails stay small


class EvidenceSampler:
    """Estimates the evidence of images under one model. Threads must not share it."""

    def __init__(self, model: TrainedModel, draws: int = DRAWS, seed: int = 0) -> None:
        """Draw `draws` latent points from each proposal.

        Raises `UserError` if the family has no closed p(x|z), or no density for a posterior.
        """
        check_has_estimates(model)
        least = _LEAST_OF_PART * (2 * (others_of(model.card.family.posed) + 1) + 1)
        if draws < least:
            raise UserError(f"{draws} draws are too few for an estimate; choose at least {least}")
        self._model, self._draws = model, draws
        self._generator = torch.Generator().manual_seed(seed)

    def estimates(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Estimates:
        """Estimate the evidence of images (n, H, W, C) in [0, 1], with classes (n,) if conditional.

        Images are in the domain of the model. `seen` (H, W) is true for pixels that count. Raises `UserError` on other shapes and
        missing classes, `Cancelled` once `should_stop` is true.
        """
        return gathered(list(self.stream(images, label, seen, should_stop)))

    def stream(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Iterator[tuple[Rows, Estimates]]:
        """Yield (rows of `images`, their estimates) in order.

        Takes the arguments and raises the errors of `estimates`.
        """
        joint = Joint(self._model, images, label, seen, should_stop)
        for start in range(0, len(joint), _TOGETHER):
            rows = np.arange(start, min(start + _TOGETHER, len(joint)))
            yield rows, self._estimated(joint.of(torch.from_numpy(rows)))

    def _estimated(self, joint: Joint) -> Estimates:
        encoder = joint.encoded()
        found = climbs(self._model, joint, encoder, self._generator)
        with torch.inference_mode():
            best, (_, places, d) = found.at(0), found.mean.shape
            factors = (1.0, 1.0 + _BEYOND / math.sqrt(d))  # draws lie near √d std from the mean
            parts = [encoder, *(found.at(place, wider) for wider in factors for place in range(places))]
            of_encoder, of_best = self._drawn(joint, [encoder]), self._drawn(joint, [best])
            elbo, elbo_se = of_encoder.mean(of_encoder.log_weights)
            best_elbo, best_elbo_se = of_best.mean(of_best.log_weights)
            kl = encoder.kl_to_prior() if isinstance(encoder, GaussianPosterior) else of_encoder.mean(of_encoder.log_ratio)[0]
            return Estimates(
                encoder=of_encoder.estimate(),
                best=of_best.estimate(),
                mixture=self._drawn(joint, parts).estimate(),
                elbo=numpy_of(elbo),
                elbo_se=numpy_of(elbo_se),
                reconstruction=numpy_of(of_encoder.mean(of_encoder.fit)[0]),
                kl=numpy_of(kl),
                best_elbo=numpy_of(best_elbo),
                best_elbo_se=numpy_of(best_elbo_se),
                best_mean=numpy_of(best.mean),
                best_std=numpy_of(best.std),
                draws=self._draws,
            )

    def _drawn(self, joint: Joint, parts: Sequence[FamilyPosterior]) -> _Drawn:
        """Draw from a mixture of `parts`, an equal share from each, and weigh by the density of the mixture.

        Such weights are those of a deterministic mixture with the balance heuristic: Owen & Zhou 2000, section 4.
        """
        n, d = parts[0].mean.shape
        counts = [len(share) for share in torch.arange(self._draws).tensor_split(len(parts))]
        z = torch.cat([part.place(self._noise(count, n, d, joint.dtype))[0] for part, count in zip(parts, counts, strict=True)])
        rows, flat = torch.arange(n).repeat(self._draws), z.reshape(-1, d)
        densities = [
            part.select(rows).log_prob(flat).double() + math.log(count / self._draws)
            for part, count in zip(parts, counts, strict=True)
        ]
        log_q = torch.logsumexp(torch.stack(densities), dim=0).view(self._draws, n).T
        z = z.transpose(0, 1)
        return _Drawn(joint.log_likelihood_at(z), joint.log_prior(z), log_q, counts)

    def _noise(self, draws: int, n: int, d: int, dtype: torch.dtype) -> Tensor:
        return torch.randn(draws, n, d, generator=self._generator, dtype=dtype)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """k draws for each of n images, in the order of the proposal's parts. Each in nats, (n, k) in float64."""

    fit: Tensor  # log p(x|z), of a model with a pose log p(x|z, pose)
    prior: Tensor  # log p(z), or of z and pose
    log_q: Tensor  # of the proposal
    counts: list[int]  # draws from each part

    @property
    def log_ratio(self) -> Tensor:
        """log q(z) − log p(z)."""
        return self.log_q - self.prior

    @property
    def log_weights(self) -> Tensor:
        return self.fit - self.log_ratio

    def mean(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean of values (n, k) and its standard error over draws, (n,) each.

        The draws of each part vary around a mean of their own.
        """
        parts = torch.split(values, self.counts, dim=1)
        squares = torch.stack([part.var(dim=1) * part.shape[1] for part in parts]).sum(dim=0)
        return values.mean(dim=1), squares.sqrt() / values.shape[1]

    def estimate(self) -> Estimate:
        top = self.log_weights.max(dim=1, keepdim=True).values
        weights = (self.log_weights - top).exp()
        mean, error = self.mean(weights)
        effective = weights.sum(dim=1).square() / weights.square().sum(dim=1)
        return Estimate(numpy_of(top[:, 0] + mean.log()), numpy_of(error / mean), numpy_of(effective))


def check_has_estimates(model: TrainedModel) -> None:
    """Raise `UserError` with the reason if log p(x) of the model's family cannot be estimated."""
    why = model.card.family.why_no_evidence
    if why:
        raise UserError(f"there is no log p(x) of {model.card.name}: {why}; choose a model of one layer with a q(z|x)")
