"""The terms of objectives: titles, units, and which way is better. Knows no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vae_explorer.models.bits import CODE_LENGTHS, bits_per_dim
from vae_explorer.models.families import family_named
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import Registry

NATS = "nats an image"
_MOST_DECIMALS, BITS_DECIMALS = 6, 3


@dataclass(frozen=True, slots=True)
class Term:
    title: str
    unit: str
    rises: bool  # whether more is better
    help: str
    symbol: str = ""  # in a formula, with the slots of `given_class`; empty: the title
    of_points: str = ""  # the symbol of a family of points; empty: `symbol`
    of_all: bool = False  # of many codes together; single images have no share
    compares: bool = True  # between models; false for the output of a network that was trained with one model
    parameters: tuple[str, ...] = ()  # models compare if these are equal
    unsettles: tuple[str, ...] = ()  # terms that mean another thing in a model with this term


TERMS: Registry[Term] = Registry("term")
TERMS.register("elbo", Term("ELBO", NATS, True, "Evidence lower bound: reconstruction term minus KL term.", symbol="ELBO"))
TERMS.register(
    "reconstruction",
    Term(
        "reconstruction term",
        NATS,
        True,
        "Mean log p(x|z) under the encoder's z.",
        symbol="E_q[log p(x|z{also})]",
        of_points="log p(x|z{also})",
    ),
)
TERMS.register(
    "kl", Term("KL term", NATS, False, "KL(q(z|x) ‖ p(z)): what the code of an image costs.", symbol="KL(q(z|x{also}) ‖ p(z))")
)
TERMS.register(
    "guess_elbo",
    Term(
        "ELBO of the guess",
        NATS,
        True,
        "Lower bound of log p(x) by the encoder alone, before the steps that improve its guess for each image.",
        symbol="ELBO_0",
    ),
)
TERMS.register(
    "conditional_elbo",
    Term(
        "ELBO given the class",
        NATS,
        True,
        "Lower bound of log p(x|c), which exceeds log p(x) of this model by at most −log p(c), on average by at most the entropy "
        "of the classes.",
        symbol="ELBO(x|c)",
    ),
)
TERMS.register(
    "kl_lower",
    Term(
        "KL term of the lower layer",
        NATS,
        False,
        "KL(q(u|x,z) ‖ p(u|z)): what u costs on top of z.",
        symbol="E_q[KL(q(u|x,z) ‖ p(u|z))]",
        unsettles=("kl", "reconstruction"),  # both span two layers
    ),
)
for _name, _what, _density in (("shift", "shift", "Δ"), ("angle", "angle", "θ")):
    TERMS.register(
        f"kl_{_name}",
        Term(
            f"KL term of the {_what}",
            NATS,
            False,
            f"KL(q({_density}|x) ‖ p({_density})): what the {_what} of an image costs.",
            symbol=f"KL(q({_density}|x) ‖ p({_density}))",
            unsettles=("kl", "reconstruction"),  # the code leaves out the pose
        ),
    )
TERMS.register(
    "sparsity", Term("sparsity ‖h‖₁", "", False, "Sum of |h| over the units of the encoder's last hidden layer.", symbol="‖h‖₁")
)
TERMS.register(
    "denoising",
    Term(
        "denoising term",
        NATS,
        True,
        "Mean log p(x|z) under the z of corrupted images.",
        symbol="E[log p(x|f(x̃))]",
        parameters=("mask", "noise"),
    ),
)
TERMS.register(
    "contraction", Term("contraction ‖∂z/∂x‖²", "", False, "Squares of ∂z/∂x, summed over codes and pixels.", symbol="‖∂z/∂x‖²")
)
TERMS.register(
    "iwae",
    Term(
        "importance weighted bound",
        NATS,
        True,
        "Mean log of the mean of K weights: at least the ELBO.",
        symbol="E[log 1/K Σ_k w_k]",
        parameters=("draws",),
        unsettles=("elbo", "reconstruction", "kl"),  # the model was trained for another bound, which wants a wider q(z|x)
    ),
)
TERMS.register(
    "mmd",
    Term(
        "MMD²",
        "",
        False,
        "Squared maximum mean discrepancy between the codes of a batch and the prior; for a data set the mean over batches.",
        symbol="MMD²(q(z), p(z))",
        of_all=True,
    ),
)
TERMS.register(
    "feature",
    Term(
        "difference of features",
        "",
        False,
        "½‖φ(x) − φ(x̂)‖²: the difference that an image network still sees.",
        symbol="½‖φ(x) − φ(x̂)‖²",
        compares=False,
    ),
)
TERMS.register(
    "discriminator",
    Term(
        "discriminator",
        NATS,
        True,
        "−log D(real) − log(1 − D(made)): 2 · log 2 = 1.39 if it cannot tell them apart.",
        symbol="−log D(x) − log(1 − D(x̂))",
        compares=False,
    ),
)
TERMS.register(
    "adversarial",
    Term(
        "adversarial term",
        NATS,
        False,
        "−log D(made): how clearly the discriminator recognises made images.",
        symbol="−log D(x̂)",
        compares=False,
    ),
)
TERMS.register(
    "prior_mismatch",
    Term(
        "mismatch with the prior",
        "",
        False,
        "Energy distance between the codes of a batch and N(0, I), 0 if they match; for a data set the mean over batches.",
        of_all=True,
    ),
)
TERMS.register(
    "distance",
    Term(
        "distance to the data",
        "",
        False,
        "Energy distance between drawn images and the data, 0 if they match.",
        of_all=True,
    ),
)


def headline(spec: ModelSpec, figures: Mapping[str, float], errors: Mapping[str, float] = MappingProxyType({})) -> str:
    """Write the headline term of the family of `spec`, such as 'ELBO −129.9 ± 0.5 nats an image'.

    It is empty if the term was not measured.
    """
    name = family_named(spec.family).headline_term
    return said(name, figures[name], errors.get(name), spec) if name in figures else ""


def term(name: str) -> Term:
    """Return the term called `name`; an unknown name becomes its own title."""
    return TERMS[name] if name in TERMS else Term(name.replace("_", " "), "", False, "")


def said(name: str, value: float, error: float | None = None, spec: ModelSpec | None = None) -> str:
    """Write a term with its number, standard error if known, and unit; with `spec` in bits a dimension, too."""
    found = term(name)
    return f"{found.title} {number(value, decimals(name), error)} {found.unit}".rstrip() + in_bits(name, value, error, spec)


def in_bits(name: str, nats: float, error: float | None, spec: ModelSpec | None) -> str:
    """Write ' (4.47 ± 0.03 bits/dim)' for a code length, such as the ELBO, of 8-bit pixels; empty for other figures."""
    bits = bits_per_dim(nats, spec) if spec is not None and name in CODE_LENGTHS else None
    if spec is None or bits is None:
        return ""
    moved = None if error is None else abs(bits_per_dim(error, spec) or 0.0)
    return f" ({number(bits, BITS_DECIMALS, moved)} bits/dim)"


def number(value: float, places: int, error: float | None = None, sign: str = "") -> str:
    """Write a number with the decimals that its standard error allows, else with `places`.

    A zero has no minus. The error has one significant digit, or two if the first is 1: −129.9 ± 0.5 and 0.013 ± 0.0012.
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return f"{_rounded(value, places):{sign}.{places}f}".replace("-", "−")
    leading = math.floor(math.log10(float(f"{error:.0e}")))
    digits = 1 if error / 10**leading < 2 else 0
    places = min(max(digits - leading, 0), _MOST_DECIMALS)
    return f"{_rounded(value, places):{sign}.{places}f} ± {error:.{places}f}".replace("-", "−")


def _rounded(value: float, places: int) -> float:
    """Round a value, so that a small negative value is 0.00 and not −0.00."""
    return round(float(value), places) + 0.0


def decimals(name: str) -> int:
    """Return the decimals of a term without a standard error."""
    return 2 if term(name).unit == NATS else 4


def given_class(words: str, spec: ModelSpec | None, **more: str) -> str:
    """Fill the slots of `words`; `{given}` becomes '|c' and `{also}` ',c' for a conditional model.

    Both become empty for other models. `more` fills further slots.
    """
    is_told = spec is not None and spec.classes > 0
    return words.format(given="|c" if is_told else "", also=",c" if is_told else "", **more)
