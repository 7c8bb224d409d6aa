"""The table of model families: one line each. Knows no torch; a family's module is imported when a model of it is built."""

from __future__ import annotations

from vae_explorer.models.spec import Family, Parameter
from vae_explorer.registry import Registry

BETA = Parameter("beta", "β", 1.0, 0.0, 100.0, "Weight of the KL term. Sums over pixels and latents, so β = 1 is the ELBO.")

FAMILIES: Registry[Family] = Registry("model family")
FAMILIES.register(
    "vae", Family("Variational autoencoder", "vae_explorer.models.vae:Vae", (BETA,), help="Kingma & Welling 2014")
)
