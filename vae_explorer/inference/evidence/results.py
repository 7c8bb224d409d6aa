"""The exact evidence and the gaps of images, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent
from vae_explorer.errors import UserError

T = TypeVar("T")
Rows = NDArray[np.int64]

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


def gathered(parts: Sequence[tuple[Rows, T]]) -> T:
    """Join dataclasses of arrays, each for some rows, in the order of rows."""
    if not parts:
        raise UserError("there are no images; give at least one image")
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    kind: Any = type(parts[0][1])
    return kind(*(np.concatenate([getattr(part, field.name) for _, part in parts])[order] for field in fields(kind)))  # type: ignore[no-any-return]
