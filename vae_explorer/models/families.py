"""The table of model families: one line each. Knows no torch; a family's module is imported when a model of it is built."""

from __future__ import annotations

from dataclasses import replace

from vae_explorer.models.spec import Family, Parameter, Switch
from vae_explorer.registry import Registry

_HOME = "vae_explorer.models."

BETA = Parameter("beta", "β", 4.0, 0.0, 100.0, "Weight of the KL term. Sums over pixels and latents, so β = 1 is the ELBO.")
WARM_UP = Parameter("warm_up", "β warm-up", 0.0, 0.0, 1.0, "Over this share of the run β rises from 0.", "share of the run")
FREE_BITS = Parameter("free_bits", "λ", 4.0, 0.0, 20.0, "Below this, less KL of the upper layer is no gain.", "nats an image")

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
    "cvae",
    Family(
        "Conditional VAE",
        _HOME + "cvae:Cvae",
        "Sohn et al. 2015",
        "−E_q(z|x,c)[log p(x|z,c)] + KL(q(z|x,c) ‖ p(z))",
        terms=("conditional_elbo", "reconstruction", "kl"),
        conditional=True,
        note="The plane holds what the class leaves open, such as slant and weight: classes lie on top of each other. Its ELBO bounds "
        "log p(x|c), which does not compare with log p(x) of the others.",
    ),
)
FAMILIES.register(
    "iaf-vae",
    Family(
        "VAE with a flow",
        _HOME + "iaf_vae:IafVae",
        "Kingma et al. 2016",
        "−E_q[log p(x|z) + log p(z) − log q(z|x)], q(z|x) a Gaussian bent by T steps z ← σ · z + (1 − σ) · m",
        parameters=(
            Parameter("steps", "T", 4.0, 1.0, 16.0, "Steps of the flow; each can bend the posterior once more.", "steps"),
        ),
        posterior="flow",
        note="Posteriors are no ellipses: mean and std are the moments of a density that bends.",
    ),
)
FAMILIES.register(
    "hierarchical-vae",
    Family(
        "Hierarchical VAE",
        _HOME + "hierarchical_vae:HierarchicalVae",
        "Sønderby et al. 2016",
        "−E_q[log p(x|u)] + KL(q(z|x) ‖ p(z)) + E_q[KL(q(u|x,z) ‖ p(u|z))]",
        terms=("elbo", "reconstruction", "kl", "kl_lower"),
        parameters=(
            replace(
                WARM_UP,
                symbol="warm-up",
                default=0.2,
                help="Over this share of the run the weight of both KL terms rises from 0.",
            ),
            FREE_BITS,
        ),
        switches=(
            Switch(
                "lower_sampled",
                "Sample the lower layer",
                "Decode one sample of the lower layer, with the same noise everywhere, in place of its mean.",
            ),
        ),
        note="The map is the upper of two layers. A picture needs the lower one too: the map shows it at its mean, given z.",
    ),
)
FAMILIES.register(
    "recurrent-vae",
    Family(
        "Recurrent VAE",
        _HOME + "recurrent_vae:RecurrentVae",
        "Bowman et al. 2016; Chung et al. 2015",
        _ELBO.replace("p(x|z)", "Π_t p(x_t|z)"),
        bodies=("gru",),
        sequential=True,
    ),
)
