"""The configuration of a run, in plain values. Knows no torch."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.foreign import file_stem
from vae_explorer.kinds import Binarised, Optimiser, Part, Storage
from vae_explorer.limits import LIMITS
from vae_explorer.machine import memory
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.check import check_classes, check_names, check_numbers, check_within, parameters_of
from vae_explorer.models.cost import check_cost, check_memory
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import ALIASES, LIKELIHOODS, likelihood_named
from vae_explorer.models.spec import ACTIVATIONS, GELU, LATENT_DIM, ModelSpec, Parameter
from vae_explorer.training.options import Option, Tick, exact, flag, option, options_of
from vae_explorer.training.usual import (
    usual_batch,
    usual_binarised,
    usual_body,
    usual_epochs,
    usual_layers,
    usual_likelihood,
    why_not_activation,
    why_not_augment,
    why_not_binarised,
    why_not_latents,
    why_not_optimiser,
)
from vae_explorer.training.validation import MAX_SHARE, USUAL_SHARE

DEVICES = ("cpu", "cuda", "mps", "auto")
MAX_AUGMENT = 4.0
_MOST_EPOCHS, _MOST_WHOLE = 100_000, 2**31 - 1


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training run. Raises `UserError` on a bad value or an unknown name.

    A field at its default takes what its record calls usual. The fields have the order of the command.
    """

    family: str = option(Option(str, "vae", "model family (see 'list families')", written=True, title="Family"))
    dataset: str = option(Option(str, "digits", "data set (see 'list datasets')", written=True, title="Data"))
    likelihood: str = option(
        Option(
            str,
            "",
            f"{', '.join(LIKELIHOODS)}; or by its loss: {', '.join(ALIASES)}",
            usual=lambda config: usual_likelihood(config.family, config.data),
            read=likelihood_named,
            written=True,
            title="Likelihood",
        )
    )
    body: str = option(
        Option(
            str,
            "",
            f"{', '.join(BODIES)} (default: the family's first; resconv for images above 40 pixels)",
            usual=lambda config: usual_body(config.family, config.data),
            written=True,
            title="Body",
        )
    )
    activation: str = option(
        Option(
            str,
            GELU,
            "of the hidden layers (all bodies but gru)",
            choices=ACTIVATIONS,
            why_not=why_not_activation,
            written=True,
            title="Activation",
            lettering=str.upper,
        )
    )
    hidden: tuple[int, ...] = option(
        Option(
            int,
            (),
            "widths of the MLP's layers, or channels",
            many=True,
            metavar="N",
            usual=lambda config: usual_layers(config.body, config.data),
            written=True,
            title="Layers",
            tip="Widths of the encoder's hidden layers, or channels of its convolutions; the decoder has them in reverse order",
        )
    )
    latent_dim: int = option(
        Option(
            int,
            LATENT_DIM,
            f"number of latents; with more than 2 the map shows a section (default: {LATENT_DIM})",
            word="number of latents",
            limits=(1, LIMITS["latents"].most),
            metavar="D",
            why_not=why_not_latents,
            title="Latents",
            tip="With 2 latents the map shows the whole latent space, with more it shows a section",
        )
    )
    epochs: int = option(
        Option(
            int,
            0,
            "default: 300 for small data sets, else 30; for large images by the number of steps",
            limits=(1, _MOST_EPOCHS),
            usual=lambda config: usual_epochs(config.data),
            written=True,
            title="Epochs",
        )
    )
    batch_size: int = option(
        Option(
            int,
            0,
            "default: 64 for small data sets, else 256; at most all training images",
            word="batch size",
            limits=(1, _MOST_WHOLE),
            usual=lambda config: usual_batch(config.data),
            written=True,
            title="Batch size",
        )
    )
    learning_rate: float = option(
        Option(
            float,
            None,
            "peak of the one-cycle schedule (default: the family's)",
            word="learning rate",
            limits=(1e-7, 1.0),
            usual=lambda config: FAMILIES[config.family].learning_rate,
            written=True,
            title="Peak learning rate",
        )
    )
    parameters: Mapping[str, float] = field(default_factory=dict)  # of family and likelihood, completed by defaults
    optimiser: Optimiser = option(
        Option(
            Optimiser,
            Optimiser.ADAM,
            "muon: weight matrices take orthogonal steps; each step learns more and takes longer (default: adam)",
            why_not=why_not_optimiser,
            title="Optimiser",
            tip="Muon takes orthogonal steps with the weight matrices of an MLP. An epoch learns more and takes longer",
            lettering=str.capitalize,
        )
    )
    augment: float = option(
        Option(
            float,
            0.0,
            "rotate, shear, scale and shift half of the training images at random; at 1 by stds of 7°, 0.12, 6 % and 3 % of "
            f"half a side; at most {MAX_AUGMENT:g} (default: not at all)",
            word="augmentation",
            limits=(0.0, MAX_AUGMENT),
            metavar="S",
            why_not=why_not_augment,
            title="Augment",
            tip="Half of the training images are rotated, sheared, scaled and shifted at random. At 1: rotation 7°, shear 0.12, "
            "scale 6 %, shift 3 % of half a side (stds).",
        )
    )
    validation: float = option(
        Option(
            float,
            0.0,
            "hold out this share of the training images (0.1: a tenth) and measure it after each epoch in place of the test images; "
            "choose settings by it (default: hold out none)",
            word="validation share",
            limits=(0.0, MAX_SHARE),
            metavar="SHARE",
            title="Validation",
            tip="The run does not train on this tenth of the training images, and measures it after each epoch. Choose settings by "
            "its figures. The test images are then measured once, at the end of the run.",
            tick=Tick("hold out a tenth of the images", USUAL_SHARE, 0.0),
        )
    )
    binarised: Binarised = option(
        Option(
            Binarised,
            None,
            "draw binary images for every batch (default: dynamic with the Bernoulli, where the family takes them)",
            word="binarisation",
            usual=lambda config: usual_binarised(config.family, config.likelihood),
            why_not=why_not_binarised,
            off=Binarised.NONE,
            written=True,
            title="Binarise",
            tip="The ELBO then bounds a likelihood that compares with published values. BCE is no likelihood of grey pixels",
            tick=Tick("draw binary images anew for every batch", Binarised.DYNAMIC, Binarised.NONE),
        )
    )
    seed: int = option(Option(int, 0, limits=(0, _MOST_WHOLE), written=True, title="Seed"))
    device: str = option(Option(str, "cpu", "cpu, cuda, mps or auto", offered=DEVICES, written=True, title="Device"))
    threads: int = option(Option(int, 0, "torch threads (default: torch's own choice)", limits=(0, 1024)))
    storage: Storage = option(Option(Storage, Storage.FULL, "half: a model file of half the size"))
    name: str = option(
        Option(
            str,
            "",
            "the model's name (default: that of the file of --out, else DATASET-FAMILY)",
            usual=lambda config: f"{file_stem(config.dataset)}-{config.family}",
            written=True,
            joined=True,
        )
    )

    own: DatasetSpec | None = None  # of a person's own images; None: `dataset` is in the table

    def __post_init__(self) -> None:
        FAMILIES[self.family], self.data
        for name, each in options_of(type(self)).items():
            object.__setattr__(self, name, each.settled(getattr(self, name), self, name))
        defaults = {parameter.name: parameter.default for parameter in parameters_of(self.family, self.likelihood)}
        given = dict(self.parameters)
        object.__setattr__(self, "parameters", defaults | given)
        check_names(self.family, self.body, self.likelihood, self.activation)
        self._check_parameter_names(given)
        check_classes(self.family, len(self.data.classes))
        self._check_batch()
        for name, each in options_of(type(self)).items():
            each.check(getattr(self, name), self, name)
        check_numbers(self.hidden, self.parameters, parameters_of(self.family, self.likelihood))
        self._check_name()
        check_cost(self.spec)
        check_memory(self.spec, self.batch_size, memory() if self.device == "cpu" else None)

    def _check_parameter_names(self, given: Mapping[str, float]) -> None:
        mine = _names(parameters_of(self.family, self.likelihood))
        for name in set(given) - mine:
            others = [other for other in FAMILIES if name in _names(FAMILIES[other].parameters)]
            others += [f"likelihood {other}" for other in LIKELIHOODS if name in _names(LIKELIHOODS[other].parameters)]
            have = f"; {', '.join(others)} has it" if others else ""
            raise UserError(
                f"family {self.family!r} has no parameter {name!r}; known: {', '.join(sorted(mine)) or 'none'}{have}"
            )

    def _check_batch(self) -> None:
        images = max(1, self.data.size[0])
        if self.batch_size > images:
            raise UserError(
                f"batch size {self.batch_size} is more than the {images:,} training images of {self.dataset}; "
                f"choose at most {images}, or leave it out"
            )
        check_within("batch size", self.batch_size, 1, images)

    def _check_name(self) -> None:
        LIMITS["name"].check(len(self.name))
        if not self.name.strip() or any(sign in self.name for sign in "/\\\0"):
            raise UserError(f"{self.name!r} cannot be a model's name; choose one without slashes")
        if self.name != self.name.encode(errors="replace").decode():
            raise UserError(f"{self.name!r} cannot be a model's name; choose one of letters that the terminal knows")

    @property
    def data(self) -> DatasetSpec:
        """The data set of the run."""
        return self.own or DATASETS[self.dataset]

    @property
    def spec(self) -> ModelSpec:
        return ModelSpec(
            family=self.family,
            body=self.body,
            image_shape=self.data.image_shape,
            hidden=self.hidden,
            likelihood=self.likelihood,
            latent_dim=self.latent_dim,
            parameters=dict(self.parameters),
            activation=self.activation,
            classes=len(self.data.classes) if FAMILIES[self.family].conditional else 0,
        )

    @property
    def command(self) -> str:
        words, options = ["vae-explorer", "train"], options_of(type(self))
        for each in fields(self):
            if each.name in options:
                words += options[each.name].arguments(each.name, self)
            elif each.name == "parameters":
                words += [word for name, number in self.parameters.items() for word in (flag(name), exact(number))]
        return shlex.join(words)

    def to_json(self) -> dict[str, Any]:
        values = asdict(self) | {"hidden": list(self.hidden)}
        return {name: value for name, value in values.items() if name != "own"}


def measured_part(config: TrainConfig) -> Part:
    """Return the part of the data set that a run measures after each epoch."""
    return Part.VALIDATION if config.validation else Part.TEST


def _names(parameters: tuple[Parameter, ...]) -> set[str]:
    return {parameter.name for parameter in parameters}
