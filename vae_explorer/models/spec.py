"""What a model is made of, in plain values. Knows no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vae_explorer.kinds import CodesKind, PosteriorKind
from vae_explorer.models.card_text import list_of, numbers_of, text_of, whole_of
from vae_explorer.models.formula import Formula, Words, written, written_by_terms
from vae_explorer.shapes import ImageShape, image_shape

LATENT_DIM = 2  # by default; all of them lie on the map
GELU, RELU = "gelu", "relu"
ACTIVATIONS = (GELU, RELU)
PRODUCTS = ("bernoulli", "continuous-bernoulli", "gaussian", "gaussian-learned")  # likelihoods with natural parameters


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of an objective or a likelihood, with its sensible range."""

    name: str
    symbol: str
    default: float
    minimum: float
    maximum: float
    help: str
    unit: str = ""
    whole: bool = False
    word: str = ""  # what the symbol stands for; empty if the symbol is words
    weighs: str = ""  # the name in `TERMS` of the term that it weighs; empty if none

    @property
    def title(self) -> str:
        return f"{self.symbol}, {self.word}" if self.word else self.symbol

    def refusal(self, number: float) -> str:
        """Say in one line why `number` is refused and what to choose; empty if it is allowed."""
        if not self.minimum <= number <= self.maximum:  # also for NaN
            return f"{self.name} {number:g} is out of range; choose a value from {self.minimum:g} to {self.maximum:g}"
        if self.whole and number != round(number):
            return f"{self.name} {number:g} is no whole number; choose {math.floor(number)} or {math.ceil(number)}"
        return ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice about decoding that a person can turn on and off."""

    name: str
    title: str
    help: str


@dataclass(frozen=True, slots=True)
class Family:
    """A model family. `target` is 'module:Class', imported when a model is built.

    `terms` are names in `TERMS`; the first term judges the family's models.
    """

    title: str
    target: str
    source: str  # author and year
    minimises: Formula
    terms: tuple[str, ...] = ("elbo", "reconstruction", "kl")
    parameters: tuple[Parameter, ...] = ()
    likelihoods: tuple[str, ...] = (*PRODUCTS, "discretised-logistic")
    bodies: tuple[str, ...] = ("mlp", "conv", "resconv")
    switches: tuple[Switch, ...] = ()
    posterior: PosteriorKind = PosteriorKind.GAUSSIAN  # what the encoder gives
    conditional: bool = False  # encoder and decoder are given the image's class
    sequential: bool = False  # the decoder writes the image row by row
    grey: bool = False  # images must stay grey: the discriminator would tell binary images from mean images
    is_game: bool = False  # networks are trained against one another
    integral: str = ""  # what log p(x|z) is an integral over; empty if it has a closed form
    posed: bool = False  # angle and shift of the object are latents beside z
    learning_rate: float = 2e-3  # default peak of the schedule
    plane_only: bool = False  # takes 2 latents alone
    note: str = ""  # helps a person to read the map
    beside: tuple[str, ...] = ()  # terms of a game that are measured but in no loss
    lacks: str = ""  # what an own model came without; empty for all other models

    @property
    def formula(self) -> str:
        return written(self.minimises)

    @property
    def formula_by_terms(self) -> str:
        """The formula with spaces and joiners that keep each of its terms on one line."""
        return written_by_terms(self.minimises)

    @property
    def says_who_minimises(self) -> bool:
        """Whether the formula names the networks that minimise its terms."""
        return any(isinstance(piece, Words) and piece.says_who for piece in self.minimises)

    @property
    def headline_term(self) -> str:
        """The name of the term that judges the family's models."""
        return self.terms[0]

    @property
    def tractable(self) -> bool:
        """Whether log p(x|z) has a closed form."""
        return not self.integral

    @property
    def codes_are(self) -> CodesKind:
        """The kind of the family's codes."""
        is_drawn = self.posterior is PosteriorKind.POINT and self.is_game
        return CodesKind.GAME if is_drawn else CodesKind(self.posterior.value)

    @property
    def has_evidence(self) -> bool:
        """Whether log p(x) can be computed or estimated."""
        return not self.why_no_evidence

    @property
    def why_no_evidence(self) -> str:
        """Why log p(x) can be neither computed nor estimated; empty if it can."""
        if self.lacks:
            return self.lacks
        if not (self.tractable or self.posed):
            return f"its p(x|z) is an integral over {self.integral}"
        return "it has no q(z|x) with a density" if self.has_points else ""

    @property
    def bends(self) -> bool:
        """Whether posteriors are densities but no diagonal Gaussians."""
        return self.posterior is PosteriorKind.FLOW

    @property
    def has_points(self) -> bool:
        """Whether codes are points, with std 0."""
        return self.posterior in (PosteriorKind.POINT, PosteriorKind.NONE)


def why_no_quadrature(family: Family, latents: int) -> str:
    """Why no integral over the latent space can be computed; empty if it can."""
    if family.posed:
        return "the quadrature is of one or two latents, and the pose has three more"
    return "" if latents <= LATENT_DIM else f"the quadrature is of one or two latents, and the model has {latents}"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What builds the network for the weights of a file."""

    family: str
    body: str
    image_shape: ImageShape  # (H, W, C)
    hidden: tuple[int, ...]  # widths of the MLP's layers, or channels of the convolutions
    likelihood: str = "bernoulli"
    latent_dim: int = LATENT_DIM
    parameters: Mapping[str, float] = field(default_factory=dict)  # of objective and likelihood, such as beta
    activation: str = GELU  # of the body's hidden layers
    classes: int = 0  # number of classes if the family is given the class, else 0

    @property
    def image_size(self) -> int:
        """D = H · W · C, the numbers of an image."""
        return math.prod(self.image_shape)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> ModelSpec:
        """Read a spec. Files before format 3 give grey images as (H, W).

        Raises `KeyError`, `TypeError` or `ValueError` on anything else.
        """
        return ModelSpec(
            family=text_of(value["family"]),
            body=text_of(value["body"]),
            image_shape=image_shape([whole_of(side) for side in list_of(value["image_shape"])]),
            hidden=tuple(whole_of(width) for width in list_of(value["hidden"])),
            likelihood=text_of(value["likelihood"]),
            latent_dim=whole_of(value["latent_dim"]),
            parameters=numbers_of(value["parameters"]),
            activation=text_of(value.get("activation", GELU)),
            classes=whole_of(value.get("classes", 0)),
        )
