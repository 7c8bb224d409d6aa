"""The figures of single images by which a map can be coloured, by name: titles, units, and what each family has. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.models.spec import Family
from vae_explorer.registry import Registry

NATS = "nats"
AREA = "units of z², in which the prior's std is 1"


@dataclass(frozen=True, slots=True)
class Figure:
    title: str
    unit: str
    help: str
    high_is_bad: bool = True
    ends: tuple[str, str] = ("Worst first", "Best first")

    @property
    def in_words(self) -> str:
        """The title as it is written within a sentence: a word is small, a formula or an abbreviation is not."""
        return self.title[0].lower() + self.title[1:] if self.title[0].isupper() and self.title[1].islower() else self.title


FIGURES: Registry[Figure] = Registry("figure of an image")
FIGURES.register(
    "log_evidence",
    Figure("log p(x)", NATS, "log ∫ p(x|z) p(z) dz by quadrature: how likely the model finds the image.", high_is_bad=False),
)
FIGURES.register(
    "elbo", Figure("ELBO", NATS, "The bound of log p(x) that the encoder's q(z|x) reaches, by quadrature.", high_is_bad=False)
)
FIGURES.register(
    "amortisation_gap",
    Figure(
        "Amortisation gap",
        NATS,
        "What the encoder's q(z|x) loses against the best diagonal Gaussian for the image; below 0 where a flow is better than any.",
    ),
)
FIGURES.register(
    "approximation_gap",
    Figure("Approximation gap", NATS, "What the best diagonal Gaussian loses, since p(z|x) is no diagonal Gaussian."),
)
FIGURES.register(
    "reconstruction_error",
    Figure("Reconstruction error", NATS, "−E_q[log p(x|z)]: how badly draws of the image's code explain it."),
)
FIGURES.register(
    "posterior_area",
    Figure(
        "Posterior area",
        AREA,
        "Area of the smallest region that holds 95 % of the true posterior p(z|x): how much of the plane explains the image.",
        ends=("Widest first", "Narrowest first"),
    ),
)


def figures_of(family: Family) -> tuple[str, ...]:
    """The names of the figures that can be worked out for an image under a model of `family`."""
    if family.has_evidence:
        return tuple(FIGURES)
    return ("reconstruction_error",) if family.tractable else ("elbo", "reconstruction_error")


def why_no_more(family: Family) -> str:
    """One sentence on the figures that `family` does not have, and on how it comes by those it has; empty where it has all."""
    if family.has_evidence:
        return ""
    if not family.tractable:
        return "Its p(x|z) is an integral over a lower layer: ELBO and reconstruction are estimated by draws, the rest is not known."
    if family.posterior == "none":
        return "There is no encoder, so no q(z|x): the reconstruction is that of the code that was searched for."
    return "Codes of this family are points, so there is no q(z|x) that an ELBO or a gap could be worked out of."
