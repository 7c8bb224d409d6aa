"""The InfoVAE with the maximum mean discrepancy."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.base import Batch, mean_of
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

_WIDTHS = (0.5, 1.0, 2.0, 4.0)  # ℓ of the kernels: from a cluster of codes to more than the prior


class InfoVae(Vae):
    """A VAE with the MMD² between q(z), the codes of a batch by one draw each, and p(z) = N(0, I).

    Zhao, Song & Ermon 2017. Minimises −E_q[log p(x|z)] + (1 − α) · KL(q(z|x) ‖ p(z)) + (α + λ − 1) · MMD²(q(z), p(z)). The
    first two terms are sums over pixels and latents and means over the batch. α = 0, λ = 1 is the ELBO; α = 1 drops the KL
    term.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._alpha, self._lambda = spec.parameters.get("alpha", 0.0), spec.parameters.get("mmd_weight", 1.0)

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        posterior = self.encode(batch.images, batch.label)
        draws = [posterior.sample(generator) for _ in range(samples)]
        reconstruction = mean_of([self.log_prob(batch, z) for z in draws])
        discrepancy = mean_of([mmd_shares(z) for z in draws])
        kl = posterior.kl_to_prior()
        return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl, "mmd": discrepancy}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        mmd = (self._alpha + self._lambda - 1) * terms["mmd"]
        return (1 - self._alpha) * terms["kl"] + mmd - terms["reconstruction"]


def mmd_shares(z: Tensor) -> Tensor:
    """Return each point's share (n,) of the unbiased MMD² between points (n, d) and N(0, I).

    MMD² = E k(z, z') − 2 E k(z, y) + E k(y, y'): Gretton et al. 2012, equation 3 with lemma 6. k(a, b) is the mean of exp(−‖a
    − b‖² / 2ℓ²) over `_WIDTHS`. Expectations over y ~ N(0, I) are exact. The estimate can be below 0, and is 0 for one point.
    """
    n, d = z.shape
    if n < 2:
        return 0 * z.sum(dim=1)
    squares = (z[:, None] - z[None]).square().sum(dim=2)
    norms = z.square().sum(dim=1)
    shares = torch.zeros_like(norms)
    for width in _WIDTHS:
        s = width**2
        others = (torch.exp(-squares / (2 * s)).sum(dim=1) - 1) / (n - 1)
        to_prior = (s / (s + 1)) ** (d / 2) * torch.exp(-norms / (2 * (s + 1)))
        shares = shares + others - 2 * to_prior + (s / (s + 2)) ** (d / 2)
    return shares / len(_WIDTHS)
