"""Families that train with a discriminator."""

from __future__ import annotations

from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.families.shared import FEATURE_WEIGHT, HOME
from vae_explorer.models.formula import FormulaTerm, Words
from vae_explorer.models.spec import Family, Parameter
from vae_explorer.registry import Registry

GRADIENT_PENALTY = Parameter(
    "gradient_penalty",
    "γ_D",
    1.0,
    0.0,
    100.0,
    "Keeps the discriminator's slope small around the data, so that the decoder draws more than a few images.",
    word="gradient penalty",
)


ADVERSARIAL: Registry[Family] = Registry("model family")
ADVERSARIAL.register(
    "aae",
    Family(
        "Adversarial autoencoder",
        HOME + "aae:Aae",
        "Makhzani et al. 2016",
        (
            Words("encoder and decoder minimise", says_who=True),
            FormulaTerm("log p(x|z)", "reconstruction", "−"),
            Words("; D minimises"),
            FormulaTerm("log D(z′)", "discriminator", "−"),
            FormulaTerm("log(1 − D(z))", "discriminator", "−"),
            FormulaTerm("‖∂logit D/∂z′‖²", weight="γ_D/2"),
            Words("; the encoder minimises"),
            FormulaTerm("log D(z)", "adversarial", "−"),
            Words(","),
            FormulaTerm("z′ ~ p(z)"),
        ),
        terms=("reconstruction", "discriminator", "adversarial", "prior_mismatch"),
        beside=("prior_mismatch",),
        parameters=(
            Parameter(
                "regularisation",
                "ρ",
                0.1,
                0.01,
                10.0,
                "Step size of the game that shapes the codes; higher values bring them nearer to the prior.",
                "times the learning rate",
                word="matching the prior",
            ),
            GRADIENT_PENALTY,
        ),
        posterior=PosteriorKind.POINT,
        learning_rate=1e-3,
        is_game=True,
    ),
)
ADVERSARIAL.register(
    "vae-gan",
    Family(
        "VAE-GAN",
        HOME + "vae_gan:VaeGan",
        "Larsen et al. 2016",
        (
            Words("the encoder minimises", says_who=True),
            FormulaTerm("KL", "kl"),
            FormulaTerm("½‖D_l(x) − D_l(x̃)‖² / s", "feature", weight="w"),
            Words("; the decoder minimises"),
            FormulaTerm("½‖D_l(x) − D_l(x̃)‖² / s", "feature", weight="γ · w"),
            FormulaTerm("½ log D(x̃)", "adversarial", "−"),
            FormulaTerm("½ log D(x_p)", "adversarial", "−"),
            Words("; D minimises"),
            FormulaTerm("log D(x)", "discriminator", "−"),
            FormulaTerm("½ log(1 − D(x̃))", "discriminator", "−"),
            FormulaTerm("½ log(1 − D(x_p))", "discriminator", "−"),
            FormulaTerm("‖∂logit D/∂x‖²", weight="γ_D/2"),
            Words(", x_p of"),
            FormulaTerm("z ~ p(z)"),
        ),
        terms=("reconstruction", "feature", "kl", "elbo", "discriminator", "adversarial"),
        beside=("reconstruction", "elbo"),
        parameters=(
            FEATURE_WEIGHT,
            Parameter(
                "gamma",
                "γ",
                0.02,
                0.0,
                1e3,
                "Weight of the features in the decoder's loss; lower values give sharper images that resemble x less.",
                word="features in the decoder",
            ),
            GRADIENT_PENALTY,
        ),
        likelihoods=("gaussian", "bernoulli"),
        is_game=True,
        grey=True,
    ),
)
ADVERSARIAL.register(
    "gan",
    Family(
        "Generative adversarial network",
        HOME + "gan:Gan",
        "Goodfellow et al. 2014",
        (
            Words("D minimises", says_who=True),
            FormulaTerm("log D(x)", "discriminator", "−"),
            FormulaTerm("log(1 − D(G(z)))", "discriminator", "−"),
            FormulaTerm("‖∂logit D/∂x‖²", weight="γ_D/2"),
            Words(", G minimises"),
            FormulaTerm("log D(G(z))", "adversarial", "−"),
            Words(","),
            FormulaTerm("z ~ p(z)"),
        ),
        terms=("distance", "reconstruction", "discriminator", "adversarial"),
        beside=("distance", "reconstruction"),
        parameters=(GRADIENT_PENALTY,),
        likelihoods=("gaussian", "bernoulli"),
        is_game=True,
        posterior=PosteriorKind.NONE,
        grey=True,
        note="A GAN has no encoder, so the map shows the prior. The program searches for the code of an image: the z with the nearest "
        "image, at most 3 from 0 along each axis. A straight row of codes at 3 marks images whose nearest z lies farther out.",
        plane_only=True,
    ),
)
