"""What a model is made of, in plain values. Knows no torch, so that lists, dialogs and model files open without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

LATENT_DIM = 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that belongs to one family's objective, with the range that makes sense."""

    name: str
    symbol: str
    default: float
    minimum: float
    maximum: float
    help: str


@dataclass(frozen=True, slots=True)
class Family:
    """A model family. `target` is 'module:Class', imported when a model is built."""

    title: str
    target: str
    parameters: tuple[Parameter, ...] = ()
    likelihoods: tuple[str, ...] = ("bernoulli",)
    help: str = ""

    def defaults(self) -> dict[str, float]:
        return {parameter.name: parameter.default for parameter in self.parameters}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Everything that is needed to build the network whose weights a file holds."""

    family: str
    body: str
    image_shape: tuple[int, int]  # (H, W)
    hidden: tuple[int, ...]  # widths of the MLP's layers, or channels of the convolutions
    likelihood: str = "bernoulli"
    latent_dim: int = LATENT_DIM
    parameters: Mapping[str, float] = field(default_factory=dict)  # of the family's objective, such as beta

    @property
    def pixels(self) -> int:
        return self.image_shape[0] * self.image_shape[1]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> ModelSpec:
        """Raises `KeyError`, `TypeError` or `ValueError` where `value` is no model spec."""
        height, width = (int(side) for side in value["image_shape"])
        return ModelSpec(
            family=str(value["family"]),
            body=str(value["body"]),
            image_shape=(height, width),
            hidden=tuple(int(width) for width in value["hidden"]),
            likelihood=str(value["likelihood"]),
            latent_dim=int(value["latent_dim"]),
            parameters={str(name): float(number) for name, number in value["parameters"].items()},
        )
