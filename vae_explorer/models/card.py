"""The model card: JSON in the file's header that describes a model. Knows no torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vae_explorer.kinds import Binarised, PixelKind, Storage
from vae_explorer.models.card_text import list_of, mapping_of, numbers_of, parse, text_of, whole_of
from vae_explorer.models.families import family_named
from vae_explorer.models.families.own import NO_LIKELIHOOD, OWN_FAMILIES
from vae_explorer.models.likelihoods import UNKNOWN_LIKELIHOOD, likelihood_of
from vae_explorer.models.spec import Family, ModelSpec, why_no_quadrature
from vae_explorer.models.terms import headline

FORMAT = 3  # the first format whose images have channels
_OF_PIXELS = {
    PixelKind.BINARY: " (no likelihood of grey pixels)",
    PixelKind.GREY: " (a density of pixels in [0, 1])",
    PixelKind.EIGHT_BIT: " (a probability of 8-bit pixels)",
}
_WRITTEN = 6  # numbers of a latent point
CARD_HAS_CHECKSUM = 2  # the first format whose files hold a checksum of the card's text


@dataclass(frozen=True, slots=True)
class ModelCard:
    name: str
    spec: ModelSpec
    dataset: str
    classes: tuple[str, ...]  # their names; () for images without classes
    binarised: Binarised  # what training made of the images
    training: Mapping[str, Any]  # the TrainConfig
    seed: int
    command: str  # the line that trains this model again
    metrics: Mapping[str, float]  # of the test images
    versions: Mapping[str, str]
    created: str  # ISO 8601, UTC
    format: int = FORMAT
    errors: Mapping[str, float] = field(default_factory=dict)  # standard errors of `metrics`; absent before 2026-12
    validation: Mapping[str, float] = field(default_factory=dict)  # of the training images that the run held out
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        family = family_named(self.spec.family)
        if self.is_own and not family.lacks and self.spec.likelihood == UNKNOWN_LIKELIHOOD:
            return replace(family, lacks=NO_LIKELIHOOD)
        return family

    @property
    def is_own(self) -> bool:
        """Whether the model is a person's own, so that the program did not train it."""
        return self.spec.family in OWN_FAMILIES

    @property
    def why_no_evidence(self) -> str:
        """Why log p(x) cannot be computed exactly; empty if it can."""
        return self.family.why_no_evidence or why_no_quadrature(self.family, self.spec.latent_dim)

    @property
    def has_estimates(self) -> bool:
        """Whether log p(x) cannot be computed exactly, but can be estimated."""
        return not self.family.why_no_evidence and bool(why_no_quadrature(self.family, self.spec.latent_dim))

    @property
    def is_halved(self) -> bool:
        """Whether the file holds the model at half the size."""
        return self.training.get("storage") == Storage.HALF

    def to_json(self) -> str:
        value = {name: getattr(self, name) for name in self.__slots__} | {"spec": self.spec.to_json()}
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> ModelCard:
        """Read a card from JSON text.

        Raises `UserError` beyond a limit, and `KeyError`, `TypeError` or `ValueError` on another format.
        """
        value = mapping_of(parse(text))
        return ModelCard(
            name=text_of(value["name"]),
            spec=ModelSpec.from_json(mapping_of(value["spec"])),
            dataset=text_of(value["dataset"]),
            classes=tuple(text_of(name) for name in list_of(value["classes"])),
            binarised=Binarised(text_of(value["binarised"])),
            training=mapping_of(value["training"]),
            seed=whole_of(value["seed"]),
            command=text_of(value["command"]),
            metrics=numbers_of(value["metrics"]),
            versions={name: text_of(version) for name, version in mapping_of(value["versions"]).items()},
            created=text_of(value["created"]),
            format=whole_of(value["format"]),
            errors=numbers_of(value.get("errors", {})),
            validation=numbers_of(value.get("validation", {})),
            extra=mapping_of(value["extra"]),
        )


def measured_by(card: ModelCard) -> str:
    """Return the basis of a model's metrics; two models compare if it is equal."""
    return basis(card.spec.likelihood, card.binarised)


def basis(likelihood: str, binarised: Binarised) -> str:
    """Name the likelihood and binarisation of a metric, and whether it is a density, a probability, or no likelihood."""
    known = likelihood_of(likelihood)
    if likelihood == UNKNOWN_LIKELIHOOD:
        return known.title
    kind = _OF_PIXELS[known.pixels] if binarised is Binarised.NONE else ""
    return f"{known.title}, binarised: {binarised}{kind}"


def point_written(z: Sequence[float]) -> str:
    """Write a latent point as "(0.5, −1)"; the middle of more than 6 numbers is left out."""
    numbers = [f"{number:g}" for number in z]
    return f"({', '.join(numbers if len(z) <= _WRITTEN else [*numbers[:3], '…', *numbers[-2:]])})"


def along_written(latents: Sequence[int], z: Sequence[float]) -> str:
    """Describe traversals along latents around a point z (d,)."""
    return f"along latents {', '.join(str(latent + 1) for latent in latents)} around {point_written(z)}"


def made_by(card: ModelCard, z: str, classes: Sequence[int] = (), switches: Collection[str] = ()) -> str:
    """Describe an exported picture of `z` in one line.

    `classes` holds the decoded class, or the first and last class of a path. `switches` are the family's switches that were
    on.
    """
    checked = headline(card.spec, card.metrics, card.errors)
    figure = f", test {checked} ({measured_by(card)})" if checked else ""
    how = f", class {' to '.join(card.classes[label] for label in dict.fromkeys(classes))}" if classes else ""
    how += f", with {', '.join(sorted(switches))}" if switches else ""
    return f"VAE Explorer: model {card.name} ({card.spec.family} on {card.dataset}, seed {card.seed}{figure}), z {z}{how}"
