"""The table of model families: one line each. Knows no torch; a family's module is imported when a model of it is built."""

from __future__ import annotations

from dataclasses import replace

from vae_explorer.models.spec import Family, Parameter, Switch
from vae_explorer.registry import Registry

_HOME = "vae_explorer.models."

BETA = Parameter("beta", "β", 4.0, 0.0, 100.0, "Weight of the KL term. Sums over pixels and latents, so β = 1 is the ELBO.")
WARM_UP = Parameter(
    "warm_up",
    "KL warm-up",
    0.0,
    0.0,
    1.0,
    "Over this share of the run the weight of the KL term rises from 0.",
    "share of the run",
)


FREE_BITS = Parameter("free_bits", "λ", 4.0, 0.0, 20.0, "Below this, less KL of the upper layer is no gain.", "nats an image")
FEATURE_WEIGHT = Parameter("feature_weight", "w", 100.0, 0.0, 1e6, "Weight of the difference of features.", "nats")

GRADIENT_PENALTY = Parameter(
    "gradient_penalty",
    "γ_D",
    1.0,
    0.0,
    100.0,
    "Holds the discriminator's slope around the data down, against drawing only a few of them.",
)

_ELBO = "−E_q[log p(x|z)] + KL(q(z|x) ‖ p(z))"

FAMILIES: Registry[Family] = Registry("model family")
FAMILIES.register(
    "vae", Family("Variational autoencoder", _HOME + "vae:Vae", "Kingma & Welling 2014", _ELBO, parameters=(WARM_UP,))
)
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
        parameters=(WARM_UP,),
        conditional=True,
        note="The plane holds what the class leaves open, such as slant and weight: classes lie on top of each other. Its ELBO bounds "
        "log p(x|c), which does not compare with log p(x) of the others.",
    ),
)
FAMILIES.register(
    "iwae",
    Family(
        "Importance weighted autoencoder",
        _HOME + "iwae:Iwae",
        "Burda et al. 2016",
        "−E[log 1/K Σ_k p(x|z_k) p(z_k) / q(z_k|x)]",
        terms=("iwae", "elbo", "reconstruction", "kl"),
        parameters=(Parameter("draws", "K", 5.0, 1.0, 100.0, "Draws of z in the bound; 1 is the ELBO", "draws", whole=True),),
        note="The encoder's q(z|x) is a proposal to draw from. It is wider than the VAE's, as only the best of its draws count.",
    ),
)
FAMILIES.register(
    "info-vae",
    Family(
        "InfoVAE (MMD)",
        _HOME + "info_vae:InfoVae",
        "Zhao et al. 2017",
        "−E_q[log p(x|z)] + (1 − α) · KL(q(z|x) ‖ p(z)) + (α + λ − 1) · MMD²(q(z), p(z))",
        terms=("elbo", "reconstruction", "kl", "mmd"),
        parameters=(
            Parameter("alpha", "α", 0.5, 0.0, 1.0, "Share of the KL term that is left out; 1 leaves the MMD alone"),
            Parameter("mmd_weight", "λ", 100.0, 1.0, 100_000.0, "With α − 1 the weight of the MMD² of all codes together"),
        ),
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
            WARM_UP,
            Parameter(
                "steps", "T", 4.0, 1.0, 16.0, "Steps of the flow; each can bend the posterior once more.", "steps", whole=True
            ),
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
        "−E_q[log p(x|u)] + max(KL(q(z|x) ‖ p(z)), λ) + E_q[KL(q(u|x,z) ‖ p(u|z))]",
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
                "Decode one sample of the lower layer, with the same noise everywhere, in place of its mean.",
            ),
        ),
        tractable=False,
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
FAMILIES.register(
    "ae",
    Family(
        "Autoencoder",
        _HOME + "ae:Ae",
        "Hinton & Salakhutdinov 2006",
        "−log p(x | z = f(x))",
        terms=("reconstruction",),
        posterior="point",
        note="Nothing says where codes lie. There are holes between them, and what the decoder draws there was never trained.",
    ),
)
FAMILIES.register(
    "sparse-ae",
    Family(
        "Sparse autoencoder",
        _HOME + "sparse_ae:SparseAe",
        "Goodfellow, Bengio & Courville 2016",
        "−log p(x | z = f(x)) + λ · ‖h‖₁, h the encoder's last hidden layer",
        terms=("reconstruction", "sparsity"),
        parameters=(
            Parameter(
                "sparsity", "λ", 0.1, 0.0, 100.0, "Weight of ‖h‖₁, h the encoder's last hidden layer", "nats a unit of ‖h‖₁"
            ),
        ),
        posterior="point",
        note="What is sparse is the layer before the code. Nothing says where codes lie, so there are holes between them.",
    ),
)
FAMILIES.register(
    "denoising-ae",
    Family(
        "Denoising autoencoder",
        _HOME + "denoising_ae:DenoisingAe",
        "Vincent et al. 2008",
        "−E[log p(x | z = f(x̃))], x̃ the corrupted x",
        terms=("reconstruction", "denoising"),
        parameters=(
            Parameter("mask", "ν", 0.3, 0.0, 0.95, "Share of pixels set to 0 before the encoder sees them"),
            Parameter(
                "noise",
                "σ of the noise",
                0.0,
                0.0,
                2.0,
                "Std of noise added before the encoder sees it",
                "grey value, white = 1",
            ),
        ),
        posterior="point",
        note="Codes are those of clean images. Nothing says where they lie, so there are holes between them.",
    ),
)
FAMILIES.register(
    "contractive-ae",
    Family(
        "Contractive autoencoder",
        _HOME + "contractive_ae:ContractiveAe",
        "Rifai et al. 2011",
        "−log p(x | z = f(x)) + λ · ‖∂f/∂x‖²_F",
        terms=("reconstruction", "contraction"),
        parameters=(
            Parameter("contraction", "λ", 1.0, 0.0, 1000.0, "Weight of the squares of ∂z/∂x, summed over codes and pixels"),
        ),
        posterior="point",
        note="A code moves little where its image changes little, so codes lie close together. Nothing says where: there are holes.",
    ),
)
FAMILIES.register(
    "aae",
    Family(
        "Adversarial autoencoder",
        _HOME + "aae:Aae",
        "Makhzani et al. 2016",
        "−log p(x|z); then a game: D minimises −log D(z′) − log(1 − D(z)) + γ_D/2 · ‖∂logit D/∂z′‖², the encoder −log D(z), z′ ~ p(z)",
        terms=("reconstruction", "discriminator", "adversarial", "prior_mismatch"),
        parameters=(
            Parameter(
                "regularisation",
                "ρ",
                0.1,
                0.01,
                10.0,
                "Step of the game that shapes the codes; higher: nearer to the prior.",
                "times the learning rate",
            ),
            GRADIENT_PENALTY,
        ),
        posterior="point",
        learning_rate=1e-3,
    ),
)
FAMILIES.register(
    "vae-gan",
    Family(
        "VAE-GAN",
        _HOME + "vae_gan:VaeGan",
        "Larsen et al. 2016",
        "encoder: KL + w · ½‖D_l(x) − D_l(x̃)‖² / s; decoder: γ · w · ½‖D_l(x) − D_l(x̃)‖² / s − log D(made); "
        "D: −log D(x) − log(1 − D(made)) + γ_D/2 · ‖∂logit D/∂x‖²",
        terms=("reconstruction", "feature", "kl", "elbo", "discriminator", "adversarial"),
        parameters=(
            FEATURE_WEIGHT,
            Parameter(
                "gamma",
                "γ",
                0.02,
                0.0,
                1e3,
                "Its share in the decoder's loss; lower: sharper, less alike.",
            ),
            GRADIENT_PENALTY,
        ),
        likelihoods=("gaussian", "bernoulli"),
        grey=True,
    ),
)
FAMILIES.register(
    "gan",
    Family(
        "Generative adversarial network",
        _HOME + "gan:Gan",
        "Goodfellow et al. 2014",
        "D minimises −log D(x) − log(1 − D(G(z))) + γ_D/2 · ‖∂logit D/∂x‖², G minimises −log D(G(z)), z ~ p(z)",
        terms=("distance", "reconstruction", "discriminator", "adversarial"),
        parameters=(GRADIENT_PENALTY,),
        likelihoods=("gaussian", "bernoulli"),
        posterior="none",
        grey=True,
        note="A GAN has no encoder: its map shows the prior, and the code of an image is found by searching for the z whose image is "
        "nearest.",
    ),
)
