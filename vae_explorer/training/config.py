"""What to train, in plain values. Knows no torch, so that dialog and command line can check it before anything is loaded."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.kinds import Binarised, Optimiser, Part, PixelKind, Storage, Word
from vae_explorer.limits import LIMITS
from vae_explorer.machine import memory
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.check import check_names, check_numbers, check_within, parameters_of
from vae_explorer.models.cost import check_cost, check_memory
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS, likelihood_named
from vae_explorer.models.spec import GELU, ModelSpec, Parameter
from vae_explorer.training.validation import MAX_SHARE

K = TypeVar("K", bound=Word)
DEVICES = ("cpu", "cuda", "mps", "auto")
MAX_AUGMENT = 4.0
_MANY_IMAGES = 10_000


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training run. Raises `UserError` where a value is out of range or a name unknown."""

    family: str = "vae"
    dataset: str = "digits"
    likelihood: str = ""  # empty: the family's first
    body: str = ""  # empty: the family's first
    hidden: tuple[int, ...] = ()  # empty: the body's own default for the image size
    epochs: int = 0  # 0: what suits the data set's size
    batch_size: int = 0  # 0: likewise, and no more than there are training images
    learning_rate: float = field(default=None)  # type: ignore[assignment]  # the schedule's peak; None: the family's own
    parameters: Mapping[str, float] = field(default_factory=dict)  # of family and likelihood; missing ones take their default
    seed: int = 0
    device: str = "cpu"
    binarised: Binarised = field(default=None)  # type: ignore[assignment]  # empty: dynamic where family and likelihood take binary images, else their figure is no likelihood's
    activation: str = GELU
    storage: Storage = Storage.FULL  # of weights and codes in the model file
    name: str = ""  # empty: '<dataset>-<family>'
    threads: int = 0  # 0: torch's own choice
    optimiser: Optimiser = Optimiser.ADAM
    augment: float = 0.0  # strength of the random affine maps that half of the training images are moved by
    validation: float = 0.0  # share of the training images that the run holds out and measures in place of the test images

    def __post_init__(self) -> None:
        family, dataset = FAMILIES[self.family], DATASETS[self.dataset]
        put = partial(object.__setattr__, self)
        put("likelihood", likelihood_named(self.likelihood) if self.likelihood else family.likelihoods[0])
        put("body", self.body or family.bodies[0])
        usual = Binarised.DYNAMIC if takes_binary(self.family, self.likelihood) else Binarised.NONE
        put("binarised", _kind("binarisation", self.binarised or usual, Binarised))
        put("storage", _kind("storage", self.storage, Storage))
        put("optimiser", _kind("optimiser", self.optimiser, Optimiser))
        self._check_names()
        pixels = dataset.image_shape[0] * dataset.image_shape[1]
        put("hidden", tuple(self.hidden) or BODIES[self.body].default_hidden(pixels))
        defaults = {parameter.name: parameter.default for parameter in parameters_of(self.family, self.likelihood)}
        put("parameters", defaults | dict(self.parameters))
        few = dataset.size[0] < _MANY_IMAGES
        put("epochs", self.epochs or (300 if few else 30))
        put("batch_size", self.batch_size or usual_batch(self.dataset))
        put("learning_rate", family.learning_rate if self.learning_rate is None else self.learning_rate)
        put("name", self.name or f"{self.dataset}-{self.family}")
        self._check_numbers()

    def _check_names(self) -> None:
        family, likelihood = FAMILIES[self.family], LIKELIHOODS[self.likelihood]
        check_names(self.family, self.body, self.likelihood, self.activation)
        if self.binarised is Binarised.DYNAMIC and likelihood.pixels is not PixelKind.BINARY:
            raise UserError(f"{likelihood.title} is a likelihood of grey pixels; choose binarised none, or the Bernoulli")
        if self.activation != GELU and not BODIES[self.body].activated:
            raise UserError(f"body {self.body!r} has gates in place of an activation; leave the activation out")
        if self.binarised is Binarised.DYNAMIC and family.grey:
            raise UserError(
                f"the discriminator of {self.family} would tell binary images from drawn ones by their pixels; "
                "choose binarised none"
            )
        if self.augment and family.grey:
            raise UserError(
                f"the discriminator of {self.family} would take moved images for those to draw; leave the augmentation out"
            )
        if self.optimiser is Optimiser.MUON and family.is_game:
            raise UserError(
                f"the networks of {self.family} are trained against one another, and with Muon's large steps one of them wins; "
                "leave the optimiser at adam"
            )
        mine = {parameter.name for parameter in parameters_of(self.family, self.likelihood)}
        for name in set(self.parameters) - mine:
            others = [other for other in FAMILIES if name in _names(FAMILIES[other].parameters)]
            others += [f"likelihood {other}" for other in LIKELIHOODS if name in _names(LIKELIHOODS[other].parameters)]
            have = f"; {', '.join(others)} has it" if others else ""
            raise UserError(
                f"family {self.family!r} has no parameter {name!r}; known: {', '.join(sorted(mine)) or 'none'}{have}"
            )

    def _check_numbers(self) -> None:
        check_within("epochs", self.epochs, 1, 100_000)
        self._check_batch()
        check_within("learning rate", self.learning_rate, 1e-7, 1.0)
        check_within("seed", self.seed, 0, 2**31 - 1)
        check_within("threads", self.threads, 0, 1024)
        check_within("augmentation", self.augment, 0.0, MAX_AUGMENT)
        check_within("validation share", self.validation, 0.0, MAX_SHARE)
        check_numbers(self.hidden, self.parameters, parameters_of(self.family, self.likelihood))
        LIMITS["name"].check(len(self.name))
        check_cost(self.spec)
        check_memory(self.spec, self.batch_size, memory() if self.device == "cpu" else None)
        if not self.name.strip() or any(sign in self.name for sign in "/\\\0"):
            raise UserError(f"{self.name!r} cannot be a model's name; choose one without slashes")
        if self.name != self.name.encode(errors="replace").decode():
            raise UserError(f"{self.name!r} cannot be a model's name; choose one of letters that the terminal knows")

    def _check_batch(self) -> None:
        images = max(1, DATASETS[self.dataset].size[0])
        if self.batch_size > images:
            raise UserError(
                f"batch size {self.batch_size} is more than the {images:,} training images of {self.dataset}; "
                f"choose at most {images}, or leave it out"
            )
        check_within("batch size", self.batch_size, 1, images)

    @property
    def spec(self) -> ModelSpec:
        return ModelSpec(
            family=self.family,
            body=self.body,
            image_shape=DATASETS[self.dataset].image_shape,
            hidden=self.hidden,
            likelihood=self.likelihood,
            parameters=dict(self.parameters),
            activation=self.activation,
            classes=len(DATASETS[self.dataset].classes) if FAMILIES[self.family].conditional else 0,
        )

    @property
    def command(self) -> str:
        """The line that runs this again."""
        words = ["vae-explorer", "train", "--family", self.family, "--dataset", self.dataset]
        words += ["--likelihood", self.likelihood, "--body", self.body]
        words += ["--activation", self.activation] if BODIES[self.body].activated else []
        words += ["--hidden", *(str(width) for width in self.hidden), "--epochs", str(self.epochs)]
        words += ["--batch-size", str(self.batch_size), "--learning-rate", _exact(self.learning_rate)]
        for name, number in self.parameters.items():
            words += [f"--{name.replace('_', '-')}", _exact(number)]
        words += ["--optimiser", self.optimiser] if self.optimiser is not Optimiser.ADAM else []
        words += ["--augment", _exact(self.augment)] if self.augment else []
        words += ["--validation", _exact(self.validation)] if self.validation else []
        words += ["--binarised", self.binarised, "--seed", str(self.seed), "--device", self.device]
        words += ["--threads", str(self.threads)] if self.threads else []
        words += ["--storage", self.storage] if self.storage is not Storage.FULL else []
        return shlex.join([*words, f"--name={self.name}"])

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"hidden": list(self.hidden)}


def measured_part(config: TrainConfig) -> Part:
    """Name the part of the data set that a run measures after each epoch."""
    return Part.VALIDATION if config.validation else Part.TEST


def usual_batch(dataset: str) -> int:
    """The batch size of a run that is given none: the usual one, or all training images where there are fewer."""
    images = DATASETS[dataset].size[0]
    return max(1, min(64 if images < _MANY_IMAGES else 256, images))


def takes_binary(family: str, likelihood: str) -> bool:
    """Whether a run of this family with this likelihood can draw binary images."""
    return LIKELIHOODS[likelihood].pixels is PixelKind.BINARY and not FAMILIES[family].grey


def _kind(what: str, name: str, kinds: type[K]) -> K:
    """The member of `kinds` that `name` writes. Raises `UserError` where there is none."""
    try:
        return kinds(name)
    except ValueError:
        raise UserError(f"unknown {what} {name!r}; known: {', '.join(each.value for each in kinds)}") from None


def _names(parameters: tuple[Parameter, ...]) -> set[str]:
    return {parameter.name for parameter in parameters}


def _exact(number: float) -> str:
    """The short form where it is the same number, else all digits."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))
