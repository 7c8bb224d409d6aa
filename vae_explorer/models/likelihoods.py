"""The table of likelihoods. Knows no torch; `observation` holds their densities."""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.kinds import PixelKind
from vae_explorer.models.spec import Parameter
from vae_explorer.registry import Registry


@dataclass(frozen=True, slots=True)
class LikelihoodSpec:
    """What the decoder's numbers mean. `target` is 'module:Class' of an `observation.Likelihood`."""

    title: str
    target: str
    pixels: PixelKind  # whose distribution it is
    help: str  # one sentence for a person
    parameters: tuple[Parameter, ...] = ()


_HOME = "vae_explorer.models.observation:"
_STD = Parameter(
    "sigma", "σ", 0.3, 0.01, 2.0, "Standard deviation of a pixel around its mean.", "grey value, white = 1", word="pixel std"
)

LIKELIHOODS: Registry[LikelihoodSpec] = Registry("likelihood")
LIKELIHOODS.register(
    "bernoulli",
    LikelihoodSpec(
        "Bernoulli (BCE)",
        _HOME + "Bernoulli",
        PixelKind.BINARY,
        "BCE, binary cross-entropy, is −log p(x|z) of independent black or white pixels; on grey pixels it is no likelihood.",
    ),
)
LIKELIHOODS.register(
    "continuous-bernoulli",
    LikelihoodSpec(
        "Continuous Bernoulli",
        _HOME + "ContinuousBernoulli",
        PixelKind.GREY,
        "BCE with the normaliser that makes it a density of grey pixels in [0, 1].",
    ),
)
LIKELIHOODS.register(
    "gaussian",
    LikelihoodSpec(
        "Gaussian, fixed σ (MSE)",
        _HOME + "Gaussian",
        PixelKind.GREY,
        "‖x − x̂‖² / 2σ² plus a constant is −log p(x|z) of a Gaussian with this σ. ‖x − x̂‖² alone is σ² = ½, its mean over D pixels "
        "σ² = D / 2.",
        (_STD,),
    ),
)
LIKELIHOODS.register(
    "gaussian-learned",
    LikelihoodSpec(
        "Gaussian, learned σ",
        _HOME + "LearnedGaussian",
        PixelKind.GREY,
        "A Gaussian whose one σ is learned with the weights, so that reconstruction and KL term are in balance by themselves.",
    ),
)
LIKELIHOODS.register(
    "discretised-logistic",
    LikelihoodSpec(
        "Discretised logistic",
        "vae_explorer.models.discretised_logistic:DiscretisedLogistic",
        PixelKind.EIGHT_BIT,
        "A probability of each of the 256 values of a pixel, with a scale of each channel that is learned with the weights. "
        "Its figures are also given in bits a dimension.",
    ),
)

UNKNOWN_LIKELIHOOD = "unknown"  # of an own model; in no list of likelihoods
_UNKNOWN = LikelihoodSpec(
    "No likelihood", _HOME + "UnknownLikelihood", PixelKind.GREY, "The program was not told what the decoder's numbers mean."
)

ALIASES = {"bce": "bernoulli", "mse": "gaussian"}


def likelihood_of(name: str) -> LikelihoodSpec:
    """Return the likelihood called `name` of a model. Raises `UserError` on an unknown one."""
    return _UNKNOWN if name == UNKNOWN_LIKELIHOOD else LIKELIHOODS[name]


def likelihood_named(name: str) -> str:
    """Return the registered name of a likelihood or loss. Raises `UserError` on an unknown one."""
    name = ALIASES.get(name.lower(), name)
    LIKELIHOODS[name]
    return name
