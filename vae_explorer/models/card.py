"""The model card: JSON in the file's header that describes a model. Knows no torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vae_explorer.kinds import Binarised, PixelKind, Storage
from vae_explorer.models.card_text import parse
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import Family, ModelSpec
from vae_explorer.models.terms import headline

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelCard:
    name: str
    spec: ModelSpec
    dataset: str
    classes: tuple[str, ...]
    binarised: Binarised  # what training made of the images
    training: Mapping[str, Any]  # the TrainConfig
    seed: int
    command: str  # the line that trains this model again
    metrics: Mapping[str, float]  # of the test images; nats an image where they are of a bound
    versions: Mapping[str, str]
    created: str  # ISO 8601, UTC
    format: int = FORMAT
    errors: Mapping[str, float] = field(default_factory=dict)  # standard errors of `metrics`; absent before 2026-12
    validation: Mapping[str, float] = field(default_factory=dict)  # of the training images that the run held out
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        """The model's family, from the table of families."""
        return FAMILIES[self.spec.family]

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
        value = parse(text)
        return ModelCard(
            name=str(value["name"]),
            spec=ModelSpec.from_json(value["spec"]),
            dataset=str(value["dataset"]),
            classes=tuple(str(name) for name in value["classes"]),
            binarised=Binarised(value["binarised"]),
            training=dict(value["training"]),
            seed=int(value["seed"]),
            command=str(value["command"]),
            metrics={str(name): float(number) for name, number in value["metrics"].items()},
            versions={str(name): str(version) for name, version in value["versions"].items()},
            created=str(value["created"]),
            format=int(value["format"]),
            errors={str(name): float(number) for name, number in value.get("errors", {}).items()},
            validation={str(name): float(number) for name, number in value.get("validation", {}).items()},
            extra=dict(value["extra"]),
        )


def measured_by(card: ModelCard) -> str:
    """Return the basis of a model's metrics; two models compare if it is equal."""
    return basis(card.spec.likelihood, card.binarised)


def basis(likelihood: str, binarised: Binarised) -> str:
    """Name the likelihood and binarisation of a metric, and whether it is a likelihood at all."""
    known = LIKELIHOODS[likelihood]
    grey = " (no likelihood of grey pixels)" if known.pixels is PixelKind.BINARY and binarised is Binarised.NONE else ""
    return f"{known.title}, binarised: {binarised}{grey}"


def made_by(card: ModelCard, z: str, classes: Sequence[int] = (), switches: Collection[str] = ()) -> str:
    """Describe an exported picture of `z` in one line.

    `classes` holds the decoded class, or the first and last class of a path. `switches` are the family's switches that were
    on.
    """
    checked = headline(card.spec.family, card.metrics, card.errors)
    figure = f", test {checked} ({measured_by(card)})" if checked else ""
    how = f", class {' to '.join(card.classes[label] for label in dict.fromkeys(classes))}" if classes else ""
    how += f", with {', '.join(sorted(switches))}" if switches else ""
    return f"VAE Explorer: model {card.name} ({card.spec.family} on {card.dataset}, seed {card.seed}{figure}), z {z}{how}"
