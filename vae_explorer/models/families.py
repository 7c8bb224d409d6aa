"""The table of model families: one line each. Knows no torch; a family's module is imported when a model of it is built."""

from __future__ import annotations

from vae_explorer.models.spec import Family, Parameter
from vae_explorer.registry import Registry

_HOME = "vae_explorer.models."

BETA = Parameter("beta", "β", 4.0, 0.0, 100.0, "Weight of the KL term. Sums over pixels and latents, so β = 1 is the ELBO.")
WARM_UP = Parameter("warm_up", "β warm-up", 0.0, 0.0, 1.0, "Over this share of the run β rises from 0.", "share of the run")
FEATURE_WEIGHT = Parameter("feature_weight", "w", 100.0, 0.0, 1e6, "Weight of the difference of features.", "nats")

_ELBO = "−E_q[log p(x|z)] + KL(q(z|x) ‖ p(z))"

FAMILIES: Registry[Family] = Registry("model family")
FAMILIES.register("vae", Family("Variational autoencoder", _HOME + "vae:Vae", "Kingma & Welling 2014", _ELBO))
FAMILIES.register(
    "beta-vae",
    Family(
        "β-VAE",
        _HOME + "beta_vae:BetaVae",
        "Higgins et al. 2017",
        "−E_q[log p(x|z)] + β · KL(q(z|x) ‖ p(z))",
        parameters=(BETA, WARM_UP),
    ),
)
FAMILIES.register(
    "aae",
    Family(
        "Adversarial autoencoder",
        _HOME + "aae:Aae",
        "Makhzani et al. 2016",
        "−log p(x|z); then a game: D minimises −log D(z′) − log(1 − D(z)), the encoder −log D(z), z′ ~ p(z)",
        terms=("reconstruction", "discriminator", "adversarial", "prior_mismatch"),
        parameters=(
            Parameter(
                "regularisation",
                "ρ",
                0.5,
                0.01,
                10.0,
                "Step of the game that shapes the codes; higher: nearer to the prior.",
                "times the learning rate",
            ),
        ),
        posterior="point",
    ),
)
FAMILIES.register(
    "dfc-vae",
    Family(
        "VAE in feature space",
        _HOME + "dfc_vae:DfcVae",
        "Hou et al. 2017",
        "KL(q(z|x) ‖ p(z)) + w · Σ_l ½‖φ_l(x) − φ_l(x̂)‖² / s_l − w_x · E_q[log p(x|z)], φ_l: layers of a classifier",
        terms=("feature", "reconstruction", "kl", "elbo"),
        parameters=(
            FEATURE_WEIGHT,
            Parameter("pixel_weight", "w_x", 0.1, 0.0, 100.0, "Weight of the reconstruction term in pixels; 0 in the paper."),
        ),
        note="The features are those of a small classifier that was trained on the same images just before.",
    ),
)
