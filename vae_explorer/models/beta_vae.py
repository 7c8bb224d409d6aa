"""The β-VAE."""

from __future__ import annotations

from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae


class BetaVae(Vae):
    """A VAE that minimises −E_q[log p(x|z)] + β · KL(q(z|x) ‖ N(0, I)).

    Higgins et al. 2017, equation 4. With a warm-up, β rises linearly from 0 over that share of the run.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._beta = spec.parameters.get("beta", 1.0)

    @property
    def kl_weight(self) -> float:
        return self._beta * super().kl_weight
