"""The metrics of single images by which a map can be coloured. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.families import family_named
from vae_explorer.models.spec import LATENT_DIM, Family, ModelSpec, why_no_quadrature
from vae_explorer.models.terms import given_class
from vae_explorer.registry import Registry

NATS = "nats"
AREA = "units of z², in which the prior's std is 1"


@dataclass(frozen=True, slots=True)
class ImageMetric:
    title: str  # with the slots of `terms.given_class`
    unit: str
    help: str  # likewise
    high_is_bad: bool = True
    ends: tuple[str, str] = ("Worst first", "Best first")

    @property
    def in_words(self) -> str:
        """The title inside a sentence: a word starts small, a formula does not change."""
        return self.title[0].lower() + self.title[1:] if self.title[0].isupper() and self.title[1].islower() else self.title


IMAGE_METRICS: Registry[ImageMetric] = Registry("metric of an image")
IMAGE_METRICS.register(
    "log_evidence",
    ImageMetric(
        "log p(x{given})",
        NATS,
        "log ∫ p(x|z{also}) p(z) dz by quadrature: how likely the model finds the image.",
        high_is_bad=False,
    ),
)
IMAGE_METRICS.register(
    "elbo",
    ImageMetric(
        "ELBO", NATS, "The bound of log p(x{given}) that the encoder's q(z|x{also}) reaches, by quadrature.", high_is_bad=False
    ),
)
IMAGE_METRICS.register(
    "amortisation_gap",
    ImageMetric(
        "Amortisation gap",
        NATS,
        "What the encoder's q(z|x{also}) loses against the best diagonal Gaussian for the image; below 0 where a flow is better "
        "than any.",
    ),
)
IMAGE_METRICS.register(
    "approximation_gap",
    ImageMetric(
        "Approximation gap", NATS, "What the best diagonal Gaussian loses, since p(z|x{also}) is no diagonal Gaussian."
    ),
)
IMAGE_METRICS.register(
    "reconstruction_error",
    ImageMetric("Reconstruction error", NATS, "−E_q[log p(x|z{also})]: how badly draws of the image's code explain it."),
)
IMAGE_METRICS.register(
    "posterior_area",
    ImageMetric(
        "Posterior area",
        AREA,
        "Area of the smallest region that holds 95 % of the true posterior p(z|x{also}): how much of the plane explains the image.",
        ends=("Widest first", "Narrowest first"),
    ),
)


ESTIMATED = ("log_evidence", "elbo", "amortisation_gap", "approximation_gap", "reconstruction_error")  # by draws


def is_estimate(spec: ModelSpec) -> bool:
    """Whether the metrics of a model with log p(x) are estimates."""
    return family_named(spec.family).has_evidence and bool(why_no_quadrature(family_named(spec.family), spec.latent_dim))


def title_for(metric: str, spec: ModelSpec | None, in_words: bool = False) -> str:
    """Return the title of a metric under a model, which says whether the metric is an estimate."""
    found = IMAGE_METRICS[metric]
    title = given_class(found.in_words if in_words else found.title, spec)
    return f"{title}, estimate" if spec is not None and is_estimate(spec) else title


def help_for(metric: str, spec: ModelSpec | None) -> str:
    """Return the explanation of a metric under a model."""
    words = given_class(IMAGE_METRICS[metric].help, spec)
    return words.replace("by quadrature", "estimated by draws") if spec is not None and is_estimate(spec) else words


def metrics_of(family: Family, latents: int = LATENT_DIM) -> tuple[str, ...]:
    """Return the names of the metrics that images have under a model of `family` with so many latents."""
    if family.lacks:
        return ()
    if family.has_evidence and not why_no_quadrature(family, latents):
        return tuple(name for name in IMAGE_METRICS if latents == LATENT_DIM or name != "posterior_area")
    if family.has_evidence:
        return ESTIMATED
    return ("reconstruction_error",) if family.tractable else ("elbo", "reconstruction_error")


def why_no_more(family: Family, latents: int = LATENT_DIM) -> str:
    """Explain in one sentence which metrics a model of `family` lacks; empty if none."""
    if family.lacks:
        return f"No metric of an image can be computed: {family.lacks}."
    if family.has_evidence:
        if latents < LATENT_DIM:
            return "There is no posterior area on a line."
        why = why_no_quadrature(family, latents)
        return why and f"Each metric is an estimate by draws, and the area of a posterior is not known: {why}."
    if not family.tractable:
        known = "ELBO and reconstruction are estimated by draws, the rest is not known"
        return f"Its p(x|z) is an integral over {family.integral}: {known}."
    if family.posterior is PosteriorKind.NONE:
        return "There is no encoder, so no q(z|x): the reconstruction is that of the code that was searched for."
    return "Codes of this family are points, so there is no q(z|x) that an ELBO or a gap could be worked out of."
