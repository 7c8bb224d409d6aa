"""The VAE with an inverse autoregressive flow as its posterior."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vae_explorer.models.base import Batch, mean_of
from vae_explorer.models.flow import CONTEXT, FlowPosterior, FlowStep
from vae_explorer.models.posterior import GaussianPosterior, standard_normal_log_prob
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import VariationalModel

DEFAULT_STEPS = 4


class IafVae(VariationalModel):
    """A VAE whose posterior is a Gaussian bent by T flow steps: Kingma et al. 2016, algorithm 1.

    The encoder gives mean and log-variance (n, 2) of z_0 and a context h (n, CONTEXT). The order of the coordinates turns
    round from step to step. Minimises −ELBO = −E_q[log p(x|z_T) + log p(z_T) − log q(z_T|x)], log q(z_T|x) = log N(z_0; mean,
    std²) − Σ_t Σ log σ_t (equation 11). The KL term is the mean of log q(z_T|x) − log p(z_T) over the draws of the
    reconstruction term; a single draw may be below 0.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, 2 * spec.latent_dim + CONTEXT)
        steps = int(spec.parameters.get("steps", DEFAULT_STEPS))
        self.steps = nn.ModuleList(FlowStep(step % 2) for step in range(steps))

    def encode(self, images: Tensor, label: Tensor | None = None) -> FlowPosterior:
        """Return q(z_T|x); its moments are computed on first use, never in training."""
        base, context = self.head(self.encoder(images)).split([2 * self.spec.latent_dim, CONTEXT], dim=1)
        return FlowPosterior(GaussianPosterior.of(base), context, [step for step in self.steps if isinstance(step, FlowStep)])

    def elbo_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> tuple[Tensor, Tensor]:
        posterior = self.encode(batch.images)
        reconstruction, kl = [], []
        for _ in range(samples):
            z, log_q = posterior.sample_with_log_prob(generator)
            reconstruction.append(self.log_prob(batch, z))
            kl.append(log_q - standard_normal_log_prob(z))
        return mean_of(reconstruction), mean_of(kl)
