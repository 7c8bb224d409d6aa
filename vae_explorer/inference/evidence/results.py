"""The evidence and the gaps of images, exact or estimated, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent
from vae_explorer.errors import UserError

T = TypeVar("T")
Rows = NDArray[np.int64]

FEW = 20.0  # effective samples; an estimate by fewer is too low
ACCURATE = 1e-3  # nats; a value that changes more under step halving is inexact


@dataclass(frozen=True, slots=True, eq=False)
class Evidence(ByContent):
    """log_evidence = elbo + posterior_kl of n images in nats, each term by its own quadrature."""

    log_evidence: NDArray[np.float64]  # (n,) log p(x), or log p(x|c) of a conditional model
    elbo: NDArray[np.float64]  # (n,)
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    posterior_kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z|x))
    step_halving_difference: NDArray[np.float64]  # (n,) the largest change of a term under step halving

    @property
    def residual(self) -> NDArray[np.float64]:
        """log p(x) − (ELBO + KL(q(z|x) ‖ p(z|x))), (n,): the disagreement of the three quadratures."""
        return self.log_evidence - self.elbo - self.posterior_kl

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether every term, and the identity of all terms, is exact to ACCURATE, (n,)."""
        return (self.step_halving_difference <= ACCURATE) & (np.abs(self.residual) <= ACCURATE)


@dataclass(frozen=True, slots=True, eq=False)
class Gaps(ByContent):
    """The parts of log p(x) − ELBO of n images, in nats.

    Source: Cremer, Li & Duvenaud 2018, section 3.
    """

    approximation: NDArray[np.float64]  # (n,) log p(x) − ELBO of the best diagonal Gaussian
    amortisation: NDArray[np.float64]  # (n,) ELBO of the best diagonal Gaussian − encoder's ELBO; below 0 if a flow beats it
    best_mean: NDArray[np.float64]  # (n, 2), of the best diagonal Gaussian
    best_std: NDArray[np.float64]  # (n, 2)
    step_halving_difference: NDArray[np.float64]  # (n,) change of the best Gaussian's ELBO under step halving

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether the ELBO of the best Gaussian is exact to ACCURATE, (n,)."""
        return self.step_halving_difference <= ACCURATE


@dataclass(frozen=True, slots=True, eq=False)
class Estimate(ByContent):
    """Estimates of log p(x) of n images by importance sampling from one proposal.

    The log of a mean lies below log p(x) on average. Source: Burda et al. 2016, section 3.
    """

    log_evidence: NDArray[np.float64]  # (n,) nats
    se: NDArray[np.float64]  # (n,) standard error of the draws in nats, by the delta method
    effective_samples: NDArray[np.float64]  # (n,) (Σ w)² / Σ w² of the weights w

    @property
    def few(self) -> NDArray[np.bool_]:
        """Whether there are fewer than FEW effective samples, so that the estimate is too low, (n,)."""
        return self.effective_samples < FEW


@dataclass(frozen=True, slots=True, eq=False)
class Estimates(ByContent):
    """Estimates of log p(x), or of log p(x|c), and of bounds of n images in nats, by `draws` draws each.

    The mixture holds the encoder's q(z|x), the best diagonal Gaussian and the Gaussians of other climbs.
    """

    encoder: Estimate  # by draws from q(z|x)
    best: Estimate  # by draws from the best diagonal Gaussian
    mixture: Estimate
    elbo: NDArray[np.float64]  # (n,)
    elbo_se: NDArray[np.float64]  # (n,) standard error of the draws
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    best_elbo: NDArray[np.float64]  # (n,) of the best diagonal Gaussian
    best_elbo_se: NDArray[np.float64]  # (n,)
    best_mean: NDArray[np.float64]  # (n, d)
    best_std: NDArray[np.float64]  # (n, d)
    draws: int

    @property
    def log_evidence(self) -> NDArray[np.float64]:
        """The estimate by the mixture, (n,)."""
        return self.mixture.log_evidence

    @property
    def posterior_kl(self) -> NDArray[np.float64]:
        """KL(q(z|x) ‖ p(z|x)) as the difference of two estimates, (n,)."""
        return self.log_evidence - self.elbo

    @property
    def approximation(self) -> NDArray[np.float64]:
        """The approximation gap of `Gaps`, (n,)."""
        return self.log_evidence - self.best_elbo

    @property
    def amortisation(self) -> NDArray[np.float64]:
        """The amortisation gap of `Gaps`, (n,)."""
        return self.best_elbo - self.elbo


def gathered(parts: Sequence[tuple[Rows, T]]) -> T:
    """Join dataclasses of arrays, each for some rows, in the order of rows. Other fields are those of the first part."""
    if not parts:
        raise UserError("there are no images; give at least one image")
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    return _joined([part for _, part in parts], order)


def _joined(parts: Sequence[T], order: Rows) -> T:
    first: Any = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)[order]  # type: ignore[arg-type, return-value]
    if not is_dataclass(first):
        return parts[0]
    kind: Any = type(first)
    return kind(*(_joined([getattr(part, field.name) for part in parts], order) for field in fields(first)))  # type: ignore[no-any-return]
