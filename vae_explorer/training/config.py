"""What to train, in plain values. Knows no torch, so that dialog and command line can check it before anything is loaded."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import ModelSpec

BINARISED = ("dynamic", "none")
DEVICES = ("cpu", "cuda", "mps", "auto")
_MANY_IMAGES = 10_000


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training run. Raises `UserError` where a value is out of range or a name unknown."""

    family: str = "vae"
    dataset: str = "digits"
    body: str = "mlp"
    hidden: tuple[int, ...] = ()  # empty: the body's own default for the image size
    epochs: int = 0  # 0: what suits the data set's size
    batch_size: int = 0  # 0: likewise
    learning_rate: float = 2e-3  # the peak of the one-cycle schedule
    parameters: Mapping[str, float] = field(default_factory=dict)  # of the family; missing ones take their default
    seed: int = 0
    device: str = "cpu"
    binarised: str = "none"
    name: str = ""  # empty: '<dataset>-<family>'
    threads: int = 0  # 0: torch's own choice

    def __post_init__(self) -> None:
        family, dataset, body = FAMILIES[self.family], DATASETS[self.dataset], BODIES[self.body]
        unknown = set(self.parameters) - set(family.defaults())
        if unknown:
            known = ", ".join(family.defaults()) or "none"
            raise UserError(f"family {self.family!r} has no parameter {sorted(unknown)[0]!r}; known: {known}")
        pixels = dataset.image_shape[0] * dataset.image_shape[1]
        object.__setattr__(self, "hidden", tuple(self.hidden) or body.default_hidden(pixels))
        object.__setattr__(self, "parameters", family.defaults() | dict(self.parameters))
        few = dataset.size[0] < _MANY_IMAGES
        object.__setattr__(self, "epochs", self.epochs or (300 if few else 30))
        object.__setattr__(self, "batch_size", self.batch_size or (64 if few else 256))
        object.__setattr__(self, "name", self.name or f"{self.dataset}-{self.family}")
        self._check_numbers()

    def _check_numbers(self) -> None:
        _within("epochs", self.epochs, 1, 100_000)
        _within("batch size", self.batch_size, 1, DATASETS[self.dataset].size[0])
        _within("learning rate", self.learning_rate, 1e-7, 1.0)
        _within("seed", self.seed, 0, 2**31 - 1)
        _within("threads", self.threads, 0, 1024)
        for width in self.hidden:
            _within("hidden width", width, 1, 65_536)
        for parameter in FAMILIES[self.family].parameters:
            _within(parameter.name, self.parameters[parameter.name], parameter.minimum, parameter.maximum)
        if not self.name.strip() or any(sign in self.name for sign in "/\\\0"):
            raise UserError(f"{self.name!r} cannot be a model's name; choose one without slashes")
        if self.binarised not in BINARISED:
            raise UserError(f"unknown binarisation {self.binarised!r}; known: {', '.join(BINARISED)}")

    @property
    def spec(self) -> ModelSpec:
        return ModelSpec(
            family=self.family,
            body=self.body,
            image_shape=DATASETS[self.dataset].image_shape,
            hidden=self.hidden,
            parameters=dict(self.parameters),
        )

    @property
    def command(self) -> str:
        """The line that runs this again."""
        words = ["vae-explorer", "train", "--family", self.family, "--dataset", self.dataset, "--body", self.body]
        words += ["--hidden", *(str(width) for width in self.hidden), "--epochs", str(self.epochs)]
        words += ["--batch-size", str(self.batch_size), "--learning-rate", _exact(self.learning_rate)]
        for name, number in self.parameters.items():
            words += [f"--{name}", _exact(number)]
        words += ["--binarised", self.binarised, "--seed", str(self.seed), "--device", self.device]
        words += ["--threads", str(self.threads)] if self.threads else []
        return shlex.join([*words, f"--name={self.name}"])

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"hidden": list(self.hidden)}


def _exact(number: float) -> str:
    """The short form where it is the same number, else all digits."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


def _within(name: str, value: float, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        raise UserError(f"{name} {value:g} is out of range; choose a value from {low:g} to {high:g}")
