"""Families whose encoder gives a density."""

from __future__ import annotations

from dataclasses import replace

from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.families.shared import FEATURE_WEIGHT, HOME, KL, RECONSTRUCTION
from vae_explorer.models.formula import FormulaTerm, Words
from vae_explorer.models.spec import PRODUCTS, Family, Parameter, Switch
from vae_explorer.registry import Registry

BETA = Parameter(
    "beta",
    "β",
    4.0,
    0.0,
    100.0,
    "Weight of the KL term. Sums over pixels and latents, so β = 1 is the ELBO.",
    word="KL weight",
    weighs="kl",
)
WARM_UP = Parameter(
    "warm_up",
    "KL warm-up",
    0.0,
    0.0,
    1.0,
    "The weight of the KL term rises from 0 over this share of the run.",
    "share of the run",
)
FREE_BITS = Parameter(
    "free_bits",
    "λ",
    4.0,
    0.0,
    20.0,
    "Below this value, a lower KL term of the upper layer gains nothing.",
    "nats an image",
    word="free bits",
)

_ELBO = (RECONSTRUCTION, KL)

VAES: Registry[Family] = Registry("model family")
VAES.register("vae", Family("Variational autoencoder", HOME + "vae:Vae", "Kingma & Welling 2014", _ELBO, parameters=(WARM_UP,)))
VAES.register(
    "beta-vae",
    Family(
        "β-VAE",
        HOME + "beta_vae:BetaVae",
        "Higgins et al. 2017",
        (RECONSTRUCTION, replace(KL, weight="β")),
        parameters=(BETA, WARM_UP),
    ),
)
VAES.register(
    "cvae",
    Family(
        "Conditional VAE",
        HOME + "cvae:Cvae",
        "Sohn et al. 2015",
        (FormulaTerm("E_q(z|x,c)[log p(x|z,c)]", "reconstruction", "−"), FormulaTerm("KL(q(z|x,c) ‖ p(z))", "kl")),
        terms=("conditional_elbo", "reconstruction", "kl"),
        parameters=(WARM_UP,),
        conditional=True,
        note="The plane holds differences within a class, such as slant and weight, so classes overlap. The ELBO bounds log p(x|c), "
        "which does not compare with log p(x) of other families.",
    ),
)
VAES.register(
    "iwae",
    Family(
        "Importance weighted autoencoder",
        HOME + "iwae:Iwae",
        "Burda et al. 2016",
        (FormulaTerm("E[log 1/K Σ_k p(x|z_k) p(z_k) / q(z_k|x)]", "iwae", "−"),),
        terms=("iwae", "elbo", "reconstruction", "kl"),
        parameters=(
            Parameter(
                "draws", "K", 5.0, 1.0, 100.0, "Draws of z in the bound; 1 is the ELBO.", "draws", whole=True, word="draws of z"
            ),
        ),
        note="The encoder's q(z|x) is a proposal for draws. It is wider than the VAE's q(z|x), as only the best draws count.",
    ),
)
VAES.register(
    "laplace-vae",
    Family(
        "Variational Laplace autoencoder",
        HOME + "laplace_vae:LaplaceVae",
        "Park et al. 2019",
        (
            Words("at first"),
            FormulaTerm("ELBO_0", "guess_elbo", "−"),
            Words(", of the encoder's guess; then the decoder"),
            RECONSTRUCTION,
            Words(","),
            FormulaTerm("q(z|x) = N(z_T, 1 / diag H)"),
            Words("after T Newton steps from the guess, and the encoder"),
            FormulaTerm("ELBO_0", "guess_elbo", "−"),
        ),
        terms=("elbo", "reconstruction", "kl", "guess_elbo"),
        parameters=(
            Parameter(
                "steps", "T", 4.0, 0.0, 20.0, "Newton steps from the encoder's guess.", "steps", whole=True, word="steps"
            ),
            Parameter(
                "steps_from",
                "steps set in",
                0.8,
                0.0,
                1.0,
                "Before this share of the run, decoder and curves use only the encoder's guess, as in a VAE.",
                "share of the run",
            ),
        ),
        likelihoods=PRODUCTS,  # the Gauss-Newton matrix needs natural parameters
        note="The encoder gives a first guess. Newton steps on the decoder find the code of each image, and the decoder's curvature "
        "there gives its std. Most images lose little to amortisation, a few lose much.",
        plane_only=True,
    ),
)
VAES.register(
    "info-vae",
    Family(
        "InfoVAE (MMD)",
        HOME + "info_vae:InfoVae",
        "Zhao et al. 2017",
        (
            RECONSTRUCTION,
            replace(KL, weight="(1 − α)"),
            FormulaTerm("MMD²(q(z), p(z))", "mmd", weight="(α + λ − 1)"),
        ),
        terms=("elbo", "reconstruction", "kl", "mmd"),
        parameters=(
            Parameter(
                "alpha",
                "α",
                0.5,
                0.0,
                1.0,
                "Share of the KL term that is left out; at 1 only the MMD remains.",
                word="KL left out",
            ),
            Parameter(
                "mmd_weight",
                "λ",
                100.0,
                1.0,
                100_000.0,
                "λ + α − 1 is the weight of the MMD² of a batch's codes.",
                word="MMD weight",
            ),
        ),
    ),
)
VAES.register(
    "iaf-vae",
    Family(
        "VAE with a flow",
        HOME + "iaf_vae:IafVae",
        "Kingma et al. 2016",
        (
            FormulaTerm("E_q[log p(x|z) + log p(z) − log q(z|x)]", "elbo", "−"),
            Words(","),
            FormulaTerm("q(z|x)"),
            Words("a Gaussian bent by T steps"),
            FormulaTerm("z ← σ · z + (1 − σ) · m"),
        ),
        parameters=(
            WARM_UP,
            Parameter(
                "steps",
                "T",
                4.0,
                1.0,
                16.0,
                "Steps of the flow; each step can bend the posterior.",
                "steps",
                whole=True,
                word="flow steps",
            ),
        ),
        posterior=PosteriorKind.FLOW,
        note="Posteriors are no ellipses: mean and std are the moments of a bent density.",
        plane_only=True,
    ),
)
VAES.register(
    "hierarchical-vae",
    Family(
        "Hierarchical VAE",
        HOME + "hierarchical_vae:HierarchicalVae",
        "Sønderby et al. 2016",
        (
            FormulaTerm("E_q[log p(x|u)]", "reconstruction", "−"),
            FormulaTerm("(max(mean KL(q(z|x) ‖ p(z)), λ) + E_q[KL(q(u|x,z) ‖ p(u|z))])", weight="w"),
            Words(", mean: over a batch, w rises to 1"),
        ),
        terms=("elbo", "reconstruction", "kl", "kl_lower"),
        parameters=(
            replace(
                WARM_UP,
                default=0.2,
            ),
            FREE_BITS,
        ),
        switches=(
            Switch(
                "lower_sampled",
                "Sample the lower layer",
                "Decode a sample of the lower layer, with the same noise for every z, in place of its mean.",
            ),
        ),
        integral="its lower layer",
        note="The map shows the upper of two layers. Its pictures use the mean of the lower layer, given z.",
    ),
)
VAES.register(
    "rotation-vae",
    Family(
        "VAE with angle and shift",
        HOME + "rotation_vae:RotationVae",
        "Bepler et al. 2019",
        (
            replace(RECONSTRUCTION, text="E_q[log p(x|z,Δ,θ)]"),
            KL,
            FormulaTerm("KL(q(Δ|x) ‖ N(0, σ_Δ²))", "kl_shift"),
            FormulaTerm("KL(q(θ|x) ‖ p(θ))", "kl_angle"),
            Words(", Δ: shift, θ: angle"),
        ),
        terms=("elbo", "reconstruction", "kl", "kl_shift", "kl_angle"),
        parameters=(
            WARM_UP,
            Parameter(
                "shift",
                "σ_Δ",
                0.2,
                0.01,
                1.0,
                "Standard deviation of p(Δ); small where objects lie in the middle.",
                "half sides of the image",
                word="shift std",
            ),
        ),
        bodies=("spatial",),
        integral="the pose",
        posed=True,
        note="The map shows the content alone: angle and shift of the object are latents of their own. Its pictures have angle and "
        "shift 0 until you turn or shift them.",
    ),
)
VAES.register(
    "recurrent-vae",
    Family(
        "Recurrent VAE",
        HOME + "recurrent_vae:RecurrentVae",
        "Bowman et al. 2016; Chung et al. 2015",
        (replace(RECONSTRUCTION, text="E_q[log Π_t p(x_t|z)]"), KL),
        bodies=("gru",),
        sequential=True,
    ),
)
VAES.register(
    "dfc-vae",
    Family(
        "VAE in feature space",
        HOME + "dfc_vae:DfcVae",
        "Hou et al. 2017",
        (
            KL,
            FormulaTerm("Σ_l ½‖φ_l(x) − φ_l(x̂)‖² / s_l", "feature", weight="w"),
            replace(RECONSTRUCTION, weight="w_x"),
            Words(", φ_l: layers of a classifier"),
        ),
        terms=("feature", "reconstruction", "kl", "elbo"),
        parameters=(
            FEATURE_WEIGHT,
            Parameter(
                "pixel_weight",
                "w_x",
                0.1,
                0.0,
                100.0,
                "Weight of the reconstruction term in pixels; 0 in the paper.",
                word="pixel weight",
                weighs="reconstruction",
            ),
        ),
        note="The features come from a small classifier, which learns from the training images before the run.",
    ),
)
